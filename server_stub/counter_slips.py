"""The slip of the counter page: a number in the party's language, for a printer at the desk.

What it says is what kiosks print, from the same catalogues.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from markupsafe import Markup

from kiosk.contract.site import Site
from server_stub.local_time import date_and_time
from server_stub.page_texts import own_language_name, read_catalogue
from server_stub.qr_picture import qr_svg
from server_stub.snapshot import VisitRow
from server_stub.ticket_texts import LANGUAGES, TicketTexts, direction

HOUSE_LANGUAGE = "de"
"""Stands beside the party's: for those who help."""

ELSE_LANGUAGE = "en"
"""Stands for the party's where that is unknown or has no texts."""

MOST_ON_A_SHORT_SLIP = 6
"""Places that fit on 110 mm of paper; more take a longer one."""


@dataclass(frozen=True, slots=True)
class Both:
    """A text in the party's language, and in German where that is another."""

    own: str
    german: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of the route: its landmark, what that shows, and its door."""

    landmark: str
    shows: str
    door: str


@dataclass(frozen=True, slots=True)
class CounterSlip:
    """A slip, ready to be shown and printed.

    Attributes:
        number: As called.
        language: The party's, or English where it is unknown.
        direction: Which way it is written: "ltr" or "rtl".
        language_name: What the party calls it; "" where it is unknown.
        site_name: On top.
        printed_at: By the site's clocks.
        heading: What the number is.
        keep: That the slip is to be kept.
        follow: What the QR code is for; None without one.
        address: Of the ticket page; "" without one.
        code: The address as a QR code; None without one.
        adults: How many.
        children: How many.
        stops: Where the party goes, from where it is now.
        is_copy: It was printed before.

    """

    number: str
    language: str
    direction: str
    language_name: str
    site_name: str
    printed_at: str
    heading: Both
    keep: Both
    follow: Both | None
    address: str
    code: Markup | None
    adults: int
    children: int
    stops: tuple[Stop, ...]
    is_copy: bool

    @property
    def is_long(self) -> bool:
        """Whether it needs more than 110 mm of paper."""
        return len(self.stops) > MOST_ON_A_SHORT_SLIP


def slip_of(visit: VisitRow, site: Site, *, now: datetime, token: str = "") -> CounterSlip:
    """Return the slip of a visit.

    Args:
        visit: Whose number it is.
        site: Where.
        now: When it is printed.
        token: The ticket's secret, known only when the number is given: a copy has no QR code.

    """
    language = visit.language if visit.language in LANGUAGES else ELSE_LANGUAGE
    address = (
        f"{site.public_address.rstrip('/')}/t/{token}" if site.public_address and token else ""
    )
    here = visit.route.index(visit.stage) if visit.stage in visit.route else 0
    stages = [stage for name in visit.route[here:] if (stage := site.stage(name))]
    texts = TicketTexts(language)
    return CounterSlip(
        number=visit.number,
        language=language,
        direction=direction(language),
        language_name=own_language_name(visit.language) if visit.language else "",
        site_name=site.name,
        printed_at=date_and_time(now, site.time_zone, language=HOUSE_LANGUAGE),
        heading=_both("Your number", language),
        keep=_both("Please keep this slip.", language),
        follow=_both("Your turn on your phone", language) if address else None,
        address=address,
        code=qr_svg(address, label=address) if address else None,
        adults=visit.adults,
        children=visit.children,
        stops=tuple(Stop(s.landmark, texts.landmark(s.landmark), s.door) for s in stages),
        is_copy=not token,
    )


def _both(text: str, language: str) -> Both:
    own, german = (_kiosk_text(text, known) for known in (language, HOUSE_LANGUAGE))
    return Both(own, "" if language == HOUSE_LANGUAGE else german)


@cache
def _kiosk_text(text: str, language: str) -> str:
    return read_catalogue(language, "kiosk").gettext(text)
