"""The virtual printer in a process of its own, which can be switched off at any byte."""

import contextlib
import os
import signal
import threading
from dataclasses import dataclass, field
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from typing import Any

import zxingcpp

from printer.virtual_printer import Fault, PrintedSlip, VirtualPrinter
from tests.chaos.accounts import Sheet, fingerprint
from tests.stand.server import free_port

START_SECONDS = 30.0

TABLE = """address = "{address}"
profile = "virtual-80"
rendition = "drawn"
"""
"""Of a kiosk's settings: it can be emptied, and sends pictures alone, which can be compared."""


@dataclass
class PrinterProcess:
    """One printer; what came out of it is kept here.

    Attributes:
        port: On loopback, the same at every start.
        sheets: What came out.

    """

    port: int = field(default_factory=free_port)
    sheets: list[Sheet] = field(default_factory=list)
    _line: Connection | None = None
    _process: Any = None
    _reader: threading.Thread | None = None
    _ready: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """Where it listens, for a kiosk's settings."""
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Switch it on; return when it listens."""
        self._ready.clear()
        near, far = Pipe()
        self._process = get_context("forkserver").Process(
            target=_print, args=(self.port, far), name="printer"
        )
        self._process.start()
        far.close()
        self._line = near
        self._reader = threading.Thread(target=self._read, args=(near,), daemon=True)
        self._reader.start()
        if not self._ready.wait(START_SECONDS):
            raise TimeoutError("the virtual printer did not start")

    def suffer(self, fault: Fault | None) -> None:
        """Let it have that fault, or none any more."""
        assert self._line
        self._line.send(fault and fault.value)

    def kill(self) -> None:
        """Switch it off: what it had of a slip is gone."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
        if self._reader:
            self._reader.join()
        if self._line:
            self._line.close()
        self._process = self._line = self._reader = None

    def _read(self, line: Connection) -> None:
        while True:
            try:
                told = line.recv()
            except (EOFError, OSError):
                return
            if told is None:
                self._ready.set()
            else:
                self.sheets.append(Sheet(*told))


def _print(port: int, line: Connection) -> None:
    """Be the printer until the line breaks."""

    def keep(slip: PrintedSlip) -> None:
        found = zxingcpp.read_barcodes(slip.picture.convert("L"))
        line.send((found[0].text if found else "", fingerprint(slip.picture)))
        printer._slips.clear()

    with VirtualPrinter(port=port, on_slip=keep) as printer:
        line.send(None)
        while True:
            try:
                fault = line.recv()
            except (EOFError, OSError):
                os._exit(0)  # whoever watched it is gone
            printer.fault = Fault(fault) if fault else None
