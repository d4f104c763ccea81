"""The filter of the incoming page: which parties its list shows. Pure.

The page's script does the same in the browser, with what stands in the rows: a live list is
rendered once for all who look at it.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from kiosk.contract.site import Site
from server_stub.page_texts import catalogue, language_name
from server_stub.snapshot import VisitRow

FINISHED = "finished"
"""Shows those who are not here any more; all else shows those who are."""

UNKNOWN = "unknown"
"""The language of a party whose check-in could not be read."""


@dataclass(frozen=True, slots=True)
class IncomingFilter:
    """What somebody wants to see.

    Attributes:
        show: A stage, `FINISHED`, or "" for everyone who is here.
        language: A language's code, `UNKNOWN`, or "" for all.
        need: A stage that the party's route has, or "" for all.
        find: Part of a number, or "".

    """

    show: str = ""
    language: str = ""
    need: str = ""
    find: str = ""

    def shows(self, visit: VisitRow) -> bool:
        """Return whether the list shows it."""
        return (
            visit.is_open == (self.show != FINISHED)
            and self.show in ("", FINISHED, visit.stage)
            and self.language in ("", visit.language or UNKNOWN)
            and (not self.need or self.need in visit.route)
            and self.find in visit.number
        )

    @property
    def narrows(self) -> bool:
        """Whether it shows fewer than its tab counts."""
        return bool(self.language or self.need or self.find)

    def address(self, **other: str) -> str:
        """Return the page's address with this filter, or one that is like it but for `other`."""
        asked = {"show": self.show, "language": self.language, "need": self.need, "find": self.find}
        query = urlencode({name: value for name, value in (asked | other).items() if value})
        return f"/staff?{query}" if query else "/staff"


def filter_of(site: Site, *, show: str, language: str, need: str, find: str) -> IncomingFilter:
    """Return the filter that was asked for; what the site does not have is left out."""
    stages = {stage.id for stage in site.stages}
    return IncomingFilter(
        show=show if show in stages or show == FINISHED else "",
        language=language if language in site.languages or language == UNKNOWN else "",
        need=need if need in stages else "",
        find="".join(find.upper().split())[:8],
    )


def tongues_of(site: Site, *, language: str) -> list[tuple[str, str]]:
    """Return the languages to choose from: code and name, by name, the unknown one last."""
    named = [(code, language_name(code, language=language)) for code in site.languages]
    unknown = catalogue(language).gettext("Language unknown")
    return [*sorted(named, key=lambda known: known[1]), (UNKNOWN, unknown)]
