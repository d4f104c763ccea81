"""The letters of series: which of them the next kiosk, or the desk, may give out numbers under.

A letter is given again only when no number of its former series can still turn up: its kiosk is
retired, all that it gave out has come, nobody who holds one of its numbers is here, and two days
have passed. For no two parties may hold the same number.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, select

from kiosk.contract.series import letter_of
from kiosk.contract.site import ALL_SERIES
from server_stub import tables
from server_stub.admin_act import AdministrationError

REST: timedelta = timedelta(hours=48)
"""As long as a number is good for: a party that was carried over may come back with it."""

FORGOTTEN: timedelta = timedelta(days=30)
"""A retired kiosk that has not delivered by then will not: it was lost, or its disk."""


class NoLetterLeftError(AdministrationError):
    """All letters are given out, or rest."""

    def __init__(self) -> None:
        super().__init__(
            f"all letters are given out ({', '.join(ALL_SERIES)}): one server takes "
            f"{len(ALL_SERIES)} kiosks, one fewer where staff issue numbers by hand; "
            "those of retired kiosks are free again two days after their last check-in came"
        )


class NoSuchLetterError(AdministrationError):
    """No series may begin with it."""

    def __init__(self, letter: str, free: Collection[str]) -> None:
        super().__init__(
            f"{letter!r} is no letter of a series; free are: {', '.join(free) or 'none'}"
        )


class LetterTakenError(AdministrationError):
    """Numbers with this letter may still be in people's hands.

    Attributes:
        letter: Which one.
        free: Those that can be had instead.

    """

    def __init__(self, letter: str, free: Collection[str]) -> None:
        self.letter = letter
        self.free = tuple(free)
        super().__init__(
            f"letter {letter} is another kiosk's, or was until lately; "
            f"free are: {', '.join(free) or 'none'}"
        )


def free_letters(connection: Connection, site: str, *, now: datetime) -> list[str]:
    """Return the letters that may be given out, in the order in which they are."""
    taken = letters_in_use(connection, site, now=now)
    return [letter for letter in ALL_SERIES if letter not in taken]


def choose_letter(connection: Connection, site: str, *, wanted: str | None, now: datetime) -> str:
    """Return the letter that is wanted, or the first free one; raise where it cannot be had."""
    free = free_letters(connection, site, now=now)
    if wanted is None:
        if not free:
            raise NoLetterLeftError
        return free[0]
    if wanted not in ALL_SERIES:
        raise NoSuchLetterError(wanted, free)
    if wanted not in free:
        raise LetterTakenError(wanted, free)
    return wanted


def letters_in_use(connection: Connection, site: str, *, now: datetime) -> set[str]:
    """Return the letters under which a number may still be given out, delivered or called."""
    kiosk, report = tables.kiosk.c, tables.kiosk_report.c
    reported = and_(report.site == kiosk.site, report.enrolment == kiosk.enrolment)
    rows = connection.execute(
        select(
            kiosk.letter,
            kiosk.retired_at,
            kiosk.highest_sequence,
            kiosk.complete_to,
            report.highest_sequence.label("given_out"),
        )
        .outerjoin_from(tables.kiosk, tables.kiosk_report, reported)
        .where(kiosk.site == site)
    )
    taken = _letters_of_open_visits(connection, site)
    for row in rows:
        all_here = row.complete_to >= max(row.highest_sequence, row.given_out or 0)
        if row.retired_at is None or _rests(now - row.retired_at, all_here=all_here):
            taken.add(row.letter)
    return taken


def _rests(retired_for: timedelta, *, all_here: bool) -> bool:
    return retired_for < (REST if all_here else FORGOTTEN)


def _letters_of_open_visits(connection: Connection, site: str) -> set[str]:
    t = tables.visit.c
    numbers = connection.execute(
        select(t.number).where(t.site == site, tables.visit_is_open)
    ).scalars()
    return {letter_of(number) for number in numbers}
