"""A printer made of software: takes ESC/POS over a cable, draws its slips, misbehaves on demand.

It is a tool of its own; its manual is docs/virtual-printer.md. It shares no code with the
rest of the package: its decoder follows the manuals, so that it finds the codec's mistakes.
"""

import socket
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from printer.virtual.condition import Fault
from printer.virtual.machine import Machine
from printer.virtual.pace import Timing
from printer.virtual.printed_slip import PrintedSlip
from printer.virtual.roll import Piece
from printer.virtual.service import Cable, Service

__all__ = [
    "Cable",
    "Fault",
    "PrintedSlip",
    "Timing",
    "VirtualPrinter",
    "open_line",
    "printer_from_options",
]


class VirtualPrinter:
    """A printer that listens within its `with` block.

    Args:
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        out: Folder for one PNG a slip; made where it is missing.
        fault: What it suffers from, to begin with or after `after` slips.
        cable: TCP, a pseudo-terminal, or lines within this process (see `connect`).
        width: Dots of the head, 576 or 384.
        cut_after: Bytes after which Fault.CABLE_CUT breaks the line, counted from when the
            fault is set; status questions count too (12 bytes a slip).
        after: Slips that come out before `fault` begins.
        timing: How fast wire and head are; by default everything happens at once.
        nv_bytes: What its NV memory holds.
        on_slip: Called with each slip, on the printer's own thread.

    Raises:
        OSError: The port is taken, or the folder cannot be made.

    """

    def __init__(  # noqa: PLR0913 -- the keyword-only ones are rarely given
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        out: Path | None = None,
        fault: Fault | None = None,
        *,
        cable: Cable = Cable.TCP,
        width: int = 576,
        cut_after: int = 2000,
        after: int = 0,
        timing: Timing | None = None,
        nv_bytes: int = 262_144,
        on_slip: Callable[[PrintedSlip], None] | None = None,
    ) -> None:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
        timing = timing or Timing()
        self._out, self._on_slip = out, on_slip
        self._changed = threading.Condition()
        self._slips: list[PrintedSlip] = []
        self._machine = Machine(width, self._keep, timing=timing, nv_bytes=nv_bytes)
        self._service = Service(self._machine, timing, cable, (host, port))
        self._service.cut_after = cut_after
        if fault is not None:
            self.break_after(after, fault)

    @property
    def address(self) -> str:
        """Where it listens, as `open_transport` takes it.

        ``tcp://127.0.0.1:40123``, ``serial:///dev/pts/5?baud=9600&flow=none``, or ``virtual:``
        for lines within this process, which only `connect` opens.
        """
        return self._service.address

    @property
    def cut_after(self) -> int:
        """Bytes after which Fault.CABLE_CUT breaks the line, once it is set."""
        return self._service.cut_after

    @cut_after.setter
    def cut_after(self, count: int) -> None:
        self._service.cut_after = count

    @property
    def fault(self) -> Fault | None:
        """What it suffers from; setting None mends it, and what waited is printed."""
        return self._machine.fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._service.set_fault(fault)

    def break_after(self, slips: int, fault: Fault) -> None:
        """Have that fault once `slips` more slips have come out."""
        self._machine.break_after(slips, fault)
        self._service.fault_set()

    def power_cycle(self) -> None:
        """Switch it off and on: lines break, what waited is gone, NV memory stays.

        Raises:
            RuntimeError: It is not in its `with` block.

        """
        self._service.power_cycle()

    @property
    def slips(self) -> list[PrintedSlip]:
        """The slips cut so far, oldest first."""
        with self._changed:
            return list(self._slips)

    @property
    def stored(self) -> tuple[bytes, ...]:
        """The keys of the pictures in its NV memory."""
        return tuple(self._machine.memory)

    @property
    def nv_writes(self) -> int:
        """How often its NV memory was written to."""
        return self._machine.memory.writes

    @property
    def nv_free(self) -> int:
        """Bytes that its NV memory has left."""
        return self._machine.memory.free

    @property
    def resumed(self) -> int:
        """How often it was told to go on in the middle of a slip (DLE ENQ 1)."""
        return self._machine.resumed

    @property
    def bytes_received(self) -> int:
        """Bytes received since it was made."""
        return self._service.bytes_received

    @property
    def job_began(self) -> float | None:
        """When the first byte of the last job arrived, in seconds of `time.monotonic`."""
        return self._machine.job_began

    def wait_for_slips(self, count: int, timeout: float) -> list[PrintedSlip]:
        """Return the slips as soon as there are `count`.

        Raises:
            TimeoutError: There were fewer after `timeout` seconds.

        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._slips) >= count, timeout):
                raise TimeoutError(
                    f"{len(self._slips)} of {count} slips came out in {timeout} seconds"
                )
            return list(self._slips)

    def connect(self) -> socket.socket:
        """Open a line within this process; works with every cable.

        Returns:
            The host's end: a connected stream socket, which the caller closes.

        """
        return self._service.connect()

    def start(self) -> Self:
        """Begin to listen, without a `with` block; `close` ends it."""
        self._service.start()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and let go of the port."""
        self._service.close()

    def _keep(self, piece: Piece) -> None:
        """Runs on the printer's own thread."""
        path = None
        if self._out is not None:
            path = self._out / f"slip-{len(self._slips) + 1:04d}.png"
            piece.picture.save(path)
        slip = PrintedSlip(
            piece.picture,
            piece.text,
            piece.qr_codes,
            piece.unknown,
            piece.drawer_kicks,
            path,
            piece.remarks,
            piece.stored,
        )
        with self._changed:
            self._slips.append(slip)
            self._changed.notify_all()
        if self._on_slip is not None:
            self._on_slip(slip)


def open_line(options: Mapping[str, str]) -> socket.socket:
    """Open a line to the printer that the address ``virtual:?...`` names.

    The same options are the same printer for as long as the process lives: its paper, NV
    memory and faults outlast each line, as a real printer's do.

    Args:
        options: As `printer_from_options` takes them.

    Returns:
        The host's end: a connected stream socket, which the caller closes.

    Raises:
        ValueError: An option is unknown or cannot be understood; the message says which.
        OSError: The folder of the slips cannot be made.

    """
    return _running(tuple(sorted(options.items()))).connect()


@cache
def _running(options: tuple[tuple[str, str], ...]) -> VirtualPrinter:
    return printer_from_options(dict(options)).start()


def printer_from_options(options: Mapping[str, str]) -> VirtualPrinter:
    """Return a printer for lines within this process, as the address ``virtual:?...`` names it.

    It is not started; `start` or a `with` block does that, then `connect` opens each line.
    Whoever made it keeps it: paper, NV memory and faults live as long as it does.

    Args:
        options: ``out`` (a folder), ``fault`` and ``after``, ``paper`` (80 or 58), ``baud``,
            ``speed`` (millimetres a second), ``nv-bytes``; all may be missing.

    Raises:
        ValueError: An option is unknown or cannot be understood; the message says which.
        OSError: The folder cannot be made.

    """
    unknown = sorted(set(options) - set(OPTIONS))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is unknown; known are {', '.join(OPTIONS)}")
    for name in ("after", "baud", "speed", "nv-bytes"):
        if not options.get(name, "1").isdecimal():
            raise ValueError(f"{name} is {options[name]!r}: it must be a whole number")
    width = _WIDTHS.get(options.get("paper", "80"))
    if width is None:
        raise ValueError(f"paper is {options['paper']!r}: it must be 80 or 58")
    baud, speed = int(options.get("baud", 0)), int(options.get("speed", 0))
    return VirtualPrinter(
        out=Path(options["out"]) if options.get("out") else None,
        fault=_fault(options.get("fault")),
        cable=Cable.INSIDE,
        width=width,
        after=int(options.get("after", 0)),
        timing=Timing(baud=baud or None, millimetres_a_second=speed or None),
        nv_bytes=int(options.get("nv-bytes", 262_144)),
    )


OPTIONS = ("out", "fault", "after", "paper", "baud", "speed", "nv-bytes")
"""What may stand behind ``virtual:?``."""

_WIDTHS = {"80": 576, "58": 384}


def _fault(name: str | None) -> Fault | None:
    if name is None:
        return None
    try:
        return Fault(name)
    except ValueError:
        known = ", ".join(fault.value for fault in Fault)
        raise ValueError(f"fault is {name!r}: known are {known}") from None
