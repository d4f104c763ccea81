"""What a kiosk remembers of printers that may hold the rest of a slip: small files in its data.

A file stands there for each printer since a slip of it was unconfirmed, until the printer is
proven empty. Staff prove it with ``python -m kiosk printer-empty``, also while the kiosk runs.
"""

from pathlib import Path

from kiosk.durable_file import remove_durably, write_durably


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

    def staff_say_empty(self, *, sequence: int) -> None:
        """Take down the word of staff that no printer holds a rest; raise OSError.

        Args:
            sequence: Of the last number given out: the word says nothing of later slips.

        """
        for printer in (0, 1):
            self.note(printer, there=False)
        write_durably(self._word, f"{sequence}\n")

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

    def _note(self, printer: int) -> Path:
        return self._data / f"printer-{printer + 1}-leftovers"

    def _word_given(self) -> tuple[int, int] | None:
        try:
            there = self._word.stat()
        except OSError:
            return None
        return there.st_mtime_ns, there.st_ino
