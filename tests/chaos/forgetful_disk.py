"""The forgetful disk: makes of a folder what a power cut would have left of it.

`forgetful_disk.c`, preloaded into a process, writes a log of what was changed and what was
flushed. `Disk` reads it and builds the folder anew: what was flushed stays, of the rest some or
none, in whole pages. POSIX is taken at its word: a file's name is safe only once its folder was
flushed, and the names in a folder change in order, as in a file system with a journal.
"""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

SOURCE = Path(__file__).with_suffix(".c")
RECORD = struct.Struct("=c3xIQQQ")
"""As `struct record` of the C source."""

PAGES = (512, 4096)
"""Bytes that a disk writes as a whole."""

STAYS = (0.0, 0.0, 0.2, 0.5, 0.8, 1.0)
"""How likely an unflushed page is on the disk already; one of these for each power cut."""


class NoCompilerError(Exception):
    """There is no C compiler here, so there is no forgetful disk."""


@contextmanager
def built() -> Iterator[Path]:
    """Lend the library, where every user can read it."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NoCompilerError("no C compiler here: run .ci/set-up test")
    with TemporaryDirectory(prefix="ankunft-disk-") as folder:
        Path(folder).chmod(0o755)
        library = Path(folder) / "forgetful_disk.so"
        flags = ("-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror")
        command = [compiler, *flags, str(SOURCE), "-o", str(library), "-ldl", "-lpthread"]
        subprocess.run(command, check=True)
        yield library


@dataclass
class _File:
    """A file, by what it is and not by its name.

    Attributes:
        safe: What is on the disk whatever happens.
        changes: What was done to it since, in order: ("W", offset, bytes) or ("T" or "G", size).
        owner, mode: To make it again.

    """

    safe: bytearray = field(default_factory=bytearray)
    changes: list[tuple[str, int, bytes]] = field(default_factory=list)
    owner: tuple[int, int] = (-1, -1)
    mode: int = 0o600

    def flush(self) -> int:
        """Make everything safe; return how many changes were not."""
        for what, where, data in self.changes:
            _apply(self.safe, what, where, data)
        count = len(self.changes)
        self.changes.clear()
        return count

    def after_cut(self, dice: Random, *, stays: float, page: int) -> tuple[bytes, int]:
        """Return what is left of it, and how many changes were not there as a whole."""
        left, lost = bytearray(self.safe), 0
        for what, where, data in self.changes:
            if what != "W":
                if dice.random() < stays:
                    _apply(left, what, where, data)
                else:
                    lost += 1
                continue
            torn = False
            for start, piece in _pages(where, data, page):
                if dice.random() < stays:
                    _apply(left, "W", start, piece)
                else:
                    torn = True
            lost += torn
        return bytes(left), lost


def _apply(content: bytearray, what: str, where: int, data: bytes) -> None:
    size = where + len(data) if what == "W" else where
    if what == "T":
        del content[size:]
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    if what == "W":
        content[where:size] = data


def _pages(where: int, data: bytes, page: int) -> Iterator[tuple[int, bytes]]:
    """Yield a write in pieces that end where the disk's pages do."""
    at = 0
    while at < len(data):
        end = min(len(data), at + page - (where + at) % page)
        yield where + at, data[at:end]
        at = end


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a power cut took.

    Attributes:
        changes: How many writes, truncations and names were gone or torn.
        flushed: How many changes were flushed since the one before.

    """

    changes: int
    flushed: int


class Disk:
    """A folder on a disk that forgets.

    Args:
        folder: What lies in it now is safe. Nothing may change it but processes that are
            started with `environment`, and none while `cut` is at work.
        log: Where they note what they do; outside of the folder.
        library: See `built`.
        sees_all: Whether nothing is written through C's own streams, which are not seen: such
            files are as if they had never been written.

    """

    def __init__(self, folder: Path, log: Path, library: Path, *, sees_all: bool = True) -> None:
        self._sees_all = sees_all
        self.folder = folder.resolve()
        self.fault_file = log.with_suffix(".fault")
        self._log = log.absolute()
        self._library = library
        self.look()

    def environment(self, *, lies: bool = False) -> dict[str, str]:
        """Return what a process needs in its environment.

        Args:
            lies: Whether flushes are forgotten as well: nothing survives such a disk for sure.

        """
        told = {
            "LD_PRELOAD": str(self._library),
            "FORGETFUL_FOLDER": str(self.folder),
            "FORGETFUL_LOG": str(self._log),
            "FORGETFUL_FAULT": str(self.fault_file),
        }
        return told | ({"FORGETFUL_LIES": "1"} if lies else {})

    def suffer(self, fault: str | None) -> None:
        """Let it have a fault from now on, by the name that the C source knows, or none."""
        new = self.fault_file.with_suffix(".new")
        if fault is None:
            self.fault_file.unlink(missing_ok=True)
            return
        new.write_text(fault, "ascii")
        new.replace(self.fault_file)

    def look(self) -> None:
        """Take what lies in the folder now as safe, and forget what was noted."""
        self._by_inode: dict[int, _File] = {}
        self._safe_names: dict[str, _File] = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            about = path.stat()
            file = _File(
                bytearray(path.read_bytes()), [], (about.st_uid, about.st_gid), about.st_mode
            )
            self._by_inode[about.st_ino] = self._safe_names[str(path)] = file
        self._names = dict(self._safe_names)
        self._renamings: dict[str, list[tuple[str, str, str | None]]] = {}
        self._renamed: dict[int, _File] = {}
        self._log.unlink(missing_ok=True)

    def cut(self, dice: Random, *, stays: float | None = None) -> Forgotten:
        """Cut the power: all its processes are dead, and the folder is as the disk has it.

        Args:
            dice: What of the rest is left.
            stays: How likely an unflushed page is left, where the dice do not say.

        """
        self._order: list[tuple[str, str, str | None, _File | None]] = []
        flushed = self._replay()
        stays = dice.choice(STAYS) if stays is None else stays
        page = dice.choice(PAGES)
        lost = self._keep_names(dice, stays=stays)
        for name in {*map(str, self.folder.rglob("*"))} - self._safe_names.keys():
            path = Path(name)
            if path.is_symlink() or not path.is_dir():
                path.unlink()
        for name, file in self._safe_names.items():
            content, gone = file.after_cut(dice, stays=stays, page=page)
            lost += gone
            _write(Path(name), content, file)
        self.look()
        return Forgotten(lost, flushed)

    def _keep_names(self, dice: Random, *, stays: float) -> int:
        """Keep the first few changes of names that were not flushed; return how many are lost."""
        kept = round(len(self._order) * stays * dice.uniform(0.5, 1.0))
        for change in self._order[:kept]:
            self._make_safe(change)
        return len(self._order) - kept

    def _make_safe(self, change: tuple[str, str, str | None, _File | None]) -> None:
        what, name, other, file = change
        if what == "U":
            self._safe_names.pop(name, None)
        elif what == "C" and file is not None:
            self._safe_names[name] = file
        elif what == "R" and other is not None and file is not None:
            self._safe_names.pop(name, None)
            self._safe_names[other] = file

    def _replay(self) -> int:
        """Go through what was noted; return how many changes were flushed."""
        flushed = 0
        for what, inode, offset, name, data in _records(self._log):
            if what == "D":
                flushed += self._flush_folder(name)
            elif name:
                self._change_name(what, name, data.decode(), inode)
            else:
                flushed += self._change_file(what, inode, offset, data)
        return flushed

    def _change_name(self, what: str, name: str, other: str, inode: int) -> None:
        if what == "C":
            file = self._by_inode[inode] = self._names[name] = _File()
            self._order.append(("C", name, None, file))
        elif what == "U":
            self._names.pop(name, None)
            self._order.append(("U", name, None, None))
        elif what == "R":
            moved = self._names.pop(name, None) or self._unseen(what, name)
            self._names[other] = moved
            self._order.append(("R", name, other, moved))
        elif what == "L":
            self._names[other] = self._names[name]
            self._order.append(("C", other, None, self._names[name]))

    def _change_file(self, what: str, inode: int, offset: int, data: bytes) -> int:
        file = self._by_inode.get(inode)
        if file is None:
            if what == "X":
                return 0  # a folder: its names stay unflushed
            file = self._by_inode[inode] = self._unseen(what, inode)
        if what == "S":
            return file.flush()
        if what == "X":
            file.changes.clear()  # the system takes its pages for clean, and never writes them
        else:
            file.changes.append((what, offset, data))
        return 0

    def _unseen(self, what: str, which: str | int) -> _File:
        """Return a file that nobody saw being made."""
        if self._sees_all:
            raise AssertionError(f"a file that nobody has made was changed: {what} {which}")
        return _File()

    def _flush_folder(self, folder: str) -> int:
        """Make the names in a folder safe, and all that changed before them elsewhere."""
        last = max(
            (at for at, change in enumerate(self._order, 1) if _folder(change[1]) == folder),
            default=0,
        )
        for change in self._order[:last]:
            self._make_safe(change)
        del self._order[:last]
        return last


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _records(log: Path) -> Iterator[tuple[str, int, int, str, bytes]]:
    """Yield what was noted; a last record that was cut off is none."""
    if not log.exists():
        return
    noted = memoryview(log.read_bytes())
    at = 0
    while at + RECORD.size <= len(noted):
        what, name_length, inode, offset, data_length = RECORD.unpack_from(noted, at)
        at += RECORD.size
        if at + name_length + data_length > len(noted):
            return
        name = bytes(noted[at : at + name_length]).decode()
        data = bytes(noted[at + name_length : at + name_length + data_length])
        at += name_length + data_length
        yield what.decode(), inode, offset, name, data


def _write(path: Path, content: bytes, file: _File) -> None:
    if path.exists():
        if path.read_bytes() == content:
            return
        about = path.stat()
        file.owner, file.mode = (about.st_uid, about.st_gid), about.st_mode
    path.write_bytes(content)
    path.chmod(file.mode & 0o7777)
    if os.getuid() == 0 and file.owner != (-1, -1):
        os.chown(path, *file.owner)
