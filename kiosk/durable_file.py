"""Durable files: small notes on the disk, whole or not there, that outlive a power cut.

A file is on the disk once it was flushed, its name only once its folder was.
"""

import os
from pathlib import Path


def write_durably(path: Path, text: str) -> None:
    """Write a file of ASCII; return when it is on the disk under its name. Raise OSError."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def remove_durably(path: Path) -> None:
    """Remove a file; return when it cannot come back. Raise OSError."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk: a new file is not there before that."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
