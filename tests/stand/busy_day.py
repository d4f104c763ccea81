"""A busy day at half past two: a data folder full of parties, made once and kept in `build/`.

``python -m tests.stand.busy_day`` serves a copy of it until it is interrupted, and says who can
log in.
"""

import hashlib
import json
import random
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from kiosk.contract.messages import HelpCall, HelpKind
from kiosk.contract.site import Site
from server_stub import administration, staff_sessions, tables
from server_stub.settings import PasswordCost, Settings
from tests.day.clock import SharedClock
from tests.day.plan import Arrival, arrivals
from tests.day.world import Party
from tests.server_stub.enrolled import EnrolledKiosk, StandingClock, new_id
from tests.server_stub.open_room import OpenRoom, open_room
from tests.stand.busy_hours import BusyWorld, Desks, Doorway, clock_of_day, minute_of
from tests.stand.days_before import put_days_before
from tests.stand.server import ROOT, SITE_FILE, ServerStand

DAY = date(2026, 11, 24)
"""A Tuesday."""

FIRST_DAY = date(2026, 10, 1)
"""From here on there are figures: of one whole month, and of last week."""

ZONE = ZoneInfo("Europe/Berlin")
MORNING = datetime.combine(DAY, time(4), ZONE).astimezone(UTC)
NOW = datetime.combine(DAY, time(14, 30), ZONE).astimezone(UTC)
"""The moment at which the day stands still."""

SEED = 5
PERSONS = 2400
"""Who would come until the evening."""

OTHER_LANGUAGES = 0.2

EARLIER_PERSONS = 1900
"""On a working day before."""

PASSWORD = "right-password"
CHEAP = PasswordCost(rounds=1, memory_kib=8, lanes=1)
"""Passwords of a made-up day guard nothing."""

LEADS = {"lena": "lead", "adam": "admin", "hedi": "helper"}
AT_COUNTERS = (
    *("anna", "boris", "cem", "daria", "emil", "fatma", "greta", "hasan", "irina"),
    *("jonas", "kateryna", "leyla", "marek", "nadia", "olha", "petra"),
)
"""Staff of the role "counter", by counter."""

NOT_STAFFED = {"6", "12"}
"""Counters whose staff are not here today."""

COUNTERS = {
    "information": (("uk", "ru"), ("uk", "en"), ("ar", "fa"), ("uk",), ("uk", "ru"), ("tr", "en")),
    "housing": (("uk", "ru", "ar"),),
    "registration": (("uk", "ru"), ("uk",), ("ru",), ("ar", "fa"), ("tr", "uk")),
    "benefits": (("uk", "ru"), ("uk", "ro"), ()),
    "onward-travel": (("uk", "en"),),
}
"""By stage, what is spoken at each."""

KIOSKS = (
    *("entrance-1", "entrance-2", "entrance-3", "entrance-4"),
    *("platform-side", "upstairs"),
)
WITHOUT_PAPER, SILENT = "entrance-3", "upstairs"
SILENT_SINCE = minute_of("13:05")
NO_PAPER_SINCE = minute_of("14:16")

DISPLAYS: dict[str, tuple[str, ...]] = {
    "hall": (),
    "first-floor": ("registration", "benefits", "onward-travel"),
}
SHIPPED_COUNTERS = re.compile(r"\[\[counters\]\]\n(?:\w+ = .*\n)+\n?")


@dataclass(frozen=True, slots=True)
class BusyDay:
    """A copy of the busy day that can be served.

    Attributes:
        server: Serves it; its clock stands at `NOW` until `clock` is moved.
        clock: Moves the server's clock on.
        known: What cannot be read from the store: "displays" by name to token, "kiosks" to token.

    """

    server: ServerStand
    clock: SharedClock
    known: dict[str, Any]

    def display(self, name: str = "hall") -> str:
        """Return the address that lets a call display in."""
        return f"{self.server.address}/display/enter?token={self.known['displays'][name]}"


def busy_day(folder: Path, *, port: int = 0) -> BusyDay:
    """Copy the busy day into a new `folder`, to be served by ``with busy_day(...).server``."""
    made = _made_once()
    shutil.copytree(made, folder)
    clock = SharedClock(folder / "clock")
    clock.move_to(NOW)
    server = ServerStand(
        folder / "data",
        site_file=folder / "site.toml",
        port=port,
        program=("tests.day.clocked_server",),
        serve_options=("--clock", str(folder / "clock")),
    )
    return BusyDay(server, clock, json.loads((folder / "known.json").read_text(encoding="utf-8")))


def _made_once() -> Path:
    """Return the folder of the day, made anew where what it is made by has changed."""
    made_by = [
        *(Path(__file__).with_name(f"{name}.py") for name in ("busy_day", "busy_hours")),
        Path(__file__).with_name("days_before.py"),
        SITE_FILE,
        ROOT / "server_stub" / "tables.py",
        *sorted((ROOT / "server_stub" / "migrations" / "versions").glob("0*.py")),
    ]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in made_by)).hexdigest()[:12]
    kept = ROOT / "build" / "busy-day"
    made = kept / digest
    if not made.exists():
        kept.mkdir(parents=True, exist_ok=True)
        in_memory = Path("/dev/shm")  # noqa: S108  # where nothing waits for a disk
        with tempfile.TemporaryDirectory(dir=in_memory if in_memory.is_dir() else None) as name:
            make(Path(name))
            unfinished = Path(tempfile.mkdtemp(dir=kept))
            shutil.copytree(name, unfinished, dirs_exist_ok=True)
        try:
            unfinished.rename(made)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    return made


def make(folder: Path) -> None:
    """Make the day in a folder: its data, its site file, and what only those who made it know."""
    clock = StandingClock(MORNING - timedelta(days=40))
    settings = Settings(data=folder / "data", clock=clock, password_cost=CHEAP)
    administration.init(settings, _site_file(folder))
    chance = random.Random(SEED)  # noqa: S311  # the same day each time
    kiosks = [EnrolledKiosk.of(administration.add_kiosk(settings, name)) for name in KIOSKS]
    staff = dict.fromkeys(AT_COUNTERS, "counter") | LEADS
    for name, role in staff.items():
        administration.add_staff(settings, name, password=PASSWORD, role=role)
    displays = {
        name: administration.add_display(settings, name, stages=stages)
        for name, stages in DISPLAYS.items()
    }
    with open_room(settings) as room:
        given = {kiosk.name: chance.randrange(60, 700) for kiosk in kiosks}
        past = random.Random(SEED)  # noqa: S311  # what was before changes nothing of today
        _put_the_past(room.engine, room.site, kiosks, given=given, chance=past)
        day = _Day(room, clock, kiosks, given=given, chance=chance)
        day.today(carried_over=day.yesterday_evening())
    known = {"displays": displays, "kiosks": {kiosk.name: kiosk.token for kiosk in kiosks}}
    (folder / "known.json").write_text(json.dumps(known), encoding="utf-8")


def _site_file(folder: Path) -> Path:
    """Write the shipped site with sixteen counters."""
    shipped = SHIPPED_COUNTERS.sub("", SITE_FILE.read_text(encoding="utf-8"))
    number = 0
    for stage, spoken in COUNTERS.items():
        for languages in spoken:
            number += 1
            told = ", ".join(f'"{code}"' for code in languages)
            shipped += f'\n[[counters]]\nid = "{number}"\nstage = "{stage}"\nlanguages = [{told}]\n'
    file = folder / "site.toml"
    file.write_text(shipped, encoding="utf-8")
    return file


def _put_the_past(
    engine: Engine,
    site: Site,
    kiosks: Sequence[EnrolledKiosk],
    *,
    given: dict[str, int],
    chance: random.Random,
) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        put_days_before(
            connection,
            site,
            first=FIRST_DAY,
            last=DAY - timedelta(days=1),
            persons=EARLIER_PERSONS,
            chance=chance,
        )
        for kiosk in kiosks:
            _put_given(connection, kiosk, given[kiosk.name])


def _put_given(connection: Connection, kiosk: EnrolledKiosk, given: int) -> None:
    """Store that a kiosk has given out numbers whose visits are long deleted."""
    at = MORNING - timedelta(days=12)
    here = {"site": kiosk.site, "enrolment": kiosk.enrolment}
    connection.execute(
        tables.ledger.insert(),
        [
            here
            | {
                "id": new_id(),
                "sha256": f"{sequence:064x}",
                "sequence": sequence,
                "arrived_at": at,
                "received_at": at,
            }
            for sequence in range(1, given + 1)
        ],
    )
    t = tables.kiosk.c
    connection.execute(
        tables.kiosk.update()
        .where(t.enrolment == kiosk.enrolment)
        .values(highest_sequence=given, complete_to=given)
    )
    report = {"program_version": "0.1.0", "site_version": "", "printer": "ready"}
    zeros = dict.fromkeys(("outbox_depth", "abandoned", "help_calls"), 0)
    connection.execute(
        tables.kiosk_report.insert().values(
            **here,
            **report,
            **zeros,
            at=at,
            clock_trusted=True,
            disk_free_bytes=11 * 10**9,
            highest_sequence=given,
            check_ins=given,
        )
    )


class _Day:
    """The evening before, and the day up to its moment."""

    def __init__(
        self,
        room: OpenRoom,
        clock: StandingClock,
        kiosks: Sequence[EnrolledKiosk],
        *,
        given: dict[str, int],
        chance: random.Random,
    ) -> None:
        self.room, self.clock, self.chance = room, clock, chance
        self.kiosks = {kiosk.name: kiosk for kiosk in kiosks}
        self.doorway = Doorway(room, kiosks, given, chance)
        each = zip(room.site.counters, AT_COUNTERS, strict=True)
        names = {c.id: who for c, who in each if c.id not in NOT_STAFFED}
        self.desks = Desks(room, names)

    def yesterday_evening(self) -> list[Party]:
        """Let some parties come too late to be called; return them, carried over."""
        pass_time = clock_of_day(self.clock, MORNING - timedelta(days=1))
        late = [a for a in arrivals(PERSONS, self.chance) if a.minute >= minute_of("17:20")][:9]
        came = []
        for minute, arrival in enumerate(late, start=int(minute_of("17:25"))):
            pass_time(minute)
            came.append((arrival, *self.doorway.check_in(arrival, minute)))
        pass_time(minute_of("18:20"))
        self.desks.close_day(gone=[])
        return [
            Party(
                arrival,
                visit,
                number,
                arrival.adults,
                arrival.children,
                version=self.room.visit(visit).version,
            )
            for arrival, visit, number, _ in came
        ]

    def today(self, *, carried_over: list[Party]) -> None:
        """Live the day: parties, reports, calls for help."""
        pass_time = clock_of_day(self.clock, MORNING)
        pass_time(minute_of("07:30"))
        world = BusyWorld(self.desks, self.doorway, pass_time, self.chance)
        for party in carried_over:
            world.know(party)
        for minute in range(int(minute_of("07:30")), int(minute_of("14:30")), 15):
            world.at(minute, self.doorway.report)
        world.at(minute_of("07:50"), self._staff_come)
        world.at(minute_of("08:05"), lambda: self.desks.count_stock("housed", 3655))
        world.at(SILENT_SINCE, lambda: self.doorway.silent.add(SILENT))
        world.at(NO_PAPER_SINCE, self._paper_is_out)
        for clock, kiosk, kind, language in (
            ("09:12", "entrance-2", HelpKind.PERSON, "uk"),
            ("10:40", "entrance-1", HelpKind.DOCTOR, "ru"),
            ("12:03", "platform-side", HelpKind.PERSON, None),
        ):
            self._help_at(world, clock, kiosk, kind, language, answered=True)
        self._help_at(world, "14:26", "entrance-2", HelpKind.PERSON, "ar")
        self._help_at(world, "14:29", "entrance-1", HelpKind.DOCTOR, "uk")
        world.at(minute_of("14:20"), lambda: world.confirm_appointments(2))
        planned = [a for a in arrivals(PERSONS, self.chance) if a.minute >= minute_of("07:40")]
        world.live_until(minute_of("14:30"), [self._in_some_language(a) for a in planned])
        self.clock.now = NOW - timedelta(seconds=12)
        self.doorway.check_in_unreadable()
        self.doorway.report()
        self.clock.now = NOW

    def _in_some_language(self, arrival: Arrival) -> Arrival:
        """Return an arrival, one in five in another language: pages shall show many."""
        if self.chance.random() < OTHER_LANGUAGES:
            return replace(arrival, language=self.chance.choice(self.room.site.languages))
        return arrival

    def _paper_is_out(self) -> None:
        self.doorway.without_paper.add(WITHOUT_PAPER)
        self.doorway.report()

    def _staff_come(self) -> None:
        """Everyone logs in and chooses a counter."""
        site = self.room.site.id
        with self.room.engine.execution_options(writes=True).begin() as connection:
            for counter, name in self.desks.staff.items():
                told = {"name": name, "address": "127.0.0.1", "language": "de"}
                token = staff_sessions.log_in(connection, site, **told, now=self.clock.now)
                session = staff_sessions.session_of(
                    connection, site, token=token, now=self.clock.now
                )
                assert session
                staff_sessions.choose_counter(connection, site, session=session, counter=counter)

    def _help_at(  # when, where, and what for
        self,
        world: BusyWorld,
        clock: str,
        kiosk: str,
        kind: HelpKind,
        language: str | None,
        *,
        answered: bool = False,
    ) -> None:
        call = HelpCall(id=new_id(), kiosk=kiosk, kind=kind, language=language)
        room = self.room.room
        minute = minute_of(clock)
        world.at(minute, lambda: self.room.run(room.call_for_help(call, age=0)))
        if answered:
            world.at(minute + 1.5, lambda: self._answer(call.id))

    def _answer(self, call: UUID) -> None:
        self.room.run(self.room.room.acknowledge_help(help_call=call, staff="hedi"))


def main() -> int:
    """Serve a copy until interrupted."""
    with tempfile.TemporaryDirectory(prefix="ankunft-busy-day-") as name:
        day = busy_day(Path(name) / "day", port=int(sys.argv[1]) if sys.argv[1:] else 0)
        with day.server as server:
            say = sys.stdout.write
            say(f"{server.address}/staff  as lena (lead), adam (admin), anna (counter) or hedi\n")
            say(f"(helper); the password is {PASSWORD}\n{day.display()}\nCtrl-C ends it\n")
            sys.stdout.flush()
            try:
                signal.pause()
            except KeyboardInterrupt:
                return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
