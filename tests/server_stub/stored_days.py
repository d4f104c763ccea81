"""Days put into a store as rows, without anyone having pressed a button."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import Connection, Table

from server_stub import tables
from server_stub.figures_of_day import Arrival, Happenings, Passage
from tests.server_stub.enrolled import EnrolledKiosk


def put_day(
    connection: Connection,
    day: date,
    happened: Happenings,
    *,
    site: str,
    kiosks: tuple[EnrolledKiosk, ...] = (),
) -> None:
    """Store what happened on a service day; at noon what has no moment of its own."""
    noon = datetime.combine(day, time(11), UTC)
    _insert(connection, tables.visit, [visit_row(site, day, a) for a in happened.arrivals])
    _insert(connection, tables.passage, [passage_row(site, day, p) for p in happened.passages])
    outcomes = [
        {
            "site": site,
            "id": uuid4(),
            "ordinal": 0,
            "visit": uuid4(),
            "stage": "housing",
            "outcome": done.outcome,
            "persons": done.persons,
            "service_day": day,
            "at": done.at,
            "staff": "anna",
        }
        for done in happened.achieved
    ]
    _insert(connection, tables.outcome, outcomes)
    counts = [
        {
            "site": site,
            "id": uuid4(),
            "figure": count.figure,
            "persons": count.persons,
            "at": count.at,
            "service_day": day,
            "staff": "lea",
        }
        for count in happened.stock_counts
    ]
    _insert(connection, tables.stock_count, counts)
    _insert(connection, tables.staff_action, [no_show(site, s, noon) for s in happened.no_shows])
    days = [
        {
            "site": site,
            "day": day,
            "enrolment": kiosk.enrolment,
            "check_ins": counted.check_ins,
            "abandoned": counted.abandoned,
            "help_calls": counted.help_calls,
        }
        for kiosk, counted in zip(kiosks, happened.kiosks, strict=False)
    ]
    _insert(connection, tables.kiosk_day, days)
    calls = [
        {
            "site": site,
            "id": uuid4(),
            "kiosk": "entrance-1",
            "kind": kind,
            "state": "called",
            "called_at": noon,
        }
        for kind in happened.help_calls
    ]
    _insert(connection, tables.help_call, calls)


def visit_row(site: str, day: date, arrival: Arrival, **other: object) -> dict[str, object]:
    return {
        "site": site,
        "id": uuid4(),
        "number": "D101",
        "kiosk": "entrance-1",
        "language": arrival.language,
        "adults": arrival.adults,
        "children": arrival.children,
        "route": ["information"],
        "stage": "information",
        "state": "merged" if arrival.merged else "finished",
        "calls": 0,
        "arrived_at": arrival.at,
        "arrival_order": 1,
        "service_day": day,
        "version": 1,
        "priority_proposed": False,
        "marked": "",
        "waits_from": arrival.at,
        "calling_class": 2,
        "priority": arrival.priority,
        "passed_over": 0,
        "inside": False,
        "stage_since": arrival.at,
        "by_hand": arrival.by_hand,
        "carried_over": arrival.at + timedelta(hours=9) if arrival.carried_over else None,
        "split_from": uuid4() if arrival.split else None,
    } | other


def passage_row(site: str, day: date, passage: Passage, **other: object) -> dict[str, object]:
    return {
        "site": site,
        "id": uuid4(),
        "visit": passage.visit,
        "stage": passage.stage,
        "service_day": day,
        "persons": passage.persons,
        "waited_from": passage.waited_from,
        "first_called_at": passage.first_called_at,
        "served_at": passage.served_at,
        "ended_at": passage.ended_at,
        "ended_by": passage.ended_by,
    } | other


def no_show(site: str, stage: str, at: datetime, *, undone: bool = False) -> dict[str, object]:
    return {
        "site": site,
        "id": uuid4(),
        "step": "no-show",
        "staff": "anna",
        "at": at,
        "request": {},
        "before": {"stage": stage},
        "undone": undone,
    }


def _insert(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)
