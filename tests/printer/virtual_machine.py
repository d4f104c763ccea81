"""A virtual printer without cable or thread, for tests that type bytes."""

from printer.virtual.machine import Machine
from printer.virtual.pace import Timing
from printer.virtual.roll import Piece

CUT = b"\x1dV\x42\x00"
"""GS V 66 0."""


class FakeClock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A machine and what came out of it."""

    def __init__(self, width: int = 576, *, nv_bytes: int = 262_144, **timing) -> None:
        self.clock = FakeClock()
        self.pieces: list[Piece] = []
        self.machine = Machine(
            width,
            self.pieces.append,
            timing=Timing(clock=self.clock, **timing),
            nv_bytes=nv_bytes,
        )

    def send(self, data: bytes) -> bytes:
        return self.machine.receive(data)

    def printed(self, data: bytes) -> Piece:
        """Return the slip that these bytes and a cut give."""
        self.send(data + CUT)
        return self.pieces[-1]


def ink(piece: Piece) -> tuple[int, int, int, int]:
    """Return the box around the ink: left, top, right, bottom."""
    return piece.picture.convert("L").point([255 - level for level in range(256)]).getbbox()


def rows(piece: Piece) -> list[str]:
    """Return the dots, ``#`` for ink, without what is blank at the right."""
    dots, width = piece.picture.convert("L").tobytes(), piece.picture.width
    return [
        "".join(".#"[level == 0] for level in dots[start : start + width]).rstrip(".")
        for start in range(0, len(dots), width)
    ]
