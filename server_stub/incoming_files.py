"""Incoming files: what an administrator has sent, kept until it is decided on, an hour at most."""

import os
import time
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

SECONDS_KEPT = 3600.0
MOST_FILES = 4
PIECE = 64 * 1024


class IncomingFiles:
    """A folder of files that were sent, by id.

    Args:
        folder: Its owner's alone; it is made when it is needed.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, file: BinaryIO) -> UUID:
        """Keep a copy of a file; return its id. The oldest goes where there are too many."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.tidy(leave=MOST_FILES - 1)
        name = uuid4()
        descriptor = os.open(self._path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as copy:
            file.seek(0)
            while piece := file.read(PIECE):
                copy.write(piece)
        return name

    def open(self, name: UUID) -> BinaryIO:
        """Open a file; raise FileNotFoundError where it is not here, or no more."""
        return self._path(name).open("rb")

    def drop(self, name: UUID) -> None:
        """Delete a file."""
        self._path(name).unlink(missing_ok=True)

    def tidy(self, *, leave: int = MOST_FILES) -> None:
        """Delete what is an hour old, and the oldest of more than so many."""
        found = [(kept, path) for path in self._folder.glob("*.incoming") if (kept := _since(path))]
        old = time.time() - SECONDS_KEPT
        for count, (kept, path) in enumerate(sorted(found, reverse=True), 1):
            if count > leave or kept < old:
                path.unlink(missing_ok=True)

    def _path(self, name: UUID) -> Path:
        return self._folder / f"{name}.incoming"


def _since(path: Path) -> float | None:
    """Return since when a file is here; None where it was dropped a moment ago."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None
