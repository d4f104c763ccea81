"""The virtual printer without its cable: bytes in, answers and pieces of paper out."""

from collections import deque
from collections.abc import Callable

from printer.virtual.answers import Answers
from printer.virtual.commands import Command, CommandReader, RealTimeReader
from printer.virtual.condition import HOLDS_PAPER, NOISE, Fault, realtime_answer
from printer.virtual.nv_memory import NvMemory
from printer.virtual.pace import MUTE_SECONDS, Timing
from printer.virtual.paper import CUTS, Paper
from printer.virtual.real_time import RealTime
from printer.virtual.roll import Piece


class Machine:
    """Obeys what arrives, unless its fault keeps it from doing so.

    What it may not print now waits and is printed when the fault is mended, as in a real
    printer whose paper has been changed; DLE ENQ 2 throws it away. The buffer outlives the
    connection: the worst that a real network card does.

    Args:
        width: Dots of the head.
        on_piece: Called with each piece of paper that is cut off.
        timing: How fast it is; by default everything happens at once.
        nv_bytes: What its NV memory holds.

    Attributes:
        fault: What it suffers from now.
        memory: Its NV memory.
        job_began: Seconds of the timing's clock at which the last job (its ESC @) arrived.
        resumed: How often it was told to go on in the middle of a slip (DLE ENQ 1), which a
            careful host never does: half a slip and a whole one come out.
        clearings: How often its buffers were cleared.

    """

    def __init__(
        self,
        width: int,
        on_piece: Callable[[Piece], None],
        *,
        timing: Timing | None = None,
        nv_bytes: int = 262_144,
    ) -> None:
        self.fault: Fault | None = None
        self.memory = NvMemory(nv_bytes)
        self.job_began: float | None = None
        self.resumed = 0
        self.clearings = 0
        self._timing = timing or Timing()
        self._on_piece = on_piece
        self._paper = Paper(width, self.memory)
        self._answers = Answers(self._paper.graphics)
        self._commands = CommandReader()
        self._later: tuple[Fault | None, int] | None = None
        self.power_cycle()

    def power_cycle(self) -> None:
        """Switch it off and on: buffers and settings are gone, paper and NV memory are not."""
        self._commands.clear()
        self._real_time = RealTimeReader()
        self._paper.power_up()
        self._answers.reset()
        self._drawer_in_real_time = True
        self._held_cut: Command | None = None
        self._starving = self._stood_still = False
        self._arrived = self._began = self._busy_until = self._mute_until = 0.0
        self._taken = 0
        self._arrivals: deque[tuple[int, float]] = deque()  # bytes taken by then, and when

    def break_after(self, slips: int, fault: Fault) -> None:
        """Have that fault once `slips` more slips were cut; 0 is now."""
        if slips > 0:
            self._later = (fault, slips)
        else:
            self._later, self.fault = None, fault

    # What the line asks

    @property
    def room(self) -> int | None:
        """Bytes that it can take in now; None where there is no limit.

        A command that has not come whole takes no room: a real head prints it as it comes.
        """
        if self._timing.room is None:
            return None
        return max(self._timing.room - self._waiting, 0)

    @property
    def mute(self) -> bool:
        """Whether it writes to NV memory: it neither listens nor answers."""
        return self._timing.clock() < self._mute_until

    @property
    def wakes_at(self) -> float | None:
        """When it can go on with what waits; None where only bytes or mending let it go on."""
        return self._busy_until if self._busy_until > self._timing.clock() else None

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the line; return the answers, real-time ones first."""
        left, answers = self.hear(data)
        self.take(left)
        return answers + self.work()

    def hear(self, data: bytes) -> tuple[bytes, bytes]:
        """Obey the real-time commands in what arrives.

        Returns:
            What is left to be taken in, which is all that was not cleared, and the answers.

        """
        if self.mute:
            self._real_time = RealTimeReader()
            return data, b""
        answers, begin = b"", 0
        for command in self._real_time.feed(data):
            if command.kind == "DLE EOT":
                answers += self._said(realtime_answer(self.fault, command.n))
            elif (command.kind, command.n) in _CLEARING:
                self._clear()
                begin = max(command.end, 0)
                answers += self._said(_CLEARING[command.kind, command.n])
            else:
                self._obey_at_once(command)
        return data[begin:], answers

    def take(self, data: bytes) -> None:
        """Put bytes into the receive buffer."""
        if data:
            self._arrived = self._timing.clock()
            self._taken += len(data)
            self._arrivals.append((self._taken, self._arrived))
            self._commands.push(data)
            self._starving = False

    def work(self) -> bytes:
        """Do what can be done by now; return the answers that this gives."""
        answers = self._answers.unasked(self.fault)
        while self._can_work():
            command = self._next()
            if command is None:
                break
            if command.name in CUTS and self.fault is Fault.CUTTER_JAMS:
                self._held_cut, self.fault = command, Fault.CUTTER_ERROR
            else:
                answers += self._execute(command)
            answers += self._answers.unasked(self.fault)
        return self._said(answers)

    # Inside

    @property
    def _waiting(self) -> int:
        return 0 if self._starving else self._commands.waiting

    def _can_work(self) -> bool:
        now = self._timing.clock()
        if self.fault in HOLDS_PAPER:
            self._stood_still = True
            return False
        if self._stood_still:
            self._stood_still = False
            self._busy_until = max(self._busy_until, now)
        return now >= self._busy_until

    def _next(self) -> Command | None:
        if self._held_cut is not None:
            held, self._held_cut = self._held_cut, None
            return held
        if self._answers.blocks:
            byte = self._commands.next_byte()
            return None if byte is None else Command("handshake", bytes([byte]))
        self._began = self._first_byte_came()
        command = self._commands.next()
        self._starving = command is None
        return command

    def _execute(self, command: Command) -> bytes:
        if command.name == "handshake":
            answer, understood = self._answers.handshake(command.data[0])
            if not understood:
                self._paper.remark(f"key list: {command.data.hex()} where an ACK was due")
            return answer
        if command.name == "ESC @":
            self.job_began = self._began
        elif command.name == "GS ( D":
            self._switch_real_time(command.data)
        fed, writes = self._paper.fed, self.memory.writes
        piece = self._paper.obey(command)
        self._spend(self._paper.fed - fed, cut=piece is not None)
        if self.memory.writes > writes:
            self._write()
        if piece is not None:
            self._deliver(piece)
        return self._answers.to(command, self.fault)

    def _spend(self, dots: int, *, cut: bool) -> None:
        """Be busy as long as a head is that began when the first byte of this was there.

        May end in the past: then we are late, the head is not, and what follows is made up for.
        """
        seconds = self._timing.printing_seconds(dots, cut=cut, slow=self.fault is Fault.SLOW)
        self._busy_until = max(self._began, self._busy_until) + seconds

    def _first_byte_came(self) -> float:
        """Return when the first of the bytes that wait arrived."""
        gone = self._taken - self._commands.waiting
        while self._arrivals and self._arrivals[0][0] <= gone:
            self._arrivals.popleft()
        return self._arrivals[0][1] if self._arrivals else self._arrived

    def _write(self) -> None:
        muted = MUTE_SECONDS if self.fault is Fault.MUTE_WRITING else 0.0
        self._mute_until = self._timing.clock() + max(self._timing.nv_seconds, muted)
        self._busy_until = max(self._busy_until, self._mute_until)

    def _deliver(self, piece: Piece) -> None:
        if self._later is not None:
            fault, slips = self._later
            self._later = (fault, slips - 1)
            if slips == 1:
                self._later, self.fault = None, fault
        self._on_piece(piece)

    def _said(self, answers: bytes) -> bytes:
        if not answers or self.fault is Fault.SILENT:
            return b""
        return NOISE + answers + NOISE if self.fault is Fault.GARBAGE else answers

    def _obey_at_once(self, command: RealTime) -> None:
        if command.kind == "DLE ENQ":
            self.resumed += 1
        elif command.n == 1 and self._drawer_in_real_time:
            self._paper.kick_drawer()

    def _switch_real_time(self, data: bytes) -> None:
        """GS ( D m a b ...: a = 1 is the drawer's pulse, b = 0 or 48 forbids it."""
        if data[:1] == b"\x14":
            for kind, allowed in zip(data[1::2], data[2::2], strict=False):
                if kind == 1:
                    self._drawer_in_real_time = allowed in (1, 49)

    def _clear(self) -> None:
        self.clearings += 1
        self._commands.clear()
        self._held_cut = None
        self._answers.blocks.clear()
        self._paper.drop_line()


_CLEARING = {("DLE ENQ", 2): b"", ("DLE DC4", 8): b"\x37\x25\x00"}
"""What empties the buffers, and what is answered to it."""
