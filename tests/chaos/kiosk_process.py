"""A kiosk without its window, in a process of its own that can be killed at any instruction.

Front desk, journal, spool, printers and courier are the program's own. A hand outside sends
parties down a line and notes what they were given. The process is forked from one that has loaded
everything, so that a kiosk is up again in a fraction of a second.
"""

import contextlib
import logging
import os
import signal
import threading
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from kiosk.assembly import open_front_desk
from kiosk.contract.messages import SlipState
from kiosk.contract.questions import Question
from kiosk.contract.site import Site
from kiosk.front_desk import FrontDesk
from kiosk.journal import JournalError
from kiosk.questionnaire import Answers, Party, next_question
from kiosk.settings import read_settings
from kiosk.spool import SlipPrinter
from kiosk.ticket import Ticket
from printer.slip import Slip
from printer.status import Outcome
from tests.chaos.accounts import Given, drawn
from tests.stand.warm import MODULES

LOADED = [*MODULES, "tests.chaos.warmed"]
"""What is loaded once, for servers and for kiosks."""

START_SECONDS = 30.0
STUMBLED = ("stumbled", "no slip id=")
"""How the log begins to tell of a mistake of the program's own."""

ASKED_SECONDS = 0.02
"""How often a party looks whether its slip has come."""


def load() -> None:
    """Load everything, with the environment as it is now; before the first process starts."""
    context = get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    process = context.Process(target=_nothing)
    process.start()
    process.join()


def _nothing() -> None:
    pass


@dataclass
class KioskProcess:
    """One kiosk, started and killed as often as you like; what its parties got is kept here.

    Attributes:
        settings: Its settings file.
        environment: Added to what its process finds in its environment.
        given: What its parties were given, in order.
        copies: The fingerprint of each second copy that was sent to paper, by its address.
        refused: Why a party got no number, each time.
        asked: Parties that were sent in.
        cut_off: Of them, those that a kill left without an answer.
        stumbled: What its log told of mistakes.
        not_opened: Why it did not open, each time.

    """

    settings: Path
    environment: dict[str, str] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    asked: int = 0
    cut_off: int = 0
    stumbled: list[str] = field(default_factory=list)
    not_opened: list[str] = field(default_factory=list)
    _line: Connection | None = None
    _process: Any = None
    _opened: threading.Event = field(default_factory=threading.Event)
    _takes_parties: bool = False
    _waiting: int = 0
    _trouble: str = ""
    _told: threading.Event = field(default_factory=threading.Event)
    _reader: threading.Thread | None = None
    _answered: threading.Condition = field(default_factory=threading.Condition)

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.is_alive()

    @property
    def is_open(self) -> bool:
        """Whether it takes parties."""
        return self._takes_parties and self.runs

    def start(self, *, wait: bool = True) -> bool:
        """Start it; return whether it opened (where that was waited for)."""
        self._opened.clear()
        near, far = Pipe()
        self._process = get_context("forkserver").Process(
            target=live,
            args=(str(self.settings), {**os.environ, **self.environment}, far),
            name="kiosk",
        )
        self._process.start()
        far.close()
        self._line = near
        self._reader = threading.Thread(target=self._read, args=(near,), daemon=True)
        self._reader.start()
        if not wait:
            return False
        if not self._opened.wait(START_SECONDS):
            raise TimeoutError(f"{self.settings}: the kiosk did not open")
        return self.is_open

    def party(self, seed: str) -> None:
        """Send a party in; it is no error where the kiosk has just died."""
        with self._answered:
            self.asked += 1
            self._waiting += 1
        try:
            assert self._line
            self._line.send(("party", seed))
        except OSError:
            with self._answered:
                if self._waiting:  # else the reader has counted it
                    self._waiting -= 1
                    self.cut_off += 1

    def wait_for_answers(self, seconds: float) -> bool:
        """Return whether every party that was sent in got its answer."""
        with self._answered:
            return self._answered.wait_for(lambda: not self._waiting, seconds)

    def trouble(self) -> str:
        """Return why it gives out no numbers, by its own words; "" where it does."""
        if not self.is_open:
            return self._trouble
        self._told.clear()
        assert self._line
        self._line.send(("trouble", ""))
        if not self._told.wait(START_SECONDS):
            raise TimeoutError(f"{self.settings}: the kiosk does not say what is wrong")
        return self._trouble

    def kill(self) -> None:
        """End it with kill -9, and take in what it had said."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            self._end()

    def close(self) -> None:
        """End it as its owner does: what is under way is finished."""
        if self._process is None or self._line is None:
            return
        with contextlib.suppress(OSError):
            self._line.send(("close", ""))
        self._end()

    def _end(self) -> None:
        self._process.join(60)
        if self._process.exitcode is None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.join()
            self.stumbled.append("it did not close within a minute")
        if self._reader:
            self._reader.join()
        if self._line:
            self._line.close()
        self._line = self._reader = self._process = None

    def _read(self, line: Connection) -> None:
        while True:
            try:
                what, *told = line.recv()
            except (EOFError, OSError):
                break
            getattr(self, f"_on_{what}")(*told)
        with self._answered:
            self.cut_off += self._waiting
            self._waiting = 0
            self._answered.notify_all()
        self._takes_parties = False
        self._opened.set()  # nobody waits for the dead

    def _on_open(self) -> None:
        self._takes_parties = True
        self._opened.set()

    def _on_given(self, id_: str, number: str, url: str) -> None:
        self.given.append(Given(id_, number, url))

    def _on_refused(self, why: str) -> None:
        self.refused.append(why)

    def _on_answered(self) -> None:
        with self._answered:
            self._waiting -= 1
            self._answered.notify_all()

    def _on_copy(self, url: str, dots: str) -> None:
        self.copies[url] = dots

    def _on_trouble(self, words: str) -> None:
        self._trouble = words
        self._told.set()

    def _on_stumbled(self, words: str) -> None:
        self.stumbled.append(words)

    def _on_not_opened(self, trouble: str, why: str) -> None:
        self.not_opened.append(why)
        self._trouble = trouble


class TellingPrinter:
    """The kiosk's printers; tells beforehand how each second copy will look."""

    def __init__(self, printer: SlipPrinter, line: "Line") -> None:
        self._printer = printer
        self._line = line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._printer, name)

    def print(self, slip: Slip) -> Outcome:
        if slip.copy > 1:
            self._line.tell("copy", slip.ticket_url or "", drawn(slip))
        return self._printer.print(slip)


class Line(logging.Handler):
    """What a kiosk's process tells; also the mistakes of its log."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(logging.WARNING)
        self._connection = connection
        self._one_at_a_time = threading.Lock()

    def tell(self, *what: str) -> None:
        with self._one_at_a_time, contextlib.suppress(OSError):
            self._connection.send(what)

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage()
        if any(mistake in words for mistake in STUMBLED):
            self.tell("stumbled", words)


def live(settings: str, environment: dict[str, str], connection: Connection) -> None:
    """Be the kiosk of these settings until the line says otherwise."""
    os.environ.clear()
    os.environ.update(environment)
    line = Line(connection)
    logging.basicConfig(level=logging.WARNING, handlers=[line], force=True)
    try:
        desk = open_front_desk(read_settings(Path(settings)))
    except JournalError as error:
        line.tell("not_opened", f"{error.trouble}", f"{error}")
        return
    desk._spool._printer = TellingPrinter(desk._spool._printer, line)
    _tell_each_number(desk, line)
    desk.open()
    line.tell("open")
    while True:
        try:
            what, seed = connection.recv()
        except (EOFError, OSError):
            os._exit(0)  # whoever watched it is gone
        if what == "close":
            desk.close()
            return
        if what == "trouble":
            line.tell("trouble", desk.trouble or "")
            continue
        _receive(desk, Random(seed), line)  # noqa: S311  # to be thrown again


def _tell_each_number(desk: FrontDesk, line: Line) -> None:
    """Tell each number as soon as it is written down, before paper or screen can show it."""
    print_ = desk._print

    def tell_and_print(ticket: Ticket, site: Site) -> None:
        line.tell("given", str(ticket.id), ticket.number, ticket.url or "")
        print_(ticket, site)

    desk._print = tell_and_print  # type: ignore[method-assign]


def _receive(desk: FrontDesk, dice: Random, line: Line) -> None:
    """Let a party check in; a thread of its own waits for its slip as people do."""
    future = desk.check_in(any_answers(desk.site, dice))

    def answered(done: Any) -> None:
        error = done.exception()
        if error:
            line.tell("refused", f"{error}")
        line.tell("answered")
        if error:
            return
        wait = partial(_wait_for_slip, desk, done.result())
        threading.Thread(target=wait, daemon=True).start()

    future.add_done_callback(answered)


def _wait_for_slip(desk: FrontDesk, ticket: Ticket) -> None:
    """Wait until the slip has ended, say that none came out where nobody knows, and go.

    So what the journal says to be printed is what a printer has confirmed.
    """
    pause = threading.Event()
    while (state := desk.slip_state(ticket)) not in {SlipState.PRINTED, SlipState.FAILED}:
        if state is SlipState.UNCONFIRMED:
            desk.slip_came_out(ticket, came_out=False)
        pause.wait(ASKED_SECONDS)
    desk.party_left(ticket)


def any_answers(site: Site, dice: Random) -> Answers:
    """Return the answers of a party as it may come."""
    chosen: dict[str, tuple[str, ...]] = {}
    while (question := next_question(site, chosen)) is not None:
        chosen[question.id] = (_any_answer(question, dice),)
    party = Party(dice.randint(1, 3), dice.randint(0, 3))
    return Answers(site, dice.choice(site.languages), party, chosen)


def _any_answer(question: Question, dice: Random) -> str:
    return dice.choice([option.id for option in question.options])
