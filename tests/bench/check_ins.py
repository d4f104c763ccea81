"""Durable check-ins per second over HTTP, beside a plain loop and the disk itself."""

from dataclasses import dataclass
from pathlib import Path

from tests.bench.disk import flushes_with, slower_disk
from tests.bench.figures import Figure
from tests.bench.plain_loop import plain_rate
from tests.bench.reception_point import ReceptionPoint, Run, reception_point
from tests.stand.postgres import PostgresStandError, postgres, programs

SLOW_MILLISECONDS = 4.0
"""What a flush takes on a consumer's disk; server disks with a battery take a tenth of that."""


PLAIN = "a plain loop, one transaction each, no HTTP"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent.

    Attributes:
        clients: How many send at the same time, one case each.
        check_ins: Of each client, in each repetition.
        repetitions: Of each case; they are measured by turns.
        plain: How many check-ins the plain loop stores.

    """

    clients: tuple[int, ...] = (1, 8, 32, 64)
    check_ins: int = 120
    repetitions: int = 3
    plain: int = 1_000


SLOW = Size(clients=(1, 32), check_ins=60, plain=400)


def measure_check_ins(folder: Path, *, size: Size = Size(), slow: Size = SLOW) -> list[Figure]:
    """Measure SQLite and PostgreSQL, on this disk and on a slower one."""
    folder.mkdir(parents=True)
    figures = measure_disk(folder, size, {}, "this disk")
    with slower_disk(SLOW_MILLISECONDS) as slower:
        if slower is None:
            print("  no C compiler (cc): the slower disk is left out", flush=True)
            return figures
        name = f"{SLOW_MILLISECONDS:.0f} ms longer a flush"
        figures_of_slow = measure_disk(folder / "slow", slow, slower, name)
    for figure in figures_of_slow:
        _require_slow(figure)
    return figures + figures_of_slow


def measure_disk(folder: Path, size: Size, environment: dict[str, str], disk: str) -> list[Figure]:
    """Measure both databases on one disk, which `environment` may make slower."""
    folder.mkdir(parents=True, exist_ok=True)
    flushes = tuple(flushes_with(environment, folder, seconds=0.5) for _ in range(size.repetitions))
    figures = [Figure(f"flushes of a page, one by one, {disk}", flushes, "/s")]
    figures += measure_sqlite(folder / "sqlite", size, environment, f"SQLite FULL, {disk}")
    try:
        programs()
    except PostgresStandError as error:
        print(f"  PostgreSQL is left out: {error}", flush=True)
        return figures
    return figures + measure_postgresql(
        folder / "postgresql", size, environment, f"PostgreSQL, {disk}"
    )


def measure_sqlite(
    folder: Path, size: Size, environment: dict[str, str], where: str
) -> list[Figure]:
    """Measure one server process on a SQLite file."""
    point = reception_point(folder, kiosks=max(size.clients), environment=environment)
    return _measured(point, size, environment, where)


def measure_postgresql(
    folder: Path, size: Size, environment: dict[str, str], where: str
) -> list[Figure]:
    """Measure one server process on a PostgreSQL on the same machine."""
    with postgres(environment=environment) as database:
        url = database.url(database.make_database())
        point = reception_point(folder, kiosks=max(size.clients), database_url=url)
        return _measured(point, size, environment, where)


def _measured(
    point: ReceptionPoint, size: Size, environment: dict[str, str], where: str
) -> list[Figure]:
    runs: dict[int, list[Run]] = {clients: [] for clients in size.clients}
    with point.server:
        _send(point, max(size.clients), 5)  # the first ones open connections and fill caches
        for _ in range(size.repetitions):
            for clients, of_clients in runs.items():
                of_clients.append(_send(point, clients, size.check_ins))
                _tell(where, clients, of_clients[-1])
    data = point.server.data
    plain = tuple(
        plain_rate(data, count=size.plain, environment=environment) for _ in range(size.repetitions)
    )
    print(f"  {where}, plain loop: {', '.join(f'{rate:.0f}/s' for rate in plain)}", flush=True)
    return [
        figure
        for clients, of_clients in runs.items()
        for figure in _figures(f"{where}, {clients} clients", of_clients, plain)
    ]


def _require_slow(figure: Figure) -> None:
    """Fail where the slower disk was not slower: its figures would say nothing."""
    most = 1000 / SLOW_MILLISECONDS
    if figure.than == PLAIN and max(figure.beside) > most:
        raise AssertionError(f"the plain loop did {max(figure.beside):.0f}/s, {most:.0f}/s can be")


def _send(point: ReceptionPoint, clients: int, count: int) -> Run:
    """Let clients send their check-ins, each in the name of a kiosk of its own, in order."""
    return point.send([point.check_ins(count, kiosk=kiosk) for kiosk in point.kiosks[:clients]])


def _tell(where: str, clients: int, run: Run) -> None:
    print(
        f"  {where}, {clients} clients: {run.sent.rate:.0f}/s, "
        f"p50 {run.sent.milliseconds(0.5):.1f} ms, p99 {run.sent.milliseconds(0.99):.1f} ms, "
        f"processor {run.server_milliseconds:.2f} ms, the load's {run.load_milliseconds:.2f} ms",
        flush=True,
    )


def _figures(name: str, runs: list[Run], plain: tuple[float, ...]) -> list[Figure]:
    return [
        Figure(
            f"durable check-ins, {name}",
            tuple(run.sent.rate for run in runs),
            "/s",
            plain,
            PLAIN,
        ),
        Figure(f"… of them half within, {name}", _each(runs, 0.5), "ms"),
        Figure(f"… of them 99 of 100 within, {name}", _each(runs, 0.99), "ms"),
        Figure(
            f"… processor time of the server for each, {name}",
            tuple(run.server_milliseconds for run in runs),
            "ms",
        ),
        Figure(
            f"… processor time of the load for each, {name}",
            tuple(run.load_milliseconds for run in runs),
            "ms",
        ),
    ]


def _each(runs: list[Run], share: float) -> tuple[float, ...]:
    return tuple(run.sent.milliseconds(share) for run in runs)
