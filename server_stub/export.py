"""The export: what a city takes with it, day by day, without anything that tells of a person.

Rows have no number, no name, no language and no time of day finer than the hour, and lie in an
order that tells nothing. Whoever was there may recognise a party of nine all the same: figures
are for anyone, rows for whoever works with them.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.store_error import StoreError

Value = str | int | None
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of row of the export.

    Attributes:
        name: Of its file.
        says: What one row is.
        columns: Each column and what it means.
        reads: The columns of the store that it is made of.
        rows: Yields the rows of one service day.

    """

    name: str
    says: str
    columns: Mapping[str, str]
    reads: frozenset[str]
    rows: Callable[[Connection, Site, date], Iterable[Row]]


DAY = "the service day, from 04:00 to 04:00 on the wall"
PERSONS = "how many persons; 0 where nobody knows"
NOT_RECORDED = "empty where there was none"


def _visits(connection: Connection, site: Site, day: date) -> Iterator[Row]:
    v = tables.visit.c
    for row in connection.execute(
        select(tables.visit).where(v.site == site.id, v.service_day == day)
    ):
        yield {
            "day": day.isoformat(),
            "hour": _hour(row.arrived_at, site),
            "persons": row.adults + row.children,
            "by_hand": int(row.by_hand),
            "carried_over": int(row.carried_over is not None),
            "route": " ".join(row.route),
            "state": row.state,
            "minutes": _minutes(row.arrived_at, row.ended_at),
        }


def _passages(connection: Connection, site: Site, day: date) -> Iterator[Row]:
    p = tables.passage.c
    for row in connection.execute(
        select(tables.passage).where(p.site == site.id, p.service_day == day)
    ):
        yield {
            "day": day.isoformat(),
            "stage": row.stage,
            "hour": _hour(row.waited_from, site),
            "persons": row.persons,
            "waited_minutes": _minutes(row.waited_from, row.first_called_at),
            "served_minutes": _minutes(row.served_at, row.ended_at),
            "ended_by": row.ended_by,
        }


def _outcomes(connection: Connection, site: Site, day: date) -> Iterator[Row]:
    o = tables.outcome.c
    for row in connection.execute(
        select(o.stage, o.outcome, func.sum(o.persons).label("persons"))
        .where(o.site == site.id, o.service_day == day)
        .group_by(o.stage, o.outcome)
    ):
        yield {"day": day.isoformat(), **row._asdict()}


def _stock_counts(connection: Connection, site: Site, day: date) -> Iterator[Row]:
    c = tables.stock_count.c
    for row in connection.execute(
        select(c.figure, c.persons, c.at).where(c.site == site.id, c.service_day == day)
    ):
        hour = _hour(row.at, site)
        yield {
            "day": day.isoformat(),
            "hour": hour,
            "figure": row.figure,
            "persons": row.persons,
        }


def _days(connection: Connection, site: Site, day: date) -> Iterator[Row]:
    d = tables.service_day.c
    state = connection.execute(
        select(d.state).where(d.site == site.id, d.day == day)
    ).scalar_one_or_none()
    yield {"day": day.isoformat(), "state": state or "open"}


def _kiosk_days(connection: Connection, site: Site, day: date) -> Iterator[Row]:
    k, kiosk = tables.kiosk_day.c, tables.kiosk.c
    for row in connection.execute(
        select(kiosk.name.label("kiosk"), k.check_ins, k.abandoned)
        .join(tables.kiosk, (kiosk.site == k.site) & (kiosk.enrolment == k.enrolment))
        .where(k.site == site.id, k.day == day)
    ):
        yield {"day": day.isoformat(), **row._asdict()}


def _of(table: str, *columns: str) -> frozenset[str]:
    return frozenset(f"{table}.{column}" for column in columns)


SHEETS = (
    Sheet(
        "days",
        "one service day",
        {"day": DAY, "state": "open, closing or closed; one that nobody closed stays open"},
        _of("service_day", "day", "state"),
        _days,
    ),
    Sheet(
        "visits",
        "one party's way through the reception point",
        {
            "day": DAY + " on which it arrived",
            "hour": "the hour on the wall in which it arrived, 0 to 23",
            "persons": PERSONS,
            "by_hand": "1 where staff issued its number, else 0",
            "carried_over": "1 where it came back on another day with its number, else 0",
            "route": "the stages in order, a space between",
            "state": "how it ended: finished, left or merged; or where it is now",
            "minutes": f"from arrival to its end; {NOT_RECORDED}",
        },
        _of(
            *("visit", "service_day", "arrived_at", "adults", "children", "by_hand"),
            *("carried_over", "route", "state", "ended_at"),
        ),
        _visits,
    ),
    Sheet(
        "passages",
        "one party's time at one stage",
        {
            "day": DAY + " on which it ended",
            "stage": "the stage",
            "hour": "the hour on the wall in which it came to the stage, 0 to 23",
            "persons": PERSONS,
            "waited_minutes": f"from then to the first call; {NOT_RECORDED}",
            "served_minutes": f"from when serving began to its end; {NOT_RECORDED}",
            "ended_by": "the step that ended it, such as forward, finish or leave",
        },
        _of(
            *("passage", "service_day", "stage", "persons", "waited_from", "first_called_at"),
            *("served_at", "ended_at", "ended_by"),
        ),
        _passages,
    ),
    Sheet(
        "outcomes",
        "what a stage achieved on a day",
        {
            "day": DAY,
            "stage": "the stage",
            "outcome": "by its id in the site file",
            "persons": "for how many, with corrections taken off",
        },
        _of("outcome", "service_day", "stage", "outcome", "persons"),
        _outcomes,
    ),
    Sheet(
        "stock_counts",
        "one count that a lead has made by looking",
        {
            "day": DAY,
            "hour": "the hour on the wall in which it was entered",
            "figure": "by its id in the site file",
            "persons": "how many there were",
        },
        _of("stock_count", "service_day", "at", "figure", "persons"),
        _stock_counts,
    ),
    Sheet(
        "kiosk_days",
        "what a kiosk counted on a day",
        {
            "day": DAY,
            "kiosk": "its name",
            "check_ins": "how many numbers it gave out",
            "abandoned": "how many began and left without one",
        },
        _of("kiosk_day", "day", "enrolment", "check_ins", "abandoned") | {"kiosk.name"},
        _kiosk_days,
    ),
)

REFUSED = {
    "check_in_body.*": "what parties answered",
    "ledger.*": "which check-ins came, one by one",
    "visit.id visit.number visit.ticket_token_sha256": "name a party",
    "visit.kiosk visit.arrival_order visit.merged_into visit.split_from": "find a party again",
    "visit.language passage.language": "with the hour and the size it may reveal a party",
    "visit.priority visit.priority_proposed visit.calling_class": "may tell of an illness",
    "visit.marked visit.version visit.stage visit.counter visit.calls visit.called_at "
    "visit.waits_from visit.appointment_at visit.passed_over visit.inside visit.stage_since "
    "visit.first_called_at visit.serving_since": "how far it is now; passages tell what it took",
    "passage.id passage.visit outcome.id outcome.ordinal outcome.visit": "find a party again",
    "passage.counter outcome.staff stock_count.staff service_day.changed_by": "tell how staff work",
    "outcome.at stock_count.id service_day.changed_at": "finer than the day needs",
    "staff_action.* served_by_hand.* audit.*": "who did what with whom, and when",
    "staff.* staff_session.* login_failure.*": "passwords, sessions and addresses",
    "help_call.* kiosk_day.help_calls": "so few that one may be a person",
    "slip_outcome.* kiosk_report.* stage_calls.* health_probe.*": "the condition of machines",
    "display.* kiosk_token.* enrolment_code.* enrolment_request.* challenge.* attempt.* site_key.* "
    "kiosk.enrolment kiosk.label kiosk.letter kiosk.public_key kiosk.hardware kiosk.enrolled_at "
    "kiosk.retired_at kiosk.revoked_at kiosk.highest_sequence kiosk.complete_to "
    "kiosk.kind": "tokens and enrolments",
    "event.*": "the order of all that happened",
    "daily_figures.* erased_figures.*": "the small counts of each day; the report withholds them",
    "site.store_id site.key_id site.next_event site.file_version": "of this server alone",
    "site_file.* retention.*": "how the site was and is set up; of that, site.json is in force",
}
"""What no export holds, and why: columns of the store, or whole tables."""

FROM_THE_SITE = frozenset({"site.id", "site.file_json"})
"""What `site.json` is made of. Every table also has the site's id as `site`."""


def write_rows(
    connection: Connection, site: Site, folder: Path, *, days: Iterable[date], style: str
) -> dict[str, int]:
    """Write a file for each kind of row, and one that says what they mean.

    Args:
        connection: In a transaction that sees one moment.
        site: The site in force.
        folder: An empty folder.
        days: The service days, in order.
        style: "csv", parted by semicolons, or "jsonl", one JSON object a line.

    Returns:
        How many rows each kind has.

    """
    days, counts = list(days), {}
    for sheet in SHEETS:
        path = folder / f"{sheet.name}.{style}"
        with path.open("x", encoding="utf-8", newline="") as file:
            write = _csv_writer(file, sheet) if style == "csv" else _json_writer(file)
            counts[sheet.name] = 0
            for day in days:
                rows = sorted(sheet.rows(connection, site, day), key=_by_values)
                for row in rows:
                    write(row)
                counts[sheet.name] += len(rows)
    (folder / "site.json").write_text(
        json.dumps(site.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    (folder / "columns.txt").write_text("\n".join(described(style)) + "\n", "utf-8")
    return counts


def first_day(connection: Connection, site: Site) -> date | None:
    """Return the first service day of which anything is known; None where nothing is."""
    firsts = [
        connection.execute(select(func.min(column)).where(column.table.c.site == site.id)).scalar()
        for column in (tables.visit.c.service_day, tables.daily_figures.c.day)
    ]
    return min((day for day in firsts if day is not None), default=None)


def described(style: str) -> Iterator[str]:
    """Yield what each file and column means, line by line."""
    yield "figures.csv: the report, see docs/figures.md"
    yield "site.json: the site file in force"
    for sheet in SHEETS:
        yield f"{sheet.name}.{style}: each row is {sheet.says}"
        for column, meaning in sheet.columns.items():
            yield f"  {column}: {meaning}"


def new_folder(path: Path) -> None:
    """Make a folder that only its owner can read; raise StoreError where it cannot be."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        raise StoreError(f"{path}: is there already; name a new folder") from None
    except OSError as error:
        raise StoreError(f"{path}: cannot be made: {error.strerror}") from None


def _csv_writer(file: Any, sheet: Sheet) -> Callable[[Row], object]:  # noqa: ANN401  # as csv takes it
    writer = csv.DictWriter(file, list(sheet.columns), delimiter=";", lineterminator="\r\n")
    file.write("\ufeff")  # without it Excel reads another code page
    writer.writeheader()
    return writer.writerow


def _json_writer(file: Any) -> Callable[[Row], object]:  # noqa: ANN401  # as above
    return lambda row: file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _by_values(row: Row) -> list[tuple[bool, str]]:
    """Return what rows of a day are sorted by: values, so that the order adds nothing."""
    return [(value is None, f"{value:>12}" if value is not None else "") for value in row.values()]


def _hour(moment: datetime, site: Site) -> int:
    return moment.astimezone(ZoneInfo(site.time_zone)).hour


def _minutes(begin: datetime | None, end: datetime | None) -> int | None:
    """Return whole minutes, rounded up, as the figures have them."""
    if begin is None or end is None:
        return None
    return max(0, -int((begin - end).total_seconds() // 60))
