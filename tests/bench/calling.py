"""Call next with a thousand and with a million parties waiting, by turns in one run."""

import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from pysqlite3 import dbapi2 as sqlite

from server_stub import administration
from server_stub.settings import Settings
from tests.bench.figures import Figure
from tests.server_stub.enrolled import EnrolledKiosk
from tests.server_stub.open_room import OpenRoom, open_room
from tests.stand.server import SITE_FILE

FEW = 1_000
MANY = 1_000_000
CALLS = 300

MULTIPLY = """
INSERT INTO visit ({columns})
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {count})
SELECT {values} FROM visit, counted WHERE visit.arrival_order = 1
"""
"""Copies of the first visit, each a hundredth of a second after the one before."""

LATER = "strftime('%Y-%m-%d %H:%M:%f000', {column}, '+' || (n * 0.01) || ' seconds')"
COPIED = {
    "id": "printf('%032x', n)",
    "arrival_order": "n + 1",
    "arrived_at": LATER.format(column="arrived_at"),
    "waits_from": LATER.format(column="waits_from"),
    "stage_since": LATER.format(column="stage_since"),
    "ticket_token_sha256": "NULL",
}
"""What a copy has of its own: SQL of the number `n` of the copy."""


def measure_calling(
    folder: Path, *, few: int = FEW, many: int = MANY, calls: int = CALLS
) -> list[Figure]:
    """Call one party after the other in two stores, by turns, each call a commit of its own."""
    times: dict[int, list[float]] = {few: [], many: []}
    with ExitStack() as stack:
        rooms = {}
        for waiting in times:
            began = time.perf_counter()
            settings = _filled(folder / str(waiting), waiting)
            rooms[waiting] = stack.enter_context(open_room(settings))
            print(f"  {waiting:,} parties wait ({time.perf_counter() - began:.0f} s)", flush=True)
        for room in rooms.values():
            _call(room)  # the first one compiles the statements
        for _ in range(calls):
            for waiting, room in rooms.items():
                times[waiting].append(_call(room))
    most = f"{calls} calls"
    return [
        Figure(
            f"call next, {many:,} parties waiting, half within, {most}",
            (median(times[many]),),
            "ms",
            (median(times[few]),),
            f"{few:,} waiting",
        ),
        Figure(
            f"… 99 of 100 within, {most}",
            (_percentile(times[many], 0.99),),
            "ms",
            (_percentile(times[few], 0.99),),
            f"{few:,} waiting",
        ),
    ]


def _filled(data: Path, waiting: int) -> Settings:
    """Make a store in which so many parties wait at the first stage."""
    data.parent.mkdir(parents=True, exist_ok=True)
    settings = Settings(data=data)
    administration.init(settings, SITE_FILE)
    kiosk = EnrolledKiosk.of(administration.add_kiosk(settings, "bench-1"))
    with open_room(settings) as room:
        room.admit(kiosk, kiosk.check_in(1))
    connection = sqlite.connect(settings.database)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(visit)")]
    values = [COPIED.get(column, f"visit.{column}") for column in columns]
    connection.execute(
        MULTIPLY.format(columns=", ".join(columns), values=", ".join(values), count=waiting - 1)
    )
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return settings


def _call(room: OpenRoom) -> float:
    """Call the next party and finish with it; return the milliseconds that the call took."""
    began = time.perf_counter()
    visit = room.call_next(_first_counter(room))
    took = (time.perf_counter() - began) * 1000
    if visit is None:
        raise AssertionError("nobody waits")
    room.do(room.room.finish, visit, counter=_first_counter(room))
    return took


def _first_counter(room: OpenRoom) -> str:
    first = room.site.stages[0].id
    return next(counter.id for counter in room.site.counters if counter.stage == first)


def _percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(int(share * len(times)), len(times) - 1)]
