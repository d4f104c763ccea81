"""The disk that forgets: what was flushed stays, and what was not may be gone or torn."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.chaos.forgetful_disk import Disk, built
from tests.chaos.shim_proof import WAYS, Way, cut_off

pytestmark = pytest.mark.slow


class Chooses(Random):
    """Dice that fall as they are told."""

    def __init__(self, stays: float, page: int) -> None:
        super().__init__(1)
        self._chosen = [stays, page]

    def choice(self, _of: object) -> object:
        return self._chosen.pop(0)


@pytest.fixture(scope="module")
def library() -> Iterator[Path]:
    with built() as library:
        yield library


@pytest.fixture
def disk(tmp_path: Path, library: Path) -> Disk:
    folder = tmp_path / "disk"
    folder.mkdir()
    (folder / "old").write_bytes(b"o" * 2000)
    return Disk(folder, tmp_path / "log", library)


def run_and_die(disk: Disk, program: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", f"import os\n{program}\nos.kill(os.getpid(), 9)"],
        cwd=disk.folder,
        env={**os.environ, **disk.environment()},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL


WRITES = """
file = os.open("old", os.O_WRONLY)
os.pwrite(file, b"1" * 2000, 0)
os.fsync(file)
os.pwrite(file, b"2" * 2000, 0)
"""
RENAMES = """
with open("new", "w") as file:
    file.write("new")
    file.flush()
    {flush_file}
os.replace("new", "name")
{flush_folder}
"""
FLUSH_FILE = "os.fsync(file.fileno())"
FLUSH_FOLDER = 'os.fsync(os.open(".", os.O_RDONLY))'


def test_a_flushed_write_stays_and_one_that_is_not_goes(disk: Disk) -> None:
    run_and_die(disk, WRITES)
    assert (disk.folder / "old").read_bytes() == b"2" * 2000

    disk.cut(Chooses(0.0, 512))

    assert (disk.folder / "old").read_bytes() == b"1" * 2000


def test_a_write_may_be_torn_at_the_pages_of_the_disk(disk: Disk) -> None:
    run_and_die(disk, WRITES)
    disk.cut(Chooses(0.5, 512))

    left = (disk.folder / "old").read_bytes()
    pages = [set(left[at : at + 512]) for at in range(0, 2000, 512)]
    assert all(len(page) == 1 for page in pages)
    assert set(left) == set(b"12")


@pytest.mark.parametrize(
    ("flush_file", "flush_folder", "left"),
    [
        ("pass", "pass", None),
        ("pass", FLUSH_FOLDER, ""),
        (FLUSH_FILE, "pass", None),
        (FLUSH_FILE, FLUSH_FOLDER, "new"),
    ],
)
def test_a_name_is_safe_once_its_folder_was_flushed_and_what_it_names_by_itself(
    disk: Disk, flush_file: str, flush_folder: str, left: str | None
) -> None:
    run_and_die(disk, RENAMES.format(flush_file=flush_file, flush_folder=flush_folder))
    disk.cut(Chooses(0.0, 512))

    name = disk.folder / "name"
    assert (name.read_text() if name.exists() else None) == left


def test_a_file_that_was_removed_comes_back(disk: Disk) -> None:
    run_and_die(disk, 'os.unlink("old")')
    disk.cut(Chooses(0.0, 512))

    assert (disk.folder / "old").read_bytes() == b"o" * 2000


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_sqlite_loses_what_it_says_that_it_may_lose_and_nothing_else(
    way: Way, tmp_path: Path, library: Path
) -> None:
    dice = Random(way.name)  # noqa: S311  # to be thrown again
    lost = cut_off(way, tmp_path, library, dice=dice, cuts=4)

    assert lost.told >= 4 * 12
    assert ((lost.rows, lost.files) == (0, 0)) is way.is_safe


@pytest.mark.parametrize(
    ("fault", "error"), [("full", "ENOSPC"), ("read-only", "EROFS"), ("broken", "EIO")]
)
def test_a_bad_disk_says_what_is_wrong_with_it(disk: Disk, fault: str, error: str) -> None:
    disk.suffer(fault)
    run_and_die(
        disk,
        f"""
import errno
try:
    os.write(os.open("old", os.O_WRONLY), b"new")
    os._exit(1)
except OSError as error:
    if error.errno != errno.{error}:
        os._exit(2)
""",
    )
