"""The desk's series: the numbers that staff issue by hand, under a letter of their own.

It is an enrolment of kind "desk", made when it is first needed, and never rolls back.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update

from kiosk.contract.series import DESK, FIRST, LAST, Series
from kiosk.contract.site import ALL_SERIES, SERIES_LETTERS, Site
from server_stub import tables
from server_stub.fleet_letters import letters_in_use
from server_stub.hindrances import Hindrance, Reason
from server_stub.step_errors import NoLetterError

KIND = "desk"


@dataclass(frozen=True, slots=True)
class DeskNumber:
    """A number that staff issue.

    Attributes:
        desk: The name under which the series is enrolled.
        sequence: Counts what was issued.
        number: As it is called.

    """

    desk: str
    sequence: int
    number: str


def take_number(connection: Connection, site: Site, *, enrolment: UUID, at: datetime) -> DeskNumber:
    """Issue the next number that no open visit holds.

    Args:
        connection: In the writer's transaction, which holds the site's row.
        site: The site in force.
        enrolment: The id of the series, if this is its first number.
        at: When it is issued.

    Raises:
        NoLetterError: Kiosks have all letters.

    """
    t = tables.kiosk.c
    desk = connection.execute(
        select(t.enrolment, t.name, t.letter, t.highest_sequence).where(
            t.site == site.id, t.kind == KIND, t.retired_at.is_(None)
        )
    ).one_or_none()
    if desk is None:
        name, letter = _enrol(connection, site, enrolment=enrolment, at=at)
        highest = 0
    else:
        enrolment, name, letter, highest = desk
    sequence, number = _next(connection, site, letter=letter, after=highest)
    connection.execute(
        update(tables.kiosk)
        .where(t.site == site.id, t.enrolment == enrolment)
        .values(highest_sequence=sequence, complete_to=sequence)
    )
    return DeskNumber(name, sequence, number)


def _next(connection: Connection, site: Site, *, letter: str, after: int) -> tuple[int, str]:
    """Return the next sequence and number; what is still held from the last round is left out."""
    t = tables.visit.c
    held = set(
        connection.execute(
            select(t.number).where(
                t.site == site.id, tables.visit_is_open, t.number.startswith(letter)
            )
        ).scalars()
    )
    series = Series(letter, skip=site.skip_numbers)
    for sequence in range(after + 1, after + LAST - FIRST + 2):
        if (number := series.number(sequence)) not in held:
            return sequence, number
    raise NoLetterError(Reason(Hindrance.NUMBERS_HELD, letter=letter))


def _enrol(connection: Connection, site: Site, *, enrolment: UUID, at: datetime) -> tuple[str, str]:
    """Make the series; kiosks take the single letters from the other end."""
    t = tables.kiosk.c
    names = set(
        connection.execute(
            select(t.name).where(t.site == site.id, t.retired_at.is_(None))
        ).scalars()
    )
    taken = letters_in_use(connection, site.id, now=at)
    in_order = dict.fromkeys((*reversed(SERIES_LETTERS), *ALL_SERIES))
    letter = next((free for free in in_order if free not in taken), None)
    if letter is None:
        raise NoLetterError(Reason(Hindrance.LETTERS_TAKEN))
    name = DESK if DESK not in names else f"{DESK}-{letter.lower()}"
    connection.execute(
        tables.kiosk.insert().values(
            site=site.id,
            enrolment=enrolment,
            name=name,
            letter=letter,
            kind=KIND,
            enrolled_at=at,
            highest_sequence=0,
            complete_to=0,
        )
    )
    return name, letter
