"""A kiosk from journal to paper in a time of its own, and all that befalls printers and lines.

Spool, journal, printers, encoder and the machine of the virtual printer are the real ones. The
line between them is a function call, so that a hundred misfortunes take no time.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID

from PIL import Image

from kiosk.assembly import _printers
from kiosk.contract.messages import SlipState
from kiosk.journal import Journal, Result
from kiosk.leftovers import Leftovers, SlipOnItsWayError
from kiosk.printers import Printers
from kiosk.spool import Spool
from printer.artwork import default_artwork
from printer.escpos_codec import Rendition
from printer.printer import Printer
from printer.profile import Profile
from printer.questions import Clock
from printer.raster import measure
from printer.sample import load_sample
from printer.slip import Slip
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from printer.status import Outcome
from printer.transports import PrinterUnreachableError
from printer.virtual.machine import Machine
from printer.virtual.pace import Timing
from printer.virtual.roll import Piece
from tests.kiosk.arrivals import ENROLMENT, issue

PATIENCE = 0.6
JOB = 100
"""Bytes of a write beyond which it is a slip and no question."""


class Killed(BaseException):
    """The kiosk's process has ended at this very instruction."""


class Paper:
    """One printer, what came out of it, and the line to it.

    Args:
        profile: What the kiosk believes of it.
        deaf: Whether it heeds DLE ENQ 2 only after an error, as several models do.
        time: What all its parts go by.

    """

    def __init__(self, profile: Profile, *, deaf: bool, time: "Time") -> None:
        self.profile = profile
        self.pieces: list[Piece] = []
        self.machine = Machine(profile.paper_dots, self.pieces.append, timing=Timing(clock=time))
        self.unplugged = False
        self.late = b""
        self.jobs = 0
        self._broken = False
        self._deaf = deaf
        self._time = time
        self._within: tuple[float, Callable[[], None]] | None = None

    def within(self, share: float, happens: Callable[[], None]) -> None:
        """Have something happen when that share of the next slip has been sent."""
        self._within = share, happens

    def open(self) -> "Line":
        if self.unplugged:
            raise PrinterUnreachableError("unplugged")
        self._broken = False
        return Line(self, self._time)

    def power_cycle(self) -> None:
        """Switch it off and on; an open line breaks by that."""
        self.machine.power_cycle()
        self.late, self._broken = b"", True

    def take(self, data: bytes) -> None:
        """Take in a write, and let happen in it what is due."""
        if len(data) > JOB:
            self.jobs += 1
        if self._within and len(data) > JOB:
            (share, happens), self._within = self._within, None
            here = int(share * len(data))
            self._receive(data[:here])
            happens()
            data = data[here:]
        if self.unplugged or self._broken:
            raise PrinterUnreachableError("the line broke")
        self._receive(data)

    def _receive(self, data: bytes) -> None:
        if self._deaf and data == b"\x10\x05\x02" and self.machine.fault is None:
            return
        self.late += self.machine.receive(data)

    def tear(self) -> None:
        """Take away the paper that hangs out."""
        roll = self.machine._paper._roll
        piece = roll.cut()
        if piece is not None:
            self.pieces.append(piece)


class Time:
    """Seconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


class Line:
    """An open line; what was said while nobody listened comes first."""

    bytes_per_second = None

    def __init__(self, paper: Paper, time: Time) -> None:
        self._paper = paper
        self._time = time

    def write(self, data: bytes) -> None:
        self._paper.take(data)

    def read(self, limit: int, *, timeout: float) -> bytes:
        if self._paper.unplugged:
            raise PrinterUnreachableError("unplugged")
        paper, until = self._paper, self._time.now + timeout
        while True:
            paper.late += paper.machine.work()
            said, paper.late = paper.late[:limit], paper.late[limit:]
            if said or self._time.now >= until:
                return said
            self._time.now = min(until, paper.machine.wakes_at or until)

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Sent:
    """One copy of one slip, and what the printers said of it."""

    slip: Slip
    outcome: Outcome | None = None  # None where the kiosk was killed over it
    was_sent: bool = False


class World:
    """A kiosk with one or two printers.

    Args:
        data: Its data folder.
        profiles: What it believes of each printer.
        deaf: As in Paper.

    """

    def __init__(self, data: Path, *profiles: Profile, deaf: bool) -> None:
        self.time = Time()
        self.papers = [Paper(profile, deaf=deaf, time=self.time) for profile in profiles]
        self.sent: list[Sent] = []
        self.wrong: list[str] = []
        self._data = data
        self._designs: dict[tuple[str, int], Image.Image] = {}
        self._journal: Journal | None = None
        self.restart()

    def restart(self) -> None:
        """Start the kiosk's program anew, as after a power cut."""
        if self._journal is not None:
            self._journal.close()
        journal = self._journal = Journal(self._data / "journal.db", enrolment=ENROLMENT)
        makers = [partial(self._printer, paper) for paper in self.papers]
        self.printers = _printers(makers, self._data, unsettled=journal.unsettled())
        leftovers = Leftovers(self._data)
        self._spool = Spool(
            Observed(self.printers, self),
            journal=self._door,
            on_outcome=lambda: None,
            emptied=leftovers.staff_spoke,
            printing=leftovers.printing,
        )
        self._work()

    def close(self) -> None:
        assert self._journal is not None
        self._journal.close()

    def power_is_cut(self) -> None:
        """From now on the program that runs writes nothing down: it is gone."""
        self.printers._take_notes = lambda: None  # type: ignore[method-assign]

    def _printer(self, paper: Paper, leftovers: bool) -> Printer:  # noqa: FBT001  # as assembly has it
        return Printer(
            paper.open,
            paper.profile,
            rendition=Rendition.DRAWN,
            patience=PATIENCE,
            leftovers=leftovers,
            clock=Clock(self.time, self.time.wait),
        )

    def _door(self, work: Callable[[Journal], Result]) -> Result:
        assert self._journal is not None
        return work(self._journal)

    def _work(self) -> None:
        """Let the spool do all that waits; a kiosk that is killed meanwhile starts anew."""
        self._spool._jobs.put(None)
        try:
            self._spool._run()
        except Killed:
            self.restart()

    def party(self, *, answers: bool) -> None:
        """Let a party get its number, look at the paper, and answer truly where it is asked."""
        (made,) = self._door(issue)
        spool = self._spool
        spool.put(made.id, replace(load_sample("uk"), number=made.number))
        self._work()
        for copy in (1, 2):
            if spool is not self._spool or not answers:
                break
            if spool.state(made.id) is SlipState.UNCONFIRMED:
                spool.came_out(made.id, came_out=self.copies(made.number, copy) > 0)
                self._work()
        self._check_word(made.id, made.number, spool)
        spool.party_left(made.id)

    def _check_word(self, check_in: UUID, number: str, spool: Spool) -> None:
        out = sum(self.copies(number, copy) for copy in (1, 2))
        blind = any(paper.profile.blind for paper in self.papers)
        if spool.state(check_in) is SlipState.PRINTED and not out and not blind:
            self.wrong.append(f"{number} is shown as printed and is not on paper")

    def idle(self) -> None:
        self._spool._use_the_pause()

    def staff_empty(self) -> None:
        """Let staff do what `leftovers` asks of them."""
        for paper in self.papers:
            paper.power_cycle()
            paper.tear()
        self.staff_say_empty()

    def staff_say_empty(self) -> None:
        """Let staff say it, true or not; while a slip is printed it is not taken."""
        assert self._journal is not None
        with suppress(SlipOnItsWayError):
            Leftovers(self._data).staff_say_empty(sequence=self._journal.sequence)

    def mend(self) -> None:
        for paper in self.papers:
            paper.unplugged = False
            paper.machine.fault = None
            paper.late += paper.machine.work()

    def copies(self, number: str, copy: int) -> int:
        """Return how many whole slips of that number and copy lie there."""
        return sum(self._is_whole(piece, number, copy) for piece in self._pieces())

    def verdict(self) -> list[str]:
        """Mend everything, print what still waits, and return what must not have been."""
        self.mend()
        for paper in self.papers:
            while paper.machine.wakes_at is not None:
                self.time.now = paper.machine.wakes_at
                paper.machine.work()
            paper.tear()
        for sent in self.sent:
            number, copy = sent.slip.number, sent.slip.copy
            count = self.copies(number, copy)
            if count > 1:
                self.wrong.append(f"{number} copy {copy} came out {count} times")
            if sent.outcome is Outcome.FAILED and (count or sent.was_sent):
                self.wrong.append(f"{number} copy {copy} was called failed and was sent")
        mixed = [piece for piece in self._pieces() if not self._is_of_one_slip(piece)]
        self.wrong += [f"a piece of paper is of no one slip: {piece}" for piece in mixed]
        return self.wrong

    def _pieces(self) -> list[Piece]:
        return [piece for paper in self.papers for piece in paper.pieces]

    def _design(self, number: str, copy: int) -> Image.Image:
        key = (number, copy)
        if key not in self._designs:
            artwork = default_artwork()
            slip = replace(load_sample("uk"), number=number, copy=copy)
            dots = self.papers[0].profile.paper_dots
            self._designs[key] = draw_slip(lay_out(slip, dots, partial(measure, artwork)), artwork)
        return self._designs[key]

    def _is_whole(self, piece: Piece, number: str, copy: int) -> bool:
        return piece.picture.tobytes() == self._design(number, copy).tobytes()

    def _is_of_one_slip(self, piece: Piece) -> bool:
        """Whether a piece is blank, or a slip from its first row on, as far as it came."""
        width = piece.picture.width // 8
        rows = piece.picture.tobytes()
        blank = b"\xff" * width
        while rows.endswith(blank):
            rows = rows[:-width]
        sheets = (self._design(sent.slip.number, sent.slip.copy) for sent in self.sent)
        return any(sheet.tobytes().startswith(rows) for sheet in sheets) or not rows


class Observed:
    """The printers of a kiosk, and what they say of each slip."""

    def __init__(self, printers: Printers, world: World) -> None:
        self._printers = printers
        self._world = world
        self.prepare = printers.prepare
        self.report = printers.report
        self.tend = printers.tend
        self.confirm_empty = printers.confirm_empty

    def print(self, slip: Slip) -> Outcome:
        world, sent = self._world, Sent(slip)
        world.sent.append(sent)
        before = sum(paper.jobs for paper in world.papers)
        outcome = sent.outcome = self._printers.print(slip)
        sent.was_sent = sum(paper.jobs for paper in world.papers) > before
        if outcome is Outcome.PRINTED and world.copies(slip.number, slip.copy) != 1:
            world.wrong.append(f"{slip.number} copy {slip.copy} was called printed and is not out")
        return outcome
