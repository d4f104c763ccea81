"""What kiosk and server note in files of their own is there after a power cut a moment later."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from kiosk.service import TAKEN_OUT
from tests.chaos.forgetful_disk import Disk, built
from tests.stand.server import ROOT, SITE_FILE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def library() -> Iterator[Path]:
    with built() as library:
        yield library


@pytest.fixture
def disk(tmp_path: Path, library: Path) -> Disk:
    folder = tmp_path / "data"
    folder.mkdir()
    return Disk(folder, tmp_path / "noted", library)


def do_and_cut(disk: Disk, program: str) -> None:
    """Do something in a process of its own, then cut the power."""
    ended = subprocess.run(
        [sys.executable, "-c", f"{HEAD}\n{program}\nos.kill(os.getpid(), 9)", str(disk.folder)],
        cwd=ROOT,
        env={**os.environ, **disk.environment()},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    disk.cut(Random(1), stays=0.0)  # noqa: S311  # nothing is left to them


HEAD = """
import os, sys, time
from pathlib import Path
data = Path(sys.argv[1])
"""
SERVICE = """
from kiosk.service import Service
def service():
    return Service(data, prove=None, on_change=lambda: None, monotonic=time.monotonic)
"""
LEFTOVERS = """
from kiosk.leftovers import Leftovers
notes = Leftovers(data)
"""
LOCK = """
from kiosk.staff_code import hash_code
from kiosk.staff_lock import StaffLock
lock = StaffLock(hash_code("402671"), data=data, boot="b", monotonic=time.monotonic)
"""
KEY = """
from kiosk.private_key import make_key
make_key(data / "kiosk.key")
"""


def test_a_kiosk_that_staff_took_out_of_service_stays_out(disk: Disk) -> None:
    do_and_cut(disk, f"{SERVICE}service().take_out(out=True)")

    assert (disk.folder / TAKEN_OUT).exists()


def test_a_kiosk_that_staff_put_back_into_service_stays_in(disk: Disk) -> None:
    (disk.folder / TAKEN_OUT).touch()
    disk.look()
    do_and_cut(disk, f"{SERVICE}service().take_out(out=False)")

    assert not (disk.folder / TAKEN_OUT).exists()


def test_what_a_printer_may_hold_is_remembered(disk: Disk) -> None:
    from kiosk.leftovers import Leftovers

    do_and_cut(disk, f"{LEFTOVERS}notes.note(0, there=True)")
    assert Leftovers(disk.folder).noted(0)

    do_and_cut(disk, f"{LEFTOVERS}notes.staff_say_empty(sequence=7)")
    assert not Leftovers(disk.folder).noted(0)
    assert Leftovers(disk.folder).staff_said_since(7)


def test_pulling_the_plug_gives_nobody_another_try_at_the_staff_code(disk: Disk) -> None:
    from kiosk.staff_code import hash_code
    from kiosk.staff_lock import StaffLock

    do_and_cut(disk, f"{LOCK}for _ in range(3): lock.try_code('000000')")

    lock = StaffLock(hash_code("402671"), data=disk.folder, boot="b", monotonic=lambda: 1e9)
    assert lock._wrong == 3


def test_the_key_of_a_kiosk_is_there_once_it_was_made(disk: Disk) -> None:
    do_and_cut(disk, KEY)

    assert (disk.folder / "kiosk.key").read_bytes().startswith(b"-----BEGIN PRIVATE KEY")


def test_a_server_is_there_once_it_was_made(disk: Disk) -> None:
    made = ("init", "--data", str(disk.folder), "--site", str(SITE_FILE))
    do_and_cut(disk, f"from server_stub.__main__ import main\nassert main({list(made)}) == 0")

    files = {path.name for path in disk.folder.rglob("*")}
    assert "ankunft.db" in files
    assert any(name.endswith(".key") for name in files)
