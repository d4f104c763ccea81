"""Taking a site file: a new version is put in force while the site runs, and nobody is stranded.

Whoever is here stays here: stages that are gone are taken out of routes, a party at such a stage
goes on at the next one, and a party at a counter that is gone waits again in its old place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, func, select, update

from kiosk.contract.questions import Digits, FreeText
from kiosk.contract.site import Site
from kiosk.contract.site_file import parse_site
from server_stub import audit, event_log, postgresql, tables
from server_stub.actions import Action, Press
from server_stub.changes import store_changes
from server_stub.event_log import EventKind
from server_stub.retention_periods import PROMISE
from server_stub.site_moves import Move, Why, move
from server_stub.site_versions import (
    SiteVersion,
    add_version,
    in_force_since,
    newest,
    version_of,
)
from server_stub.snapshot import VisitRow, read_visits
from server_stub.ticket_texts import LANGUAGES

TAKE = "take-site"
"""What the action is called that all moves are part of."""

MOVED = "moved"
"""The mark of a visit whose stage a new site file has taken away."""


SPOKEN_ONLY = ("rom",)
"""Languages that kiosks offer as a call for a person who speaks them, and write nothing in."""


class SiteNotTakenError(Exception):
    """A site file is one, but cannot follow the one in force. The message says why."""


class SomebodyFasterError(Exception):
    """Another version was put in force meanwhile.

    Attributes:
        version: That one.

    """

    def __init__(self, version: SiteVersion) -> None:
        self.version = version
        super().__init__(
            f"version {version.number} was put in force meanwhile, by "
            f"{version.staff or 'the command line'}: look at it, then try again"
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A site file that somebody wants in force.

    Attributes:
        site: What it describes.
        toml: As it was written.
        staff: Who wants it; "" for the command line.
        seen: The number of the version that they took for the one in force.
        note: What they say about it.
        based_on: The number of the version that it is a return to, if it is.

    """

    site: Site
    toml: str
    staff: str
    seen: int
    note: str | None = None
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a site file does to who and what is here.

    Attributes:
        moves: Open visits that it changes, by number, each with what it makes of them.
        displays: Call displays that lose stages: name to the stages that are left, none for
            those that show the calls of all stages then.

    """

    moves: tuple[tuple[VisitRow, Move], ...]
    displays: tuple[tuple[str, tuple[str, ...]], ...]


def proposed(toml: str, *, source: str, **told: Any) -> Proposal:  # noqa: ANN401  # as below
    """Return a file as a proposal, or raise SiteFileError with file, line and reason.

    Args:
        toml: The file.
        source: What it is called in errors.
        told: The rest of `Proposal`.

    """
    return Proposal(parse_site(toml, source=source), toml, **told)


def return_to(connection: Connection, site: str, number: int, **told: Any) -> Proposal:  # noqa: ANN401  # as above
    """Return an older version as a proposal.

    Args:
        connection: To the store.
        site: The site's id.
        number: Of the version.
        told: The rest of `Proposal`.

    Raises:
        UnknownVersionError: There is none of that number.
        SiteFileError: This program cannot read it any more.

    """
    before = version_of(connection, site, number)
    return proposed(before.toml, source=f"version {number}", based_on=number, **told)


def require_followable(connection: Connection, now: Site, then: Site, *, at: datetime) -> None:
    """Raise SiteNotTakenError where what is stored would mean something else under a new file.

    What parties entered may be there for as long as kiosks promise, also where the site file in
    force asks for it no more.

    Args:
        connection: To the store.
        now: The site in force.
        then: The one that is to follow.
        at: When.

    """
    for key, why in _KEPT.items():
        is_so, wanted = getattr(now, key), getattr(then, key)
        if is_so != wanted:
            raise SiteNotTakenError(f"{key} is {_told(is_so)} and not {_told(wanted)}: {why}")
    asked = (q for site in in_force_since(connection, now, at - PROMISE) for q in site.questions)
    entered = {q.id for q in asked if isinstance(q, Digits | FreeText)}
    for_all = {q.id for q in then.questions if not isinstance(q, Digits | FreeText)}
    if opened := ", ".join(sorted(entered & for_all)):
        raise SiteNotTakenError(
            f"what parties have entered for {opened} is for certain readers, and what is chosen "
            "or counted is for all: give the new question another id"
        )
    shown = [code for code in then.languages if code not in LANGUAGES]
    spoken = [code for code in then.audio_languages if code not in SPOKEN_ONLY]
    if unknown := ", ".join([*shown, *spoken]):
        raise SiteNotTakenError(
            f"kiosks do not speak {unknown}, and would keep the old file; they write in "
            f"{', '.join(LANGUAGES)}, and offer {', '.join(SPOKEN_ONLY)} by ear"
        )


_KEPT = {
    "id": "all that is stored belongs to the site of that name; make another store with: "
    "python -m server_stub init",
    "time_zone": "the days that are stored would begin at another hour",
    "skip_numbers": "numbers that are given out could come again on the same day",
}
"""What no new site file changes, and why."""


def _told(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)


def consequences(connection: Connection, site: Site) -> Consequences:
    """Return what a site file would do to who and what is here now."""
    order = (tables.visit.c.number, tables.visit.c.id)
    here = read_visits(connection, site.id, tables.visit_is_open, order_by=order)
    return Consequences(
        moves=moves_of(here, site),
        displays=tuple(_displays(connection, site)),
    )


def moves_of(here: Iterable[VisitRow], site: Site) -> tuple[tuple[VisitRow, Move], ...]:
    """Return the open visits that a site changes, each with what it makes of them."""
    moves = ((visit, move(visit.progress, site)) for visit in here)
    return tuple((visit, made) for visit, made in moves if made)


def _displays(connection: Connection, site: Site) -> list[tuple[str, tuple[str, ...]]]:
    t, there = tables.display.c, {stage.id for stage in site.stages}
    shown = connection.execute(
        select(t.name, t.stages).where(t.site == site.id, t.stages != "").order_by(t.name)
    )
    left = [(row.name, row.stages.split()) for row in shown]
    return [
        (name, tuple(stage for stage in stages if stage in there))
        for name, stages in left
        if not there.issuperset(stages)
    ]


def take_site(
    connection: Connection, now: Site, *, proposal: Proposal, at: datetime
) -> SiteVersion:
    """Put a site file in force, and let everybody who is here fit into it.

    The same proposal again changes nothing.

    Args:
        connection: In the writer's transaction, with the site's row locked.
        now: The site in force.
        proposal: What comes after it.
        at: When.

    Raises:
        SiteNotTakenError: It cannot follow the one in force.
        SomebodyFasterError: Another one was put in force meanwhile.

    """
    last = newest(connection, now.id)
    if last.number != proposal.seen:
        if (last.toml, last.staff, last.based_on) == _who_wants_what(proposal):
            return last
        raise SomebodyFasterError(last)
    require_followable(connection, now, proposal.site, at=at)
    made = SiteVersion(
        last.number + 1,
        proposal.site.version,
        proposal.toml,
        taken_at=at,
        staff=proposal.staff,
        note=proposal.note or None,
        based_on=proposal.based_on,
    )
    done = consequences(connection, proposal.site)
    add_version(connection, proposal.site, made)
    move_all(connection, proposal.site, done.moves, staff=proposal.staff, at=at)
    _set_displays(connection, proposal.site, done.displays)
    _tell(connection, made, proposal.site, at=at)
    return made


def _who_wants_what(proposal: Proposal) -> tuple[str, str, int | None]:
    return proposal.toml, proposal.staff, proposal.based_on


def move_all(
    connection: Connection,
    site: Site,
    moves: Sequence[tuple[VisitRow, Move]],
    *,
    staff: str,
    at: datetime,
) -> None:
    """Store what becomes of parties; their own history tells it too.

    Args:
        connection: In the writer's transaction.
        site: Where they go on.
        moves: What it makes of them.
        staff: Who put it in force, or has opened their visits again since.
        at: When.

    """
    if not moves:
        return
    press = Press(uuid4(), staff=staff, role="lead")
    whole = Action(connection, site, press, step=TAKE, at=at)
    whole.note()
    changes = [
        replace(whole, step=made.step).part(visit, made.of(visit.progress, at=at))
        for visit, made in moves
    ]
    store_changes(connection, site.id, changes)
    t, strangers = tables.visit.c, [v.id for v, made in moves if made.why is Why.STAGE]
    if strangers:
        connection.execute(
            update(tables.visit)
            .where(t.site == site.id, t.id.in_(strangers), t.marked == "")
            .values(marked=MOVED)
        )


def _set_displays(
    connection: Connection, site: Site, displays: Sequence[tuple[str, tuple[str, ...]]]
) -> None:
    t = tables.display.c
    for name, stages in displays:
        connection.execute(
            update(tables.display)
            .where(t.site == site.id, t.name == name)
            .values(stages=" ".join(stages))
        )


def _tell(connection: Connection, made: SiteVersion, site: Site, *, at: datetime) -> None:
    """Write down who did it, and tell pages and other processes."""
    returned = f", as version {made.based_on} was" if made.based_on else ""
    audit.note(
        connection,
        site.id,
        staff=made.staff,
        act="site-taken",
        about=f"version {made.number}{returned}",
        detail=made.note,
        now=at,
    )
    event_log.append(
        connection, site.id, kind=EventKind.SITE, about=None, at=at, detail=str(made.number)
    )
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(postgresql.CHANNEL, postgresql.NEW_SITE_FILE)))
