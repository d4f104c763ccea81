"""The reception point of a load: one real server, and all who may come in."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from server_stub import administration
from server_stub.settings import PasswordCost, Settings
from tests.bench.reception_point import ReceptionPoint
from tests.day.office import LEAD, PASSWORD, staff_at
from tests.day.replay import SHIPPED_COUNTERS
from tests.load.plan import CounterKey, KioskKey, Plan, planned_parties
from tests.load.size import Size
from tests.stand.server import ALWAYS_OPEN, ROOT, SITE_FILE, ServerStand, free_port
from tests.stand.staff import StaffMember

SHARES = {"information": 12, "registration": 14, "benefits": 6, "housing": 5, "onward-travel": 3}
"""Of forty counters, by stage."""

CHEAP = PasswordCost(rounds=1, memory_kib=8, lanes=1)
LOGINS_AT_ONCE = 4


def counters_of(size: Size) -> list[tuple[str, str]]:
    """Return each counter and its stage: by the shares, and at least one of each."""
    wanted = {
        stage: max(1, round(share * size.counters / sum(SHARES.values())))
        for stage, share in SHARES.items()
    }
    while sum(wanted.values()) > max(size.counters, len(wanted)):
        wanted[max(wanted, key=lambda stage: wanted[stage])] -= 1
    while sum(wanted.values()) < size.counters:
        wanted["information"] += 1
    stages = [stage for stage, count in wanted.items() for _ in range(count)]
    return [(str(number), stage) for number, stage in enumerate(stages, 1)]


@contextmanager
def reception(folder: Path, size: Size, *, database_url: str | None) -> Iterator[ServerStand]:
    """Lend a server that serves, and write the plan of the load beside it."""
    ticket_port = free_port()
    server = ServerStand(
        folder / "server",
        site_file=_site_file(folder, size),
        database_url=database_url,
        serve_options=("--ticket-port", str(ticket_port)),
    )
    server.set_up()
    point = ReceptionPoint(server)
    point.enrol(size.kiosks)
    settings = Settings(data=server.data, password_cost=CHEAP)
    for name in (LEAD, *(staff_at(counter) for counter, _ in counters_of(size))):
        role = "lead" if name == LEAD else "counter"
        administration.add_staff(settings, name, password=PASSWORD, role=role)
    displays = [
        f"/display/enter?token={administration.add_display(settings, f'wall-{number}')}"
        for number in range(1, size.displays + 1)
    ]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the server's, too
    with server:
        Plan(
            size=size,
            port=server.port,
            ticket_port=ticket_port,
            parties=planned_parties(size, [kiosk.letter for kiosk in point.kiosks]),
            kiosks=tuple(
                KioskKey(
                    name=kiosk.name,
                    letter=kiosk.letter,
                    token=kiosk.token,
                    site=kiosk.site,
                    key_id=kiosk.key.key_id,
                    public_key=kiosk.key.to_text(),
                )
                for kiosk in point.kiosks
            ),
            counters=_at_counters(server.address, size),
            lead=_cookie(StaffMember(server.address, LEAD, PASSWORD)),
            displays=tuple(displays),
        ).write(folder)
        yield server


@contextmanager
def part_of(folder: Path, part: str) -> Iterator[subprocess.Popen[str]]:
    """Lend a part of the load, started; it waits for the hour glass."""
    with (
        (folder / f"{part}.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.load.part", str(folder), part],
            cwd=ROOT,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def _site_file(folder: Path, size: Size) -> Path:
    site = SHIPPED_COUNTERS.sub("", SITE_FILE.read_text(encoding="utf-8"))
    for counter, stage in counters_of(size):
        site += f'\n[[counters]]\nid = "{counter}"\nstage = "{stage}"\n'
    file = folder / "site.toml"
    file.write_text(site + ALWAYS_OPEN, encoding="utf-8")
    return file


def _at_counters(address: str, size: Size) -> tuple[CounterKey, ...]:
    """Let everybody log in and choose their counter."""

    def sit_down(where: tuple[str, str]) -> CounterKey:
        counter, stage = where
        member = StaffMember(address, staff_at(counter), PASSWORD)
        member.work_at(counter)
        return CounterKey(counter, stage, _cookie(member))

    with ThreadPoolExecutor(LOGINS_AT_ONCE) as logins:
        return tuple(logins.map(sit_down, counters_of(size)))


def _cookie(member: StaffMember) -> str:
    cookies = member.session.cookies.get_dict()
    member.close()
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
