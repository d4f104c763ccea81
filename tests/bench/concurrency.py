"""Correct under concurrency: the turmoil on both databases, counted against what is stored.

Whatever is counted but clients, processes and requests has to be 0; the command ends with 1 where
it is not. `python -m tests.bench.concurrency` prints the table.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from signal import SIGKILL
from uuid import UUID

from sqlalchemy import Connection, Table, func, select

from kiosk.contract.messages import CheckIn
from server_stub import tables
from server_stub.checks.inspection import inspect_database
from server_stub.store import engine_for
from tests.bench.reception_point import ReceptionPoint
from tests.bench.turmoil import Told, log_in, turmoil
from tests.server_stub.enrolled import EnrolledKiosk, party
from tests.stand.postgres import postgres
from tests.stand.server import ALWAYS_OPEN, ROOT, SITE_FILE, ServerStand

PASSWORD = "a bench's password"
FIRST, SECOND = "information", "housing"


@dataclass(frozen=True, slots=True)
class Size:
    """How much turmoil there is.

    Attributes:
        kiosks: How many deliver.
        lines: Of each kiosk, all at the same time.
        check_ins: Over each line.
        counters: How many call; two people work at each.

    """

    kiosks: int = 8
    lines: int = 4
    check_ins: int = 25
    counters: int = 16

    @property
    def clients(self) -> int:
        """How many ask at the same time; each asks two servers at once."""
        return self.kiosks * self.lines + 2 * self.counters


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table."""

    database: str
    clients: int
    processes: int
    killed: int
    requests: int
    repeated: int
    check_ins: int
    calls: int
    lost: int
    stored_twice: int
    numbers_open_twice: int
    called_twice: int
    answers_that_differ: int
    gaps_in_events: int
    wrong_by_check: int

    @property
    def faults(self) -> int:
        """What has to be 0."""
        return sum(list(asdict(self).values())[8:])


def run_turmoil(
    folder: Path, *, database: str, processes: int, url: str | None = None, size: Size = Size()
) -> Result:
    """Run it on a new store; one process is killed in the middle, and started again.

    Args:
        folder: Empty; of the store.
        database: Its name in the table.
        processes: How many servers share it.
        url: Of a PostgreSQL without tables; without one it is a SQLite file.
        size: How much is asked.

    """
    point = _set_up(folder, url, size)
    loads = [
        (kiosk, _check_ins(kiosk, range(line, size.lines * size.check_ins + 1, size.lines)))
        for kiosk in point.kiosks
        for line in range(1, size.lines + 1)
    ]
    servers = [point.server, *(replace(point.server, port=0) for _ in range(processes - 1))]
    told = Told(half=sum(len(load) for _, load in loads) // 2)
    with ExitStack() as running:
        for server in servers:
            running.enter_context(server)
        asyncio.run(_run(servers, loads, counters=_counters(size), told=told))
    return _result(point, told, database=database, processes=processes, size=size)


def _set_up(folder: Path, url: str | None, size: Size) -> ReceptionPoint:
    folder.mkdir(parents=True)
    site_file = folder / "site.toml"
    counters = "".join(
        f'\n[[counters]]\nid = "{counter}"\nstage = "{FIRST if n % 2 else SECOND}"\n'
        for n, counter in enumerate(_counters(size)[::2], 1)
    )
    shipped = SITE_FILE.read_text(encoding="utf-8")
    site_file.write_text(shipped + counters + ALWAYS_OPEN, encoding="utf-8")
    server = ServerStand(folder / "server", site_file=site_file, database_url=url)
    server.set_up()
    point = ReceptionPoint(server)
    point.enrol(size.kiosks)
    server.add_staff("anna", PASSWORD)
    return point


def _check_ins(kiosk: EnrolledKiosk, sequences: Iterable[int]) -> list[CheckIn]:
    """Return sealed check-ins, each with a ticket of its own."""
    return [
        kiosk.check_in(n, content=party().model_copy(update={"ticket_token": token_urlsafe(16)}))
        for n in sequences
    ]


def _counters(size: Size) -> list[str]:
    """Return the counter of each who works at one."""
    return [f"t{n // 2}" for n in range(2, 2 * size.counters + 2)]


async def _run(
    servers: Sequence[ServerStand],
    loads: Sequence[tuple[EnrolledKiosk, Sequence[CheckIn]]],
    *,
    counters: Sequence[str],
    told: Told,
) -> None:
    token = await log_in(servers[0].port, name="anna", password=PASSWORD)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_kill_one(servers[-1], told))
        tasks.create_task(
            turmoil([s.port for s in servers], loads, counters=counters, token=token, told=told)
        )


async def _kill_one(server: ServerStand, told: Told) -> None:
    """Kill a server half-way, and start it again."""
    await told.half_way.wait()
    await asyncio.to_thread(server.stop, how=SIGKILL)
    await asyncio.to_thread(server.start)


def _result(
    point: ReceptionPoint, told: Told, *, database: str, processes: int, size: Size
) -> Result:
    with engine_for(point.settings) as engine, engine.connect() as connection:
        visits = _count(connection, tables.visit)
        inspection = inspect_database(connection, now=datetime.now(UTC))
        wrong = [finding for result in inspection.results for finding in result.findings]
        for finding in wrong:
            print(f"  {finding}")
        for answer in told.differing:
            print(f"  {answer}")
        return Result(
            database=database,
            clients=size.clients,
            processes=processes,
            killed=1,
            requests=told.requests,
            repeated=told.repeated,
            check_ins=len(told.confirmed),
            calls=sum(len(actions) for actions in told.calls.values()),
            lost=len(told.confirmed - _stored(connection)),
            stored_twice=visits - len(told.confirmed),
            numbers_open_twice=_numbers_twice(connection),
            called_twice=sum(len(actions) - 1 for actions in told.calls.values()),
            answers_that_differ=len(told.differing),
            gaps_in_events=_gaps(connection),
            wrong_by_check=len(wrong),
        )


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _stored(connection: Connection) -> set[UUID]:
    """Return the ids of the check-ins that are in the ledger and have a visit."""
    both = select(tables.ledger.c.id).join(tables.visit, tables.visit.c.id == tables.ledger.c.id)
    return set(connection.execute(both).scalars())


def _numbers_twice(connection: Connection) -> int:
    """Return how many numbers more than one visit of the day has; none is given a second time."""
    number = tables.visit.c.number
    twice = select(number).group_by(number).having(func.count() > 1)
    return len(connection.execute(twice).all())


def _gaps(connection: Connection) -> int:
    """Return how many event numbers are missing below the next one."""
    given = connection.execute(select(tables.site.c.next_event)).scalar_one() - 1
    return given - _count(connection, tables.event)


def table(results: Sequence[Result]) -> str:
    """Return the results as lines of text."""
    rows = [tuple(field.name.replace("_", " ") for field in fields(Result))]
    rows += [tuple(str(value) for value in asdict(result).values()) for result in results]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def main() -> int:
    """Run it on both databases; print the table."""
    results = []
    with tempfile.TemporaryDirectory(prefix="ankunft-turmoil-", dir=ROOT / "build") as folder:
        print("SQLite, one process …", flush=True)
        results.append(run_turmoil(Path(folder) / "sqlite", database="SQLite", processes=1))
        with postgres() as stand:
            for processes in (1, 4):
                print(f"PostgreSQL, {processes} …", flush=True)
                results.append(
                    run_turmoil(
                        Path(folder) / f"postgresql-{processes}",
                        database="PostgreSQL",
                        processes=processes,
                        url=stand.url(stand.make_database()),
                    )
                )
    print(table(results))
    return 1 if any(result.faults for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
