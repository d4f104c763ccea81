"""The thread of the virtual printer: it waits on its lines and on the clock, and answers."""

import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from enum import Enum

from printer.virtual.cable import Line, PtyLine, SocketLine
from printer.virtual.condition import STALE_FRAMES, Fault
from printer.virtual.machine import Machine
from printer.virtual.pace import Timing
from printer.virtual.reception import Reception


class Cable(Enum):
    """What the virtual printer is plugged in with."""

    TCP = "tcp"
    """A TCP port of its own, as network printers have it."""
    PTY = "pty"
    """A pseudo-terminal, as a serial line."""
    INSIDE = "inside"
    """Nothing: lines within the process only."""


class Service:
    """Serves a machine over its cable, on a thread of its own.

    Several lines may be open at once. Answers go to whoever sent last, as from a printer with
    one line.

    Args:
        machine: Who obeys; only the thread calls it, once that has started.
        timing: Its baud rate and clock.
        cable: What it is plugged in with.
        listen: Host and port of Cable.TCP.

    Attributes:
        address: As transports write it.
        bytes_received: Since it was made.
        cut_after: Bytes after which Fault.CABLE_CUT breaks the line, once it is set.

    Raises:
        OSError: The port is taken.

    """

    def __init__(
        self, machine: Machine, timing: Timing, cable: Cable, listen: tuple[str, int]
    ) -> None:
        self.bytes_received = 0
        self.cut_after = 2000
        self._cut_left = 0
        self._machine, self._timing = machine, timing
        self._errands: deque[Callable[[], None]] = deque()
        self._receptions: dict[int, Reception] = {}
        self._speaking: Reception | None = None
        self._running = False
        self._parts = ExitStack()
        self._listener: socket.socket | None = None
        self._serial: PtyLine | None = None
        if cable is Cable.TCP:
            self._listener = self._parts.enter_context(socket.create_server(listen))
            self._listener.settimeout(0)
            self.address = "tcp://{}:{}".format(*self._listener.getsockname()[:2])
        elif cable is Cable.PTY:
            self._serial = PtyLine()
            self.address = f"serial://{self._serial.path}?baud={timing.baud or 115_200}&flow=none"
            self._open(self._serial)
        else:
            self.address = "virtual:"
        self._bell, self._ear = socket.socketpair()
        self._parts.enter_context(self._bell)
        self._parts.enter_context(self._ear)
        self._selector = self._parts.enter_context(selectors.DefaultSelector())
        self._thread = threading.Thread(target=self._serve, name="virtual printer", daemon=True)

    def start(self) -> None:
        """Begin to serve; harmless when repeated."""
        if not self._running:
            self._running = True
            self._thread.start()

    def close(self) -> None:
        """Stop serving and let go of everything; harmless when repeated."""
        if self._thread.is_alive():
            self._do(self._stop)
            self._thread.join()
        for reception in self._receptions.values():
            reception.line.close(broken=False)
        self._receptions.clear()
        self._parts.close()

    def connect(self) -> socket.socket:
        """Return the host's end of a new line within this process."""
        theirs, ours = socket.socketpair()
        self._do(lambda: self._welcome(SocketLine(ours)))
        return theirs

    def set_fault(self, fault: Fault | None) -> None:
        """Break or mend the printer."""
        self._machine.fault = fault
        self.fault_set()

    def fault_set(self) -> None:
        """Have the thread look at the fault that the machine now has."""
        self._cut_left = self.cut_after
        if self._machine.fault is Fault.STALE and self._serial is not None:
            self._serial.write(STALE_FRAMES)
        self._do(lambda: None)

    def power_cycle(self) -> None:
        """Switch the machine off and on, and return when that is done."""
        if not self._thread.is_alive():
            raise RuntimeError("the virtual printer is not on: start it first")
        done = threading.Event()
        self._do(self._switch_off_and_on)
        self._do(done.set)
        done.wait()

    def _do(self, errand: Callable[[], None]) -> None:
        """Have the thread do something."""
        self._errands.append(errand)
        self._bell.send(b"!")

    # Everything below runs on the thread.

    def _serve(self) -> None:
        if self._listener is not None:
            self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._ear, selectors.EVENT_READ)
        while self._running:
            self._listen_where_there_is_room()
            for key, _ in self._selector.select(self._pause()):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._ear:
                    self._run_errands()
                elif key.data in self._receptions:
                    self._read(self._receptions[key.data])
            for reception in list(self._receptions.values()):
                self._deliver(reception)
            self._answer(self._machine.work())

    def _run_errands(self) -> None:
        self._ear.recv(4096)
        while self._errands:
            self._errands.popleft()()

    def _stop(self) -> None:
        self._running = False

    def _listen_where_there_is_room(self) -> None:
        watched = self._selector.get_map()
        for number, reception in self._receptions.items():
            if reception.wants and number not in watched:
                self._selector.register(number, selectors.EVENT_READ, number)
            elif not reception.wants and number in watched:
                self._selector.unregister(number)

    def _pause(self) -> float | None:
        """Return seconds until something happens by itself; None where nothing does."""
        times = [reception.due for reception in self._receptions.values()]
        known = [time for time in (*times, self._machine.wakes_at) if time is not None]
        return max(min(known) - self._timing.clock(), 0.0) if known else None

    def _accept(self) -> None:
        if self._listener is None:
            return
        with suppress(OSError):  # the caller has hung up already
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._welcome(SocketLine(connection))

    def _welcome(self, line: Line) -> None:
        if self._is_cut():
            line.close(broken=True)
            return
        self._open(line)
        if self._machine.fault is Fault.STALE:
            line.write(STALE_FRAMES)

    def _open(self, line: Line) -> None:
        self._receptions[line.fileno()] = Reception(line, self._machine, self._timing)

    def _is_cut(self) -> bool:
        return self._machine.fault is Fault.CABLE_CUT and self._cut_left <= 0

    def _read(self, reception: Reception) -> None:
        limit = reception.wants
        if limit and self._machine.fault is Fault.CABLE_CUT:
            limit = min(limit, max(self._cut_left, 0))
            if not limit:
                self._swallow(reception)
                return
        data = reception.read(limit) if limit else None
        if data is None:
            return
        self._cut_left -= len(data)
        self.bytes_received += len(data)
        if not data:
            self._drop(reception, broken=False)

    def _swallow(self, reception: Reception) -> None:
        """A cut wire: a connection is reset, bytes on a serial line are gone."""
        if reception.line is self._serial:
            reception.line.read(4096)
        else:
            self._drop(reception, broken=True)

    def _deliver(self, reception: Reception) -> None:
        if not reception.stuck:
            return
        clearings = self._machine.clearings
        self._speaking = reception
        self._answer(reception.deliver())
        if self._machine.clearings > clearings:
            self._drop_others(reception)
        if self._is_cut() and not reception.stuck:
            self._answer(self._machine.work())
            self._swallow(reception)

    def _drop_others(self, reception: Reception) -> None:
        """End the other lines on which half a job waits: it was to be cleared as well."""
        for other in list(self._receptions.values()):
            if other is not reception and other.stuck:
                self._drop(other, broken=True)

    def _answer(self, answers: bytes) -> None:
        """Say something to whoever sent last, as a printer with one line does."""
        if answers and self._speaking is not None and not self._is_cut():
            self._speaking.line.write(answers)

    def _drop(self, reception: Reception, *, broken: bool) -> None:
        number = reception.line.fileno()
        if number in self._selector.get_map():
            self._selector.unregister(number)
        del self._receptions[number]
        if self._speaking is reception:
            self._speaking = None
        reception.close(broken=broken)

    def _switch_off_and_on(self) -> None:
        self._machine.power_cycle()
        for reception in list(self._receptions.values()):
            if reception.line is not self._serial:
                self._drop(reception, broken=True)
