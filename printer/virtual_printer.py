"""A printer made of software: takes ESC/POS over TCP, draws its slips, misbehaves on demand.

It is a tool of its own; its manual is docs/virtual-printer.md. It shares no code with the
rest of the package: its decoder follows the manuals, so that it finds the codec's mistakes.
"""

import selectors
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image

from printer.virtual.condition import Fault
from printer.virtual.machine import Machine
from printer.virtual.paper import Piece

__all__ = ["Fault", "PrintedSlip", "VirtualPrinter"]


@dataclass(frozen=True, slots=True)
class PrintedSlip:
    """One cut piece of paper.

    Attributes:
        picture: Mode '1', one pixel a dot.
        text: What was sent as text, decoded; pictures of text cannot be read back.
        qr_codes: Contents of the QR codes that the printer drew itself.
        unknown: Byte sequences that no table knows; a healthy job has none.
        drawer_kicks: How often a cash drawer was told to open; 0 in a healthy job.
        path: Where the PNG lies; None where no folder was given.

    """

    picture: Image.Image
    text: str
    qr_codes: tuple[str, ...]
    unknown: tuple[bytes, ...]
    drawer_kicks: int
    path: Path | None

    def shows(self, picture: Image.Image) -> bool:
        """Whether a picture as wide as the paper (mode '1') stands on it, dot for dot."""
        if picture.width != self.picture.width:
            return False
        row_bytes = (picture.width + 7) // 8
        paper, wanted = self.picture.tobytes(), picture.tobytes()
        return any(paper.startswith(wanted, row) for row in range(0, len(paper), row_bytes))


class VirtualPrinter:
    """A printer that listens on TCP within its `with` block.

    Args:
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        out: Folder for one PNG a slip; made where it is missing.
        fault: What it suffers from, to begin with.
        width: Dots of the head, 576 or 384.
        cut_after: Bytes after which Fault.CABLE_CUT breaks the line, counted from when the
            fault is set; status questions count too (12 bytes a slip).
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
        width: int = 576,
        cut_after: int = 2000,
        on_slip: Callable[[PrintedSlip], None] | None = None,
    ) -> None:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
        self.cut_after = cut_after
        self._out, self._on_slip = out, on_slip
        self._changed = threading.Condition()
        self._slips: list[PrintedSlip] = []
        self._bytes_received = 0
        self._machine = Machine(width, self._keep)
        self._parts = ExitStack()
        self._listener = self._parts.enter_context(socket.create_server((host, port)))
        self._listener.settimeout(0)
        self._bell, self._ear = socket.socketpair()
        self._parts.enter_context(self._bell)
        self._parts.enter_context(self._ear)
        self._selector = self._parts.enter_context(selectors.DefaultSelector())
        self._lines: set[socket.socket] = set()
        self._speaking: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="virtual printer", daemon=True)
        self.fault = fault

    @property
    def address(self) -> str:
        """Where it listens, as `open_transport` takes it: ``tcp://127.0.0.1:40123``."""
        host, port = self._listener.getsockname()[:2]
        return f"tcp://{host}:{port}"

    @property
    def fault(self) -> Fault | None:
        """What it suffers from; setting None mends it, and what waited is printed."""
        return self._machine.fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._cut_left = self.cut_after
        self._machine.fault = fault
        self._bell.send(b"!")

    @property
    def slips(self) -> list[PrintedSlip]:
        """The slips cut so far, oldest first."""
        with self._changed:
            return list(self._slips)

    @property
    def bytes_received(self) -> int:
        """Bytes received since it was made."""
        return self._bytes_received

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

    def __enter__(self) -> Self:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and let go of the port."""
        if self._thread.is_alive():
            self._bell.send(b".")
            self._thread.join()
        for line in self._lines:
            line.close()
        self._parts.close()

    # Everything below runs on the printer's own thread.

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._ear:
                    if b"." in self._ear.recv(64):
                        return
                    self._answer(self._machine.work())
                elif isinstance(key.fileobj, socket.socket):
                    self._listen_to(key.fileobj)

    def _accept(self) -> None:
        with suppress(OSError):  # the caller has hung up already
            line, _ = self._listener.accept()
            if self._is_cut():
                _break(line)
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._lines.add(line)
            self._selector.register(line, selectors.EVENT_READ)

    def _is_cut(self) -> bool:
        return self.fault is Fault.CABLE_CUT and self._cut_left <= 0

    def _listen_to(self, line: socket.socket) -> None:
        try:
            data = line.recv(65536)
        except OSError:
            data = b""
        if self.fault is Fault.CABLE_CUT:
            data = data[: max(self._cut_left, 0)]
            self._cut_left -= len(data)
        self._speaking = line
        self._bytes_received += len(data)
        self._answer(self._machine.receive(data))
        if self._is_cut():
            self._drop(line, broken=True)
        elif not data:
            self._drop(line, broken=False)

    def _answer(self, answers: bytes) -> None:
        """Say something to whoever sent last, as a printer with one line does."""
        if answers and self._speaking is not None:
            with suppress(OSError):  # nobody listens any more
                self._speaking.sendall(answers)

    def _drop(self, line: socket.socket, *, broken: bool) -> None:
        self._selector.unregister(line)
        self._lines.discard(line)
        if self._speaking is line:
            self._speaking = None
        if broken:
            _break(line)
        else:
            line.close()

    def _keep(self, piece: Piece) -> None:
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
        )
        with self._changed:
            self._slips.append(slip)
            self._changed.notify_all()
        if self._on_slip is not None:
            self._on_slip(slip)


def _break(line: socket.socket) -> None:
    """Close so that the other end gets an error and no orderly goodbye."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
