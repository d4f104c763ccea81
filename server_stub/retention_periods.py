"""The periods of retention: for how long each kind of data is kept, and between which bounds.

Kiosks tell every party that its answers are deleted after two days: what is known of parties can
be kept for less, and never for more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection, select, update

from kiosk.contract.questions import Digits, FreeText
from kiosk.contract.site import Site
from server_stub import tables
from server_stub.admin_act import AdminAct, AdministrationError

PROMISED_HOURS = 48
"""What kiosks tell every party before the first question."""

PROMISE = timedelta(hours=PROMISED_HOURS)

STILL_ANSWERED = timedelta(days=30)
"""So long a site file may be answered after the next one is put in force: at a kiosk that is
offline. Its parties' answers then go as that file has told them, and with them all others."""

A_DAY = 24


class Kind(StrEnum):
    """A kind of data that is deleted for its age."""

    ANSWERS = "answers"
    """What parties answered, sealed as it came."""
    TICKETS = "tickets"
    """What lets a phone follow a ticket, and what became of its slip."""
    VISITS = "visits"
    """Numbers, languages, sizes, routes and times of parties, and what was done with each."""
    HELP_CALLS = "help-calls"
    """Who was called to which kiosk, and who went."""
    AUDIT = "audit"
    """Who of the staff did what, and when."""


@dataclass(frozen=True, slots=True)
class Period:
    """For how long a kind of data is kept.

    Attributes:
        hours: After its visit has ended, or after it was written.
        least: Hours; with less, staff could not do their work.
        most: Hours.

    """

    hours: int
    least: int
    most: int

    @property
    def length(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(hours=self.hours)


DEFAULTS: Mapping[Kind, Period] = {
    Kind.ANSWERS: Period(48, least=1, most=PROMISED_HOURS),
    Kind.TICKETS: Period(48, least=1, most=PROMISED_HOURS),
    Kind.VISITS: Period(48, least=A_DAY, most=PROMISED_HOURS),
    Kind.HELP_CALLS: Period(48, least=A_DAY, most=PROMISED_HOURS),
    Kind.AUDIT: Period(90 * A_DAY, least=30 * A_DAY, most=365 * A_DAY),
}
"""Of each kind, where nobody has set another."""


class PeriodError(AdministrationError):
    """The period is outside its bounds.

    Attributes:
        least: Hours.
        most: Hours.

    """

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most
        super().__init__(f"a period between {least} and {most} hours is possible")


class UnknownKindError(AdministrationError):
    """No such data is kept."""

    def __init__(self) -> None:
        super().__init__("there is no such kind of data: look at the list")


def read_periods(connection: Connection, site: str) -> dict[Kind, Period]:
    """Return the periods in force, of all kinds."""
    t = tables.retention.c
    rows = connection.execute(select(t.kind, t.hours).where(t.site == site))
    hours = {row.kind: row.hours for row in rows}
    return {
        kind: Period(hours.get(kind, period.hours), least=period.least, most=period.most)
        for kind, period in DEFAULTS.items()
    }


def shortest_promise(sites: Iterable[Site]) -> timedelta | None:
    """Return after how long what is entered by keys is deleted at the latest, counted from arrival.

    The site file says so of each such question, and all answers of a party are sealed into one:
    the shortest of these times holds for all, of all site files that parties may have answered.
    None where nothing is entered by keys.
    """
    asked = (question for site in sites for question in site.questions)
    days = [q.retention_days for q in asked if isinstance(q, Digits | FreeText)]
    return timedelta(days=min(days)) if days else None


def promise_of_answers(sites: Iterable[Site]) -> timedelta:
    """Return after how long all answers of a party are deleted at the latest, from its arrival.

    That is what the party was told before the first question, whatever became of its visit, or
    of the site file since.
    """
    return min(PROMISE, shortest_promise(sites) or PROMISE)


def set_period(act: AdminAct, kind: str, *, hours: int) -> None:
    """Keep a kind of data for so long from now on.

    Raises:
        AdministrationError: There is no such kind, or the period is outside its bounds.

    """
    if kind not in tuple(Kind):
        raise UnknownKindError
    bounds = DEFAULTS[Kind(kind)]
    if not bounds.least <= hours <= bounds.most:
        raise PeriodError(bounds.least, bounds.most)
    before = read_periods(act.connection, act.site)[Kind(kind)].hours
    t = tables.retention.c
    values = {"hours": hours, "changed_at": act.now, "staff": act.by}
    changed = act.connection.execute(
        update(tables.retention).where(t.site == act.site, t.kind == kind).values(values)
    )
    if not changed.rowcount:
        act.connection.execute(tables.retention.insert().values(site=act.site, kind=kind, **values))
    act.note("retention-set", kind, f"{before} h > {hours} h")
