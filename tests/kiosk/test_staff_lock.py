import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk import staff_lock
from kiosk.staff_lock import StaffLock, Verdict, pause

CODE = "402671"


class Seconds:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


Lock = Callable[..., StaffLock]


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def lock(folder: Path, seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> Lock:
    # The hash itself is tested where it is made; here it would take a tenth of a second a try.
    monkeypatch.setattr(staff_lock, "matches", lambda code, kept: code == kept)

    def make(boot: str = "boot-1", data: Path = folder) -> StaffLock:
        return StaffLock(CODE, data=data, boot=boot, monotonic=seconds)

    return make


def guess(lock: StaffLock, count: int) -> list[Verdict]:
    return [lock.try_code(f"{number:06}") for number in range(count)]


def test_the_code_opens(lock: Lock) -> None:
    assert lock().try_code(CODE) is Verdict.RIGHT


def test_after_five_wrong_codes_the_right_one_does_not_open_either(
    lock: Lock, seconds: Seconds
) -> None:
    one = lock()

    assert guess(one, 5) == [Verdict.WRONG] * 4 + [Verdict.PAUSE]
    assert one.seconds_left == 300
    assert one.try_code(CODE) is Verdict.PAUSE
    seconds.now += 299.9
    assert one.try_code(CODE) is Verdict.PAUSE
    seconds.now += 0.2
    assert one.try_code(CODE) is Verdict.RIGHT


def test_each_five_more_double_the_pause_up_to_an_hour(lock: Lock, seconds: Seconds) -> None:
    one, pauses = lock(), []
    for _ in range(6):
        guess(one, 5)
        pauses.append(one.seconds_left)
        seconds.now += one.seconds_left

    assert pauses == [300, 600, 1200, 2400, 3600, 3600]
    assert pause(5 * 10_000) == 3600


def test_the_right_code_forgets_the_wrong_ones(lock: Lock) -> None:
    one = lock()
    guess(one, 4)
    one.try_code(CODE)

    assert guess(one, 4) == [Verdict.WRONG] * 4


def test_a_restart_of_the_program_changes_nothing(lock: Lock, seconds: Seconds) -> None:
    guess(lock(), 5)
    seconds.now += 100

    assert lock().seconds_left == 200
    assert lock().try_code(CODE) is Verdict.PAUSE


@pytest.mark.parametrize("boot", ["boot-2", "unknown"])
def test_switching_the_kiosk_off_and_on_begins_the_pause_anew(
    lock: Lock, seconds: Seconds, boot: str
) -> None:
    guess(lock("unknown" if boot == "unknown" else "boot-1"), 5)
    seconds.now = 7.0

    assert lock(boot).seconds_left == 300


def test_a_try_counts_before_it_is_checked(lock: Lock, monkeypatch: pytest.MonkeyPatch) -> None:
    def pulls_the_plug(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(staff_lock, "matches", pulls_the_plug)
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            lock().try_code(CODE)

    assert lock().seconds_left == 300


@pytest.mark.parametrize("note", ["", "{", "[]", '{"wrong": null}', "\xff"])
def test_a_damaged_note_opens_nothing(lock: Lock, folder: Path, note: str) -> None:
    (folder / staff_lock.FILE).write_text(note, encoding="latin-1")

    assert lock().seconds_left == 300


def test_no_digit_is_ever_kept_or_logged(
    lock: Lock, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lock().try_code("918273")

    assert set(json.loads((folder / staff_lock.FILE).read_text())) == {"wrong", "boot", "since"}
    assert "918273" not in caplog.text + (folder / staff_lock.FILE).read_text()


def test_staff_get_in_where_the_disk_takes_no_note(
    lock: Lock, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = lock(data=folder / "gone")

    assert guess(one, 5)[-1] is Verdict.PAUSE  # in memory it is counted all the same
    assert lock(data=folder / "gone").try_code(CODE) is Verdict.RIGHT
    assert "staff lock not kept" in caplog.text
