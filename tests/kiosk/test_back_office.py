import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk import back_office, staff_lock
from kiosk.back_office import BackOffice, SoundCheck, Ways, memory_bytes
from kiosk.contract.messages import Sounds
from kiosk.front_desk import JournalThread
from kiosk.journal import Journal
from kiosk.leftovers import Leftovers
from kiosk.service import Service, prove
from kiosk.staff_lock import StaffLock, Verdict
from tests.kiosk.arrivals import ENROLMENT, StandingClock, issue
from tests.kiosk.loopback import WAIT_SECONDS

CODE = "402671"


@dataclass
class Rest:
    """The rest of the kiosk, as the back office reaches it."""

    heard: float | None = None
    slips: int = 0
    sounds: Sounds = "ready"
    played: list[str] = field(default_factory=list)

    def ways(self) -> Ways:
        return Ways(
            site_version=lambda: "0123456789abcdef",
            server_heard=lambda: self.heard,
            printer_report=lambda: "paper-low",
            print_test_slip=self.print_slip,
            sound=lambda: SoundCheck(lambda: self.sounds, self.play),
        )

    def print_slip(self) -> None:
        self.slips += 1

    def play(self) -> bool:
        self.played.append("tone")
        return self.sounds == "ready"


@pytest.fixture
def door(folder: Path) -> Iterator[JournalThread]:
    door = JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT))
    yield door
    door.close()


@pytest.fixture
def rest() -> Rest:
    return Rest()


@pytest.fixture
def open_office(
    folder: Path, clock: StandingClock, door: JournalThread, rest: Rest
) -> Iterator[Callable[..., BackOffice]]:
    opened = []

    def open_office(*, code: str | None = CODE) -> BackOffice:
        lock = code and StaffLock(code, data=folder, boot=clock.boot, monotonic=clock.monotonic)
        office = BackOffice(
            lock or None,
            folder,
            journal=door,
            service=Service(
                folder,
                prove=lambda: door.submit(prove),
                on_change=lambda: None,
                monotonic=clock.monotonic,
            ),
            clock=clock,
            ways=rest.ways(),
        )
        opened.append(office)
        return office

    yield open_office
    for office in opened:
        office.close()


@pytest.fixture
def office(open_office: Callable[..., BackOffice], monkeypatch: pytest.MonkeyPatch) -> BackOffice:
    monkeypatch.setattr(staff_lock, "matches", lambda code, kept: code == kept)
    return open_office()


def done(future: Future[object]) -> object:
    return future.result(WAIT_SECONDS)


def test_without_a_code_nobody_gets_in(open_office: Callable[..., BackOffice]) -> None:
    office = open_office(code=None)

    assert not office.has_code
    assert done(office.try_code("")) is Verdict.PAUSE


def test_wrong_codes_are_logged_and_counted_and_never_told(
    office: BackOffice, door: JournalThread, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for code in ("918273", "918274"):
        assert done(office.try_code(code)) is Verdict.WRONG
    assert done(office.try_code(CODE)) is Verdict.RIGHT

    assert door(Journal.counters)["wrong_codes"] == 2
    assert caplog.text.count("staff code not taken") == 2
    assert "staff code right" in caplog.text
    assert not any(code in caplog.text for code in ("918273", "918274", CODE))


def test_after_five_wrong_codes_it_tells_how_long_to_wait(office: BackOffice) -> None:
    for number in range(5):
        verdict = done(office.try_code(f"91827{number}"))

    assert verdict is Verdict.PAUSE
    assert office.seconds_locked == 300


def test_staff_see_how_the_kiosk_is(
    office: BackOffice, door: JournalThread, rest: Rest, clock: StandingClock
) -> None:
    first = office.look().result(WAIT_SECONDS)
    rest.heard = clock.monotonic()
    clock.seconds += 12
    door(lambda journal: journal.refuse(issue(journal, 3)[1].id, reason="nonsense"))
    office.take_out(out=True).result(WAIT_SECONDS)
    seen = office.look().result(WAIT_SECONDS)

    assert (first.server_seconds, first.taken_out, first.troubles) == (None, False, ())
    assert (seen.sequence, seen.outbox, seen.refused) == (3, 3, 1)
    assert (seen.printer, seen.server_seconds, seen.sound) == ("paper-low", 12, "ready")
    assert (seen.taken_out, seen.troubles) == (True, ("taken-out",))
    assert seen.disk_free_bytes
    assert seen.memory_bytes > 10**7


def test_a_stuck_disk_leaves_out_what_it_would_have_told(
    office: BackOffice, door: JournalThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_office, "PATIENCE_SECONDS", 0.01)
    released: Future[None] = Future()
    door.submit(lambda _: released.result(WAIT_SECONDS))

    seen = office.look().result(WAIT_SECONDS)
    released.set_result(None)

    assert (seen.sequence, seen.outbox, seen.refused) == (None, None, None)
    assert seen.printer == "paper-low"


def test_staff_say_that_the_printer_is_empty(
    office: BackOffice, folder: Path, door: JournalThread
) -> None:
    spool = Leftovers(folder)
    spool.note(0, there=True)
    door(lambda journal: issue(journal, 4))

    done(office.say_printer_is_empty())

    assert spool.staff_spoke()
    assert not spool.noted(0)
    assert spool.staff_said_since(4)
    assert not spool.staff_said_since(5)


def test_of_a_printer_that_prints_nobody_says_that_it_is_empty(
    office: BackOffice, folder: Path
) -> None:
    running = Leftovers(folder)
    running.note(0, there=True)
    with running.printing():
        told = office.say_printer_is_empty().exception(WAIT_SECONDS)

    assert isinstance(told, OSError)
    assert told.strerror == "a slip is being printed"
    assert running.noted(0)
    assert not running.staff_spoke()


def test_what_the_disk_does_not_take_comes_back_as_what_went_wrong(
    office: BackOffice, folder: Path
) -> None:
    (folder / "taken-out").mkdir()

    with pytest.raises(OSError, match="directory"):
        office.take_out(out=False).result(WAIT_SECONDS)


@pytest.mark.parametrize("sounds", ["ready", "none"])
def test_sound_is_tried_and_a_slip_printed(office: BackOffice, rest: Rest, sounds: Sounds) -> None:
    rest.sounds = sounds

    assert done(office.try_sound()) is (sounds == "ready")
    done(office.print_test_slip())

    assert (rest.played, rest.slips) == (["tone"], 1)


def test_memory_is_told_in_bytes() -> None:
    assert 10**7 < memory_bytes() < 10**11
