"""What the virtual printer says unasked or in queue order: status, names, ids, lists of keys."""

from printer.virtual.commands import Command
from printer.virtual.condition import (
    ANNOUNCED,
    Fault,
    automatic_status,
    offline_response,
    paper_answer,
)
from printer.virtual.graphics import Graphics

IDENTITY = {65: "V1.0", 66: "ANKUNFT", 67: "VIRTUAL", 68: "000001", 69: ""}
"""GS I n: firmware, maker, model, serial number, additional fonts."""

_NUMBERS = {1: 0x01, 2: 0x02, 3: 0x01}
"""GS I n: model, type (bit 1: it has a cutter), version."""


def identity_answer(n: int) -> bytes:
    """Return the answer to GS I n: ``5F .. 00`` for a name, one byte for a number."""
    if n in IDENTITY:
        return b"\x5f" + IDENTITY[n].encode() + b"\x00"
    number = _NUMBERS.get(n - 48 if n > 48 else n)
    return b"" if number is None else bytes([number])


class Answers:
    """Answers in queue order, and what is sent unasked once that was asked for.

    Args:
        graphics: Whose lists and sizes are told.

    Attributes:
        blocks: Blocks of a key list: the first was sent, the others wait for an ACK each.

    """

    def __init__(self, graphics: Graphics) -> None:
        self._graphics = graphics
        self.blocks: list[bytes] = []
        self.reset()

    def reset(self) -> None:
        """Be as after switching on: nothing is sent unasked."""
        self._automatic = 0
        self._offline = 0
        self._last: bytes | None = None
        self._was_offline = False
        self.blocks.clear()

    def to(self, command: Command, fault: Fault | None) -> bytes:
        """Return what the printer answers when it comes to this command."""
        name, data = command.name, command.data
        if name == "GS a":
            self._automatic, self._last = data[0], None
        if name in ("GS ( L", "GS 8 L"):
            return self._graphics_answer(data)
        if name == "GS I":
            return identity_answer(data[0])
        if fault is Fault.UNCONFIRMING:
            return b""
        if name == "GS r":
            return {1: paper_answer(fault), 2: b"\x00"}.get(data[0] % 48, b"")
        return self._response(data) if name == "GS ( H" else b""

    def _graphics_answer(self, data: bytes) -> bytes:
        """Return the first block of an answer; the other blocks of a key list wait."""
        blocks = self._graphics.answers(data)
        self.blocks = blocks if data[1:2] == b"@" else []
        return b"".join(blocks[:1])

    def _response(self, data: bytes) -> bytes:
        if data[:2] == b"00" and len(data) == 6:
            return b"\x37\x22" + data[2:] + b"\x00"
        if data[:2] == b"10" and len(data) == 3:
            self._offline = data[2] % 48
        return b""

    def handshake(self, byte: int) -> tuple[bytes, bool]:
        """Take the host's word on a block; return the next one, and whether it was a word.

        ACK asks for the next block, NAK for the last one again. CAN ends the list, and so does
        any other byte (Epson, "ESC/POS Handshaking Protocol").
        """
        if byte == _NAK:
            return self.blocks[0], True
        if byte == _ACK:
            del self.blocks[0]
            return b"".join(self.blocks[:1]), True
        self.blocks.clear()
        return b"", byte == _CAN

    def unasked(self, fault: Fault | None) -> bytes:
        """Return what there is to say now: a status that has changed, a going offline."""
        if fault is Fault.SILENT:
            return b""
        said = b""
        status = automatic_status(fault)
        if self._automatic and status != self._last:
            said, self._last = status, status
        offline = fault in ANNOUNCED
        if offline and not self._was_offline and self._offline in (1, 2):
            said += offline_response(fault, cause=self._offline == 2)
        self._was_offline = offline
        return said


_ACK, _NAK, _CAN = 0x06, 0x15, 0x18
