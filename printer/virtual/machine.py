"""The virtual printer without its cable: bytes in, answers and pieces of paper out."""

import time
from collections.abc import Callable

from printer.virtual.commands import Command, CommandReader, RealTimeReader
from printer.virtual.condition import (
    HOLDS_PAPER,
    Fault,
    identity_answer,
    paper_answer,
    realtime_answer,
)
from printer.virtual.paper import Paper, Piece


class Machine:
    """Obeys what arrives, unless its fault keeps it from doing so.

    What it may not print now waits and is printed when the fault is mended, as in a real
    printer whose paper has been changed; DLE ENQ 2 throws it away. The buffer outlives the
    connection: the worst that a real network card does.

    Attributes:
        fault: What it suffers from now.
        job_began: Monotonic seconds at which the last job (its ESC @) arrived, or None.

    """

    def __init__(self, width: int, on_piece: Callable[[Piece], None]) -> None:
        self.fault: Fault | None = None
        self.job_began: float | None = None
        self._on_piece = on_piece
        self._paper = Paper(width)
        self._commands = CommandReader()
        self._real_time = RealTimeReader()
        self._held = b""

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the line; return the answers, real-time ones first."""
        arrived = time.monotonic()
        answers = b""
        self._held += data
        for command in self._real_time.feed(data):
            if command.kind == "DLE EOT":
                answers += realtime_answer(self.fault, command.n)
            elif (command.kind, command.n) in _CLEARING:
                self._clear()
        return answers + self.work(arrived)

    def work(self, arrived: float | None = None) -> bytes:
        """Print what waits, if the printer can; return the answers that this gives."""
        if self.fault in HOLDS_PAPER:
            return b""
        held, self._held = self._held, b""
        answers = b""
        for command in self._commands.feed(held):
            if command.name == "ESC @":
                self.job_began = arrived
            piece = self._paper.obey(command)
            if piece is not None:
                self._on_piece(piece)
            answers += self._answer(command)
        return answers

    def _answer(self, command: Command) -> bytes:
        """Return what the printer answers in queue order."""
        if command.name == "GS I":
            return identity_answer(command.data[0])
        if self.fault is Fault.UNCONFIRMING:
            return b""
        if command.name == "GS r" and command.data[0] in (1, 49):
            return paper_answer(self.fault)
        if command.name == "GS ( H" and command.data[:2] == b"00" and len(command.data) == 6:
            return b"\x37\x22" + command.data[2:] + b"\x00"
        return b""

    def _clear(self) -> None:
        self._held = b""
        self._commands.clear()
        self._paper.drop_line()


_CLEARING = {("DLE ENQ", 2), ("DLE DC4", 8)}
