"""The draft: a site file that nobody has put in force, and what can be said of it beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from kiosk.contract.site import Site
from kiosk.contract.site_file import Fault, SiteFileError, faults_of, parse_site
from server_stub.site_differences import Difference, DiffLine, diff_lines, differences
from server_stub.site_versions import SiteVersion, newest
from server_stub.taking_site import (
    Consequences,
    SiteNotTakenError,
    consequences,
    require_followable,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A site file as somebody has written it.

    Attributes:
        toml: The text.
        seen: The number of the version that was in force when they began.
        based_on: The number of the version that it is a return to, if it is.

    """

    toml: str
    seen: int
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What can be said of a draft.

    Attributes:
        draft: Which.
        in_force: The version that it would follow.
        site: What it describes; None where it has faults.
        faults: What is wrong with it, in the order of its lines.
        refusal: Why it cannot follow the one in force, although it has no fault; "" where it can.
        differences: What it has otherwise, thing by thing.
        lines: What it has otherwise, line by line.
        consequences: What it does to who is here; None where it cannot be put in force.

    """

    draft: Draft
    in_force: SiteVersion
    site: Site | None = None
    faults: Sequence[Fault] = ()
    refusal: str = ""
    differences: Sequence[Difference] = ()
    lines: Sequence[DiffLine] = ()
    consequences: Consequences | None = None

    @property
    def may_be_taken(self) -> bool:
        """Whether it can be put in force."""
        return self.consequences is not None

    @property
    def is_late(self) -> bool:
        """Whether another version was put in force since it was begun."""
        return self.in_force.number != self.draft.seen


def check(connection: Connection, now: Site, draft: Draft, *, at: datetime) -> Checked:
    """Return what can be said of a draft before it is put in force.

    Args:
        connection: To the store; nothing is changed.
        now: The site in force.
        draft: Which.
        at: The present moment.

    """
    in_force = newest(connection, now.id)
    lines = diff_lines(in_force.toml, draft.toml)
    if faults := faults_of(draft.toml):
        return Checked(draft, in_force, faults=faults, lines=lines)
    site = parse_site(draft.toml, source="site.toml")
    told = differences(now, site)
    try:
        require_followable(connection, now, site, at=at)
    except SiteNotTakenError as error:
        return Checked(draft, in_force, site, refusal=str(error), differences=told, lines=lines)
    done = consequences(connection, site)
    return Checked(draft, in_force, site, differences=told, lines=lines, consequences=done)


def differences_of_files(before: str, after: str) -> list[Difference]:
    """Return what a file has otherwise than another; nothing where one cannot be read any more."""
    try:
        now, then = (parse_site(toml, source="site.toml") for toml in (before, after))
    except SiteFileError:
        return []
    return differences(now, then)
