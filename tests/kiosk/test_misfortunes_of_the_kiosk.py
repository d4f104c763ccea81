"""Misfortunes of the kiosk itself, with real disks and a real X server that are really lost."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.contract.messages import Trouble
from kiosk.contract.series import Series
from kiosk.front_desk import FrontDesk, Identity, JournalThread, SiteInForce
from kiosk.journal import Journal, JournalError
from kiosk.server_link import ServerLink
from kiosk.speech.chime import chime
from kiosk.speech.player import AplayPlayer
from kiosk.test_slip import make_test_slip
from tests.kiosk.arrivals import (
    ENROLMENT,
    FAMILY,
    KEY,
    NINE,
    SETTINGS,
    SITE,
    SITE_TEXT,
    StandingClock,
)
from tests.kiosk.central import Central
from tests.kiosk.loopback import WAIT_SECONDS, Loopback
from tests.kiosk.test_front_desk import Tray

ROOT = Path(__file__).parents[2]
LARGE = 8 * 2**20


class Disk:
    """A file system of a few megabytes, in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, *, leave: int = 0) -> None:
        """Fill it to the last byte, or but for so many."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        if leave:
            os.truncate(self._filler, self._filler.stat().st_size - leave)

    def clear(self) -> None:
        self._filler.unlink()

    def remount(self, how: str) -> None:
        """Make it read-only or writable, while nobody has a file open."""
        subprocess.run(["mount", "-o", f"remount,{how}", self.folder], check=True)

    def take_away(self) -> None:
        """Put an empty disk in its place that cannot be written."""
        mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", self.folder]
        subprocess.run(mount, check=True)

    def bring_back(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={LARGE}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nobody but root may mount a file system")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def desk(disk: Disk, server: Loopback, clock: StandingClock) -> Iterator[FrontDesk]:
    desk = FrontDesk(
        Identity("entrance-1", Series("D"), disk.folder),
        SiteInForce(SITE, KEY),
        journal=JournalThread(lambda: Journal(disk.folder / "journal.db", enrolment=ENROLMENT)),
        printer=Tray(),
        open_link=lambda: ServerLink(server.url, token="token"),
        clock=clock,
    )
    desk.open()
    yield desk
    desk.close()


def number(desk: FrontDesk) -> str:
    return desk.check_in(FAMILY).result(WAIT_SECONDS).number


def hear_of(central: Central, *troubles: str) -> None:
    central.wait_for(
        lambda: bool(central.heartbeats) and central.heartbeats[-1]["troubles"] == [*troubles]
    )


def test_a_full_disk_stops_it_and_staff_hear_and_no_number_is_lost(
    desk: FrontDesk, disk: Disk, central: Central
) -> None:
    assert number(desk) == "D101"
    disk.fill()
    with pytest.raises(JournalError, match="nothing was written") as full:
        number(desk)
    assert full.value.trouble is Trouble.DISK_FULL
    desk._service.look()
    assert desk.trouble == Trouble.DISK_FULL
    hear_of(central, "disk-full")

    disk.clear()
    desk._service.look()
    assert desk.trouble is None
    hear_of(central)
    assert number(desk) == "D102"


def test_it_stops_while_there_is_still_room_for_those_who_are_being_asked(
    desk: FrontDesk, disk: Disk
) -> None:
    disk.fill(leave=2**20)
    desk._service.look()

    assert desk.trouble == Trouble.DISK_FULL
    assert number(desk) == "D101"


def test_a_disk_that_is_gone_stops_it_until_it_is_back(
    desk: FrontDesk, disk: Disk, central: Central
) -> None:
    assert number(desk) == "D101"
    hear_of(central)
    disk.take_away()
    try:
        desk._service.look()
        told = desk.trouble
        with pytest.raises(JournalError):
            number(desk)
        with pytest.raises(OSError, match="Read-only"):
            desk.staff.take_out(out=True).result(WAIT_SECONDS)
        taken_out = desk._service.taken_out
    finally:
        disk.bring_back()

    assert told in {Trouble.DISK_FULL, Trouble.DISK_READ_ONLY}
    assert taken_out  # from now on, though the disk took no note of it
    desk.staff.take_out(out=False).result(WAIT_SECONDS)
    desk._service.look()
    assert desk.trouble is None
    assert number(desk) == "D102"


def test_a_journal_on_a_read_only_disk_is_told_apart_from_a_damaged_one(disk: Disk) -> None:
    path = disk.folder / "journal.db"
    Journal(path, enrolment=ENROLMENT).close()
    disk.remount("ro")
    with pytest.raises(JournalError) as refused:
        Journal(path, enrolment=ENROLMENT)
    disk.remount("rw")

    assert refused.value.trouble is Trouble.DISK_READ_ONLY


LIMITED = """
import resource, signal, sys
from pathlib import Path
from uuid import UUID
from kiosk.journal import Journal, JournalError

journal = Journal(Path(sys.argv[1]), enrolment=UUID(sys.argv[2]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    journal.prove_writable()
except JournalError as error:
    print(error.trouble.value)
"""


def test_a_disk_that_takes_no_more_of_a_file_is_found_without_any_right_to_mount(
    folder: Path,
) -> None:
    path = str(folder / "journal.db")
    told = subprocess.run(
        [sys.executable, "-c", LIMITED, path, str(ENROLMENT)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() in {Trouble.DISK_FULL.value, Trouble.JOURNAL.value}


def test_a_journal_that_is_damaged_while_it_runs_is_found(folder: Path) -> None:
    path = folder / "journal.db"
    with closing(Journal(path, enrolment=ENROLMENT)) as journal:
        content = bytearray(path.read_bytes())
        content[:200] = b"x" * 200
        path.write_bytes(content)

        with pytest.raises(JournalError) as damaged:
            journal.prove_writable()

    assert damaged.value.trouble is Trouble.JOURNAL_DAMAGED


def test_without_a_sound_device_nothing_is_heard_and_that_is_known() -> None:
    player = AplayPlayer(device="no-such-device")
    playing = player.start(chime())

    assert playing is None or not playing.wait()
    assert player.sound == "none"


def test_a_wrong_clock_prints_no_time() -> None:
    assert make_test_slip(SITE, kiosk="entrance-1", now=None).printed_at == ""
    assert make_test_slip(SITE, kiosk="entrance-1", now=NINE).printed_at == "02.03.2026 10:00"


# --- the screen ---------------------------------------------------------------------------------


@pytest.fixture
def settings(folder: Path) -> Path:
    (folder / "hbf.toml").write_text(SITE_TEXT)
    path = folder / "kiosk.toml"
    path.write_text(f"{SETTINGS}\n[screen]\nwidth = 540\nheight = 960\n")
    return path


@pytest.fixture
def x_server(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("no Xvfb: apt-get install xvfb")
    tell, told = os.pipe()
    with (
        (tmp_path / "xvfb.log").open("wb") as log,
        subprocess.Popen(
            [program, "-displayfd", str(told), "-screen", "0", "540x960x24", "-nolisten", "tcp"],
            pass_fds=[told],
            stderr=log,
        ) as process,
    ):
        os.close(told)
        with os.fdopen(tell) as display:
            process.display = f":{display.readline().strip()}"  # type: ignore[attr-defined]
        try:
            yield process
        finally:
            process.kill()


def wait_for(path: Path, said: str) -> str:
    """Return the log once it says so."""
    import time

    deadline = time.monotonic() + 30
    while said not in (text := path.read_text()):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
    return text


@pytest.mark.display
@pytest.mark.slow
def test_a_lost_x_server_ends_the_program_at_once_for_the_supervisor_and_loses_nothing(
    settings: Path, x_server: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    log = tmp_path / "kiosk.log"
    environment = {
        **{name: value for name, value in os.environ.items() if name != "SDL_VIDEODRIVER"},
        "DISPLAY": x_server.display,  # type: ignore[attr-defined]
        "HOME": str(tmp_path),
    }
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run", "--settings", settings],
            cwd=ROOT,
            env=environment,
            stderr=file,
        ) as kiosk,
    ):
        wait_for(log, "server unreachable")  # its threads run
        x_server.kill()

        assert kiosk.wait(WAIT_SECONDS) not in {0, 2}

    with closing(Journal(settings.parent / "data" / "journal.db", enrolment=ENROLMENT)) as journal:
        assert journal.sequence == 0


@pytest.mark.display
@pytest.mark.slow
def test_systemd_hears_of_the_first_picture_and_then_that_the_kiosk_lives(
    settings: Path, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        environment = {
            **os.environ,
            "SDL_VIDEODRIVER": "offscreen",
            "HOME": str(tmp_path),
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "300000",
        }
        with subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run", "--settings", settings],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.DEVNULL,
        ) as kiosk:
            try:
                heard = [systemd.recv(100) for _ in range(6)]
            finally:
                kiosk.kill()

    assert heard == [b"READY=1", *5 * [b"WATCHDOG=1"]]


FAILING = """
import sys
from kiosk.screens import window
window.prepare = lambda _: None
import types
app = types.ModuleType("kiosk.screens.app")
class KioskApp:
    def __init__(self, *_, **__): pass
    def run(self): raise KeyError("what a party entered")
app.KioskApp = KioskApp
sys.modules["kiosk.screens.app"] = app
from kiosk.__main__ import main
sys.exit(main(["run", "--settings", sys.argv[1]]))
"""


def test_screens_that_failed_end_the_program_with_a_code_and_without_their_words(
    settings: Path,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FAILING, settings],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 70
    assert "screens ended error='KeyError at" in ended.stderr
    assert "what a party entered" not in ended.stderr
