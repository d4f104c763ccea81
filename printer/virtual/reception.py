"""One line into the printer: bytes at the pace of the wire, and none where the buffer is full."""

from printer.virtual.cable import Line
from printer.virtual.machine import Machine
from printer.virtual.pace import Timing, Wire
from printer.virtual.real_time import without_leading_commands

AHEAD = 64
"""Bytes that a full printer still listens to, for real-time commands among them."""


class Reception:
    """Reads a line as fast as the wire and the printer's buffer let it.

    A full printer takes nothing more in, but hears what comes next: status questions are
    answered as long as nothing else stands before them.

    Args:
        line: The printer's end of it.
        machine: Who obeys.
        timing: Its baud rate and clock.

    """

    def __init__(self, line: Line, machine: Machine, timing: Timing) -> None:
        self.line = line
        self._machine = machine
        self._wire = Wire(timing)
        self._ahead = b""

    @property
    def stuck(self) -> bool:
        """Whether bytes wait outside the printer's buffer."""
        return bool(self._ahead) or self._wire.due is not None

    @property
    def due(self) -> float | None:
        """When the next bytes arrive; None where none are on the way."""
        return self._wire.due

    @property
    def wants(self) -> int:
        """How many bytes to read from the line now."""
        if self._wire.due is not None or self._machine.mute:
            return 0
        room = self._machine.room
        free = self._wire.limit if room is None else max(room, AHEAD) - len(self._ahead)
        return max(min(self._wire.limit, free), 0)

    def read(self, limit: int) -> bytes | None:
        """Read from the line and put it on the wire; return it, as Line.read does."""
        data = self.line.read(limit)
        if data:
            self._wire.send(data)
        return data

    def deliver(self) -> bytes:
        """Give the printer what has arrived; return its real-time answers."""
        heard, answers = self._machine.hear(self._wire.arrived())
        self._ahead += heard
        room = self._machine.room
        taken = len(self._ahead) if room is None else room
        self._machine.take(self._ahead[:taken])
        self._ahead = self._ahead[taken:]
        if self._machine.room == 0:
            self._ahead = without_leading_commands(self._ahead)
        return answers

    def close(self, *, broken: bool) -> None:
        """End the line; what the printer has heard it still takes in, unless it broke."""
        if not broken:
            self._machine.take(self._ahead)
        self.line.close(broken=broken)
