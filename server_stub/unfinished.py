"""A file in the making: it has its name only once it is whole and on the disk."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server_stub.store_error import StoreError

SUFFIX = ".unfinished"


@contextmanager
def in_the_making(path: Path, *, replaces: bool = False) -> Iterator[Path]:
    """Lend an empty file that becomes `path` at the end, and is gone where that is not reached.

    Its owner alone may read it. What others left half-made in the folder, killed, is removed.

    Args:
        path: What it becomes.
        replaces: Whether it takes the place of a file that is there.

    Raises:
        StoreError: `path` is there already, or nothing can be written in its folder.

    """
    if path.exists() and not replaces:
        raise StoreError(f"{path}: is there already; choose another name")
    made = path.with_name(f".{path.name}{SUFFIX}")
    remove_left_over(path.parent)
    with _held(made):
        try:
            yield made
            _sync(made)
            made.rename(path)
            _sync(path.parent)
        finally:
            for rest in (made, *_beside(made)):
                rest.unlink(missing_ok=True)


@contextmanager
def thrown_away(path: Path) -> Iterator[Path]:
    """Lend an empty file, under a name like an unfinished one's, that is gone afterwards."""
    made = path.with_name(f".{path.name}{SUFFIX}")
    remove_left_over(path.parent)
    with _held(made):
        try:
            yield made
        finally:
            for rest in (made, *_beside(made)):
                rest.unlink(missing_ok=True)


def remove_left_over(folder: Path) -> None:
    """Remove half-made files of processes that were killed; leave alone what is in the making."""
    for path in folder.glob(f".*{SUFFIX}"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for rest in (path, *_beside(path)):
                rest.unlink(missing_ok=True)


@contextmanager
def _held(made: Path) -> Iterator[None]:
    """Make the file and keep it locked, so that nobody takes it for left over."""
    try:
        file = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise StoreError(f"{made}: another process is at it; wait for its end") from None
    except OSError as error:
        raise StoreError(f"{made.parent}: cannot be written to: {error.strerror}") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _beside(path: Path) -> list[Path]:
    """Return what SQLite may have put beside the file."""
    return [path.with_name(path.name + end) for end in ("-journal", "-wal", "-shm")]


def _sync(path: Path) -> None:
    """Return when the file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
