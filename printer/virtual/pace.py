"""The pace of a real printer: how long the wire, the head, the cutter and NV memory take."""

import time
from collections.abc import Callable
from dataclasses import dataclass

DOTS_PER_MM = 8
"""At 203 dpi."""

SLOW = 10.0
"""Millimetres a second of Fault.SLOW."""

MUTE_SECONDS = 3.0
"""How long Fault.MUTE_WRITING keeps the printer mute for each picture written."""

BUFFER_BYTES = 4096
"""Receive buffer of a printer that keeps time."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How fast the virtual printer is; by default everything happens at once.

    Attributes:
        baud: Bits a second of the wire; a byte takes ten. None for no limit.
        millimetres_a_second: Paper under the head. None for no limit.
        cut_seconds: What a cut takes, where the head has a speed.
        nv_seconds: How long each write to NV memory keeps the printer busy and mute.
        buffer_bytes: What it takes in before it stops listening; None for 4096 where `baud` or
            `millimetres_a_second` is given, else for no limit.
        clock: Seconds that only ever grow.

    """

    baud: int | None = None
    millimetres_a_second: float | None = None
    cut_seconds: float = 0.3
    nv_seconds: float = 0.0
    buffer_bytes: int | None = None
    clock: Callable[[], float] = time.monotonic

    @property
    def room(self) -> int | None:
        """Bytes of the receive buffer; None where it has no end."""
        if self.buffer_bytes is None and (self.baud or self.millimetres_a_second):
            return BUFFER_BYTES
        return self.buffer_bytes

    def printing_seconds(self, dots: int, *, cut: bool, slow: bool) -> float:
        """Return how long it takes to move `dots` of paper and, if `cut`, to cut it."""
        speed = SLOW if slow else self.millimetres_a_second
        if speed is None:
            return 0.0
        return dots / DOTS_PER_MM / speed + (self.cut_seconds if cut else 0.0)


class Wire:
    """One direction of a cable, on which each byte takes its time.

    Args:
        timing: Its baud rate and clock.

    """

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._travelling = b""
        self._arrival = 0.0

    @property
    def limit(self) -> int:
        """Bytes to put on it at once: what it carries in ten milliseconds, at least one."""
        return 65_536 if self._timing.baud is None else max(self._timing.baud // 1000, 1)

    @property
    def due(self) -> float | None:
        """When what was sent arrives; None where nothing is on the way."""
        return self._arrival if self._travelling else None

    def send(self, data: bytes) -> None:
        """Put bytes on the wire; those before them must have been taken off.

        What waited at the other end goes out back to back: a late call does not slow it down.
        """
        now = self._timing.clock()
        begin = self._arrival if 0 <= now - self._arrival < _LATE else now
        self._travelling = data
        seconds = len(data) * 10 / self._timing.baud if self._timing.baud else 0.0
        self._arrival = begin + seconds

    def arrived(self) -> bytes:
        """Take off what has arrived by now."""
        if not self._travelling or self._timing.clock() < self._arrival:
            return b""
        data, self._travelling = self._travelling, b""
        return data


_LATE = 0.05  # seconds after which the line was idle, and not only we late
