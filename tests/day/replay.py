"""The replay: a synthetic day through the server's own doors, and what it says of it afterwards."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.contract.site_file import read_site_file
from kiosk.settings import read_settings
from server_stub import administration
from server_stub.settings import PasswordCost
from server_stub.settings import Settings as ServerSettings
from tests.day.account import Account
from tests.day.clock import SharedClock
from tests.day.kiosks import HEARTBEAT_MINUTES, KioskAtWork, Kiosks
from tests.day.office import LEAD, PASSWORD, Office, staff_at
from tests.day.plan import KIOSKS, arrivals, counters
from tests.day.world import World
from tests.stand.server import ALWAYS_OPEN, ROOT, SITE_FILE, free_port, run_server

DAY = date(2026, 11, 16)
"""A Monday."""

ZONE = ZoneInfo("Europe/Berlin")
MORNING = datetime.combine(DAY, time(4), ZONE).astimezone(UTC)
CLOSING = 23 * 60.0 + 50
"""Minute of the service day at which the lead closes it: 03:50."""

CHEAP = PasswordCost(rounds=1, memory_kib=8, lanes=1)
SHIPPED_COUNTERS = re.compile(r"\[\[counters\]\]\n(?:\w+ = .*\n)+\n?")


@dataclass(frozen=True, slots=True)
class Replayed:
    """A day that was lived.

    Attributes:
        account: What happened, as those wrote it down who did it.
        lines: The figures that the server reports of the day.
        actions: How many buttons were pressed.
        late: Check-ins that came after their kiosk had been cut off.
        twice: Check-ins that came more than once.
        check: What `python -m server_stub check` said.
        is_sound: Whether it found nothing.

    """

    account: Account
    lines: list[dict[str, Any]]
    actions: int
    late: int
    twice: int
    check: str
    is_sound: bool


def replay(folder: Path, *, persons: int, seed: int) -> Replayed:
    """Live a day with so many persons; the same seed gives the same day."""
    chance = random.Random(seed)  # noqa: S311  # a day to be had again, not a secret
    clock = SharedClock(folder / "clock")
    clock.move_to(MORNING)
    data = folder / "server"
    port = free_port()
    settings = ServerSettings(data=data, clock=clock, password_cost=CHEAP)
    administration.init(settings, _site_file(folder))
    for name in (LEAD, *(staff_at(number) for number, _, _ in counters())):
        role = "lead" if name == LEAD else "counter"
        administration.add_staff(settings, name, password=PASSWORD, role=role)

    def now() -> float:
        return (clock() - MORNING).total_seconds() / 60

    kiosks = Kiosks(_enrolled(folder, settings, port), now=now, chance=chance)
    office = Office(f"http://127.0.0.1:{port}", DAY, now=now)
    world = World(
        office,
        kiosks,
        pass_time=lambda minute: clock.move_to(MORNING + timedelta(minutes=minute)),
        chance=chance,
    )
    with _serving(data, port, folder / "clock"):
        for beat in range(int(24 * 60 / HEARTBEAT_MINUTES)):
            world.at(beat * HEARTBEAT_MINUTES, kiosks.report)
        world.at(CLOSING, kiosks.report)
        world.at(CLOSING, world.close)
        world.live(arrivals(persons, chance))
        world.account.abandoned = sum(kiosk.abandoned for kiosk in kiosks.each)
        figures = json.loads(
            _server_says(data, "figures", "--format", "json", "--from", f"{DAY}", "--to", f"{DAY}")
        )
        said = run_server("check", "--data", str(data))
    return Replayed(
        account=world.account,
        lines=figures["figures"],
        actions=office.pressed,
        late=kiosks.delivered_late,
        twice=kiosks.delivered_twice,
        check=said.stdout + said.stderr,
        is_sound=said.returncode == 0,
    )


def _site_file(folder: Path) -> Path:
    """Write the shipped site, always open, with thirty counters."""
    shipped = SHIPPED_COUNTERS.sub("", SITE_FILE.read_text(encoding="utf-8"))
    for number, stage, spoken in counters():
        languages = ", ".join(f'"{code}"' for code in spoken)
        shipped += (
            f'\n[[counters]]\nid = "{number}"\nstage = "{stage}"\nlanguages = [{languages}]\n'
        )
    file = folder / "site.toml"
    file.write_text(shipped + ALWAYS_OPEN, encoding="utf-8")
    return file


def _server_says(data: Path, command: str, *options: str) -> str:
    done = run_server(command, "--data", str(data), *options)
    done.check_returncode()
    return done.stdout


def _enrolled(folder: Path, settings: ServerSettings, port: int) -> list[KioskAtWork]:
    version = read_site_file(folder / "site.toml").version
    made = []
    for index in range(KIOSKS):
        address = f"http://127.0.0.1:{port}"
        name = f"entrance-{index + 1}"
        told = _server_says(settings.data, "add-kiosk", name, "--server-url", address)
        file = folder / f"kiosk-{index + 1}.toml"
        file.write_text(f'{told}\n[printer]\naddress = "tcp://127.0.0.1:9"\n', encoding="utf-8")
        file.chmod(0o600)
        made.append(KioskAtWork(read_settings(file), version))
    return made


@contextmanager
def _serving(data: Path, port: int, clock: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.day.clocked_server", "--data", str(data)]
    with (
        (data / "server.log").open("w") as log,
        subprocess.Popen(
            [*command, "--port", str(port), "--clock", str(clock)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout
            if not any(line.startswith("serving ") for line in process.stdout):
                raise AssertionError((data / "server.log").read_text(encoding="utf-8"))
            yield
        finally:
            process.terminate()
