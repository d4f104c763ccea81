"""A kiosk whose journal cannot be opened: a calm screen, help, and staff who know of it."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import emergency
from kiosk.assembly import MENDABLE, open_emergency_desk, open_front_desk
from kiosk.contract.messages import HelpKind
from kiosk.emergency import EmergencyDesk
from kiosk.journal import Journal, JournalError, NoJournalYet
from kiosk.settings import Settings, read_settings
from kiosk.staff_code import hash_code
from kiosk.staff_lock import Verdict
from tests.kiosk.arrivals import ENROLMENT, FAMILY, SETTINGS, SITE, SITE_TEXT, issue
from tests.kiosk.central import Central
from tests.kiosk.loopback import WAIT_SECONDS, Loopback

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(folder: Path) -> Path:
    """A kiosk that has given out two numbers, and whose journal was then damaged."""
    (folder / "hbf.toml").write_text(SITE_TEXT)
    (folder / "kiosk.toml").write_text(SETTINGS)
    (folder / "data").mkdir()
    journal = Journal(folder / "data" / "journal.db", enrolment=ENROLMENT)
    issue(journal, 2)
    journal.close()
    return folder


@pytest.fixture
def journal(place: Path) -> Path:
    return place / "data" / "journal.db"


@pytest.fixture
def whole(journal: Path) -> bytes:
    whole = journal.read_bytes()
    journal.write_bytes(b"x" * len(whole))
    return whole


def settings(place: Path, server: Loopback) -> Settings:
    text = SETTINGS.replace("http://127.0.0.1:9", server.url)
    (place / "kiosk.toml").write_text(f'{text}\n[staff]\ncode = "{hash_code("402671")}"\n')
    return read_settings(place / "kiosk.toml")


@pytest.fixture
def mended() -> list[str]:
    return []


@pytest.fixture
def desk(place: Path, whole: bytes, server: Loopback, mended: list[str]) -> Iterator[EmergencyDesk]:
    assert whole
    chosen = settings(place, server)
    with pytest.raises(JournalError) as error:
        open_front_desk(chosen)
    desk = open_emergency_desk(chosen, error.value, on_mended=lambda: mended.append("mended"))
    yield desk
    desk.close()


def test_it_gives_out_no_numbers_and_says_why(desk: EmergencyDesk) -> None:
    assert desk.trouble == "journal-damaged"
    assert desk.site == SITE
    with pytest.raises(JournalError):
        desk.check_in(FAMILY).result()


def test_staff_hear_of_it_and_are_called(desk: EmergencyDesk, central: Central) -> None:
    desk.open()
    central.wait_for(lambda: bool(central.heartbeats))
    watch = desk.call_help(HelpKind.DOCTOR, None)

    assert central.heartbeats[0]["troubles"] == ["journal-damaged"]
    assert watch.call.kind is HelpKind.DOCTOR


def test_staff_get_in_and_see_what_is_known(desk: EmergencyDesk) -> None:
    assert desk.staff.try_code("402671").result(WAIT_SECONDS) is Verdict.RIGHT
    seen = desk.staff.look().result(WAIT_SECONDS)

    assert (seen.sequence, seen.outbox, seen.troubles) == (None, None, ("journal-damaged",))
    with pytest.raises(JournalError):
        desk.staff.print_test_slip().result(WAIT_SECONDS)


def test_it_begins_anew_once_the_journal_can_be_opened(
    desk: EmergencyDesk,
    journal: Path,
    whole: bytes,
    mended: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emergency, "LOOK_AGAIN_SECONDS", 0.01)
    desk.open()
    assert mended == []
    journal.write_bytes(whole)
    desk._thread.join(WAIT_SECONDS)

    assert mended == ["mended"]


def test_a_disk_that_fails_while_it_is_looked_at_is_looked_at_again(
    desk: EmergencyDesk,
    journal: Path,
    whole: bytes,
    mended: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emergency, "LOOK_AGAIN_SECONDS", 0.01)
    failures = [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")]

    def fails_at_first(_: Path) -> int:
        if failures:
            raise failures.pop()
        return journal.write_bytes(whole)

    monkeypatch.setattr(emergency, "_disk_free", fails_at_first)
    desk.open()
    desk._thread.join(WAIT_SECONDS)

    assert mended == ["mended"]


def test_a_disk_that_does_not_say_whether_a_journal_is_there_is_waited_for(
    place: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(place, server)
    (place / "data").rename(place / "away")

    def breaks_off(_: Path) -> bool:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "exists", breaks_off)
    with pytest.raises(JournalError) as error:
        Journal(chosen.data / "journal.db", enrolment=ENROLMENT, none_yet=NoJournalYet.REFUSE)

    assert error.value.trouble in MENDABLE


def test_another_kiosks_journal_is_for_a_technician(place: Path, server: Loopback) -> None:
    chosen = settings(place, server)
    with pytest.raises(JournalError, match="another"):
        open_emergency_desk(chosen, JournalError("another's"), on_mended=lambda: None)


@pytest.mark.display
@pytest.mark.slow
def test_the_program_shows_it_and_ends_as_ever(
    place: Path, whole: bytes, tmp_path: Path, server: Loopback, central: Central
) -> None:
    assert whole
    settings(place, server)
    log = tmp_path / "kiosk.log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run", "--settings", place / "kiosk.toml"],
            cwd=ROOT,
            env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "HOME": str(tmp_path)},
            stderr=file,
        ) as kiosk,
    ):
        with central.news:
            assert central.news.wait_for(lambda: bool(central.heartbeats), 30)
        kiosk.send_signal(signal.SIGTERM)

        assert kiosk.wait(WAIT_SECONDS) == 0
    assert "journal.db: cannot be read (file is not a database)" in log.read_text()


@pytest.mark.display
@pytest.mark.slow
def test_the_program_ends_for_its_supervisor_once_the_journal_can_be_opened(
    place: Path, journal: Path, whole: bytes, tmp_path: Path, server: Loopback, central: Central
) -> None:
    settings(place, server)
    quick = "from kiosk import emergency; emergency.LOOK_AGAIN_SECONDS = 0.2; "
    run = f"import sys; {quick}from kiosk.__main__ import main; sys.exit(main(sys.argv[1:]))"
    with subprocess.Popen(
        [sys.executable, "-c", run, "run", "--settings", place / "kiosk.toml"],
        cwd=ROOT,
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "HOME": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    ) as kiosk:
        with central.news:
            assert central.news.wait_for(lambda: bool(central.heartbeats), 30)
        journal.write_bytes(whole)

        assert kiosk.wait(WAIT_SECONDS) == 75
