"""The reading of the hall: who is here, how stages and kiosks stand, all as of one moment.

Who is here is read by the index of open visits, and nothing by going through the history.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, select

from kiosk.contract.site import Site
from server_stub import day_book, tables
from server_stub.arrival import beginning_of, service_day
from server_stub.day_book import DayEntry
from server_stub.hall_alarms import Report
from server_stub.hall_rules import PartyHere
from server_stub.hall_stages import HOUR, QUARTER, StageHere, read_stages
from server_stub.help_call_rows import HelpCallRow, help_call_row
from server_stub.visit import VisitState


@dataclass(frozen=True, slots=True)
class Hall:
    """The hall at one moment.

    Attributes:
        at: Which moment.
        event_number: The last event that is in it.
        day: How far the service day is.
        day_began: When it did.
        stages: In the order of the site file.
        parties: All who have an open visit.
        help_calls: Those that nobody has answered, the oldest first.
        kiosks: The enrolled ones, by name.
        arrivals: How many parties arrived in each quarter of an hour of the service day, up to
            the present one.
        arrived_hour: How many did within the last hour.
        arrived_quarter: Within the last quarter of an hour.

    """

    at: datetime
    event_number: int
    day: DayEntry
    day_began: datetime
    stages: tuple[StageHere, ...]
    parties: tuple[PartyHere, ...]
    help_calls: tuple[HelpCallRow, ...]
    kiosks: tuple[Report, ...]
    arrivals: tuple[int, ...]
    arrived_hour: int
    arrived_quarter: int

    @property
    def inside(self) -> int:
        """How many persons were called and are still here, as the hall's limit counts them.

        Parked ones are not: see `calling.PERSONS_INSIDE`.
        """
        return sum(
            max(party.persons, 1)
            for party in self.parties
            if party.inside and party.state is not VisitState.PARKED
        )


def read_hall(connection: Connection, site: Site, *, at: datetime) -> Hall:
    """Return the hall as the connection's transaction sees it."""
    today = service_day(at, site.time_zone)
    began = beginning_of(today, site.time_zone)
    here = {"of_site": site.id}
    parties = _parties(connection, site.id)
    came = connection.execute(ARRIVALS, here | {"of_day": today}).scalars().all()
    return Hall(
        at=at,
        event_number=connection.execute(LAST_EVENT, here).scalar_one(),
        day=day_book.read_day(connection, site.id, today),
        day_began=began,
        stages=read_stages(connection, site, parties, at=at, opened=min(came, default=at)),
        parties=parties,
        help_calls=_help_calls(connection, site.id),
        kiosks=_kiosks(connection, site.id, since=began),
        arrivals=_by_quarter(came, began=began, at=at),
        arrived_hour=sum(at - moment < HOUR for moment in came),
        arrived_quarter=sum(at - moment < QUARTER for moment in came),
    )


def _by_quarter(came: Sequence[datetime], *, began: datetime, at: datetime) -> tuple[int, ...]:
    tally = Tally((moment - began) // QUARTER for moment in came)
    return tuple(tally[place] for place in range((at - began) // QUARTER + 1))


def _parties(connection: Connection, site: str) -> tuple[PartyHere, ...]:
    return tuple(
        PartyHere(
            id=row.id,
            number=row.number,
            stage=row.stage,
            sent_on=row.stage in row.route[1:],
            state=VisitState(row.state),
            counter=row.counter,
            persons=row.adults + row.children,
            priority=row.priority,
            since=row.stage_since,
            called_at=row.called_at,
            calls=row.calls,
            inside=row.inside,
            service_day=row.service_day,
            carried_over=row.carried_over,
            appointment_at=row.appointment_at,
        )
        for row in connection.execute(OPEN_VISITS, {"of_site": site})
    )


def _help_calls(connection: Connection, site: str) -> tuple[HelpCallRow, ...]:
    rows = connection.execute(HELP_CALLS, {"of_site": site})
    return tuple(help_call_row(row) for row in rows)


def _kiosks(connection: Connection, site: str, *, since: datetime) -> tuple[Report, ...]:
    clashes = {
        row.enrolment: row.clashes
        for row in connection.execute(CLASHES, {"of_site": site, "since": since})
    }
    return tuple(
        _report(row._mapping, clashes=clashes.get(row.enrolment, 0))  # noqa: SLF001  # the documented way to a row's names
        for row in connection.execute(KIOSKS, {"of_site": site})
    )


def _report(told: RowMapping, *, clashes: int) -> Report:
    name, letter = told["label"] or told["name"], told["letter"]
    if told["at"] is None:
        return Report(name, letter, None, clashes=clashes)
    return Report(
        name=name,
        letter=letter,
        troubles=tuple(told["troubles"].split()),
        clashes=clashes,
        **{key: told[key] for key in _TOLD},
    )


_TOLD = (
    *("at", "printer", "clock_trusted", "disk_free_bytes", "outbox_depth"),
    *("program_version", "site_version", "sound"),
)

# Built once: to build a statement takes SQLAlchemy longer than the database takes to run it.
_visit, _kiosk, _report_of = tables.visit.c, tables.kiosk.c, tables.kiosk_report.c
_ledger, _help = tables.ledger.c, tables.help_call.c
LAST_EVENT = select(tables.site.c.next_event - 1).where(tables.site.c.id == bindparam("of_site"))
OPEN_VISITS = select(
    _visit.id,
    _visit.number,
    _visit.stage,
    _visit.route,
    _visit.state,
    _visit.counter,
    _visit.adults,
    _visit.children,
    _visit.priority,
    _visit.stage_since,
    _visit.called_at,
    _visit.calls,
    _visit.inside,
    _visit.service_day,
    _visit.carried_over,
    _visit.appointment_at,
).where(_visit.site == bindparam("of_site"), tables.visit_is_open)
ARRIVALS = select(_visit.arrived_at).where(
    _visit.site == bindparam("of_site"), _visit.service_day == bindparam("of_day")
)
HELP_CALLS = (
    select(*_help, _kiosk.label)
    .outerjoin_from(
        tables.help_call,
        tables.kiosk,
        and_(_kiosk.site == _help.site, _kiosk.name == _help.kiosk, _kiosk.retired_at.is_(None)),
    )
    .where(_help.site == bindparam("of_site"), tables.help_call_is_open)
    .order_by(_help.called_at, _help.id)
)
KIOSKS = (
    select(
        _kiosk.enrolment,
        _kiosk.name,
        _kiosk.label,
        _kiosk.letter,
        _report_of.troubles,
        *(_report_of[name] for name in _TOLD),
    )
    .select_from(
        tables.kiosk.outerjoin(
            tables.kiosk_report,
            and_(_report_of.site == _kiosk.site, _report_of.enrolment == _kiosk.enrolment),
        )
    )
    .where(
        _kiosk.site == bindparam("of_site"),
        _kiosk.retired_at.is_(None),
        _kiosk.revoked_at.is_(None),
        _kiosk.kind == "kiosk",
    )
    .order_by(_kiosk.name)
)
# A check-in whose sequence another one holds has none of its own: one range of the index.
CLASHES = (
    select(_ledger.enrolment, func.count().label("clashes"))
    .where(
        _ledger.site == bindparam("of_site"),
        _ledger.enrolment.in_(
            select(_kiosk.enrolment).where(
                _kiosk.site == bindparam("of_site"), _kiosk.retired_at.is_(None)
            )
        ),
        _ledger.sequence.is_(None),
        _ledger.received_at >= bindparam("since"),
    )
    .group_by(_ledger.enrolment)
)
