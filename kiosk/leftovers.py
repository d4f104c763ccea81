"""What a kiosk remembers of printers that may hold the rest of a slip: small files in its data.

A file stands there for each printer since a slip of it was unconfirmed, until the printer is
proven empty. Staff prove it with ``python -m kiosk printer-empty``, also while the kiosk runs, but
not while it prints: what the printer holds after that slip they cannot know yet. A lock on the
folder says that it prints, and is gone with the program that held it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kiosk.durable_file import remove_durably, write_durably
from kiosk.journal import JournalError


class SlipOnItsWayError(JournalError):
    """A slip is being printed, which may yet break off: staff can say it once that has ended."""


class Leftovers:
    """The notes in one data folder.

    Args:
        data: The data folder.

    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._word = data / "printer-empty"
        self._heeded = self._word_given()

    def noted(self, printer: int) -> bool:
        """Whether that printer (0, 1) was last known to hold the rest of a slip."""
        return self._note(printer).exists()

    def note(self, printer: int, *, there: bool) -> None:
        """Remember of that printer whether it may hold the rest of a slip; raise OSError."""
        if there:
            write_durably(self._note(printer), "it may hold the rest of a slip\n")
        else:
            remove_durably(self._note(printer))

    @contextmanager
    def printing(self) -> Iterator[None]:
        """Keep staff from saying it while a slip is on its way; on a lost disk they cannot."""
        try:
            folder = self._open_folder()
        except OSError:
            yield
            return
        try:
            with suppress(OSError):  # a disk that knows no locks
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def staff_say_empty(self, *, sequence: int) -> None:
        """Take down the word of staff that no printer holds a rest; raise OSError.

        Args:
            sequence: Of the last number given out: the word says nothing of later slips.

        Raises:
            SlipOnItsWayError: A slip is being printed; nothing was taken down.

        """
        folder = self._open_folder()
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for printer in (0, 1):
                self.note(printer, there=False)
            write_durably(self._word, f"{sequence}\n")
        except BlockingIOError:
            raise SlipOnItsWayError(
                "a slip is being printed: look at the printer once it has ended, and say it again"
            ) from None
        finally:
            os.close(folder)

    def staff_said_since(self, sequence: int) -> bool:
        """Whether staff said so after the slip of that sequence."""
        try:
            return int(self._word.read_text(encoding="ascii")) >= sequence
        except (OSError, ValueError):
            return False

    def staff_spoke(self) -> bool:
        """Whether staff said so since this was last asked, or since this object was made."""
        given = self._word_given()
        news = given is not None and given != self._heeded
        self._heeded = given
        return news

    def _open_folder(self) -> int:
        return os.open(self._data, os.O_RDONLY | os.O_DIRECTORY)

    def _note(self, printer: int) -> Path:
        return self._data / f"printer-{printer + 1}-leftovers"

    def _word_given(self) -> tuple[int, int] | None:
        try:
            there = self._word.stat()
        except OSError:
            return None
        return there.st_mtime_ns, there.st_ino
