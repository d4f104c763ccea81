"""A desk of a few lines, and a clock that only the test moves."""

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from kiosk.back_office import Condition
from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.site import Site
from kiosk.contract.site_file import read_site_file
from kiosk.help_line import HelpProgress
from kiosk.hours import Opening
from kiosk.questionnaire import Answers, places, route
from kiosk.staff_lock import Verdict
from kiosk.ticket import Ticket

Result = TypeVar("Result")

SITE_FILE = Path(__file__).parents[3] / "assets" / "sites" / "duesseldorf.toml"


class HandClock:
    """Seconds that pass only when someone says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float = 1.0) -> None:
        self.now += seconds


@dataclass
class FakeWatch:
    state: HelpProgress = HelpProgress.CALLING


CONDITION = Condition(
    program="0.1.0",
    site="0123456789abcdef",
    server_seconds=12.0,
    outbox=3,
    refused=1,
    sequence=214,
    printer="paper-low; second: ready",
    disk_free_bytes=12_300_000_000,
    clock_trusted=True,
    sound="ready",
    memory_bytes=190_000_000,
    taken_out=False,
    troubles=("texts-uk",),
)


@dataclass
class FakeOffice:
    """Takes 402671, and keeps what staff did."""

    has_code: bool = False
    seconds_locked: float = 0.0
    condition: Condition = CONDITION
    did: list[str] = field(default_factory=list)
    fails: bool = False

    def try_code(self, code: str) -> Future[Verdict]:
        self.did.append("code")
        if self.seconds_locked:
            return _done(Verdict.PAUSE)
        return _done(Verdict.RIGHT if code == "402671" else Verdict.WRONG)

    def look(self) -> Future[Condition]:
        return _done(self.condition)

    def say_printer_is_empty(self) -> Future[None]:
        return self._do("empty")

    def print_test_slip(self) -> Future[None]:
        return self._do("test slip")

    def take_out(self, *, out: bool) -> Future[None]:
        self.condition = replace(self.condition, taken_out=out)
        return self._do("out" if out else "back")

    def try_sound(self) -> Future[bool]:
        self.did.append("sound")
        return _done(not self.fails)

    def _do(self, what: str) -> Future[None]:
        self.did.append(what)
        if self.fails:
            failed: Future[None] = Future()
            failed.set_exception(OSError("disk full"))
            return failed
        return _done(None)


def _done(result: Result) -> Future[Result]:
    future: Future[Result] = Future()
    future.set_result(result)
    return future


@dataclass
class FakeDirections:
    """A slip without a number; how it is, is how the desk's slips are."""

    desk: "FakeDesk"
    left: bool = False

    @property
    def state(self) -> SlipState:
        return self.desk.slip

    def party_left(self) -> None:
        self.left = True


@dataclass
class FakeDesk:
    """Gives every party D214, when it is told to; keeps what it was asked for."""

    site: Site = field(default_factory=lambda: read_site_file(SITE_FILE))
    url: str | None = None
    slip: SlipState = SlipState.WAITING
    watch: FakeWatch = field(default_factory=FakeWatch)
    opening: Opening = field(default_factory=Opening)
    directions: list[tuple[str, FakeDirections]] = field(default_factory=list)
    holds_back: bool = False
    fails: bool = False
    asked: list[Answers] = field(default_factory=list)
    calls: list[tuple[HelpKind, str | None]] = field(default_factory=list)
    came_out: list[bool] = field(default_factory=list)
    left: list[Ticket | None] = field(default_factory=list)
    issuing: Future[Ticket] = field(default_factory=Future)
    trouble: str | None = None
    staff: FakeOffice = field(default_factory=FakeOffice)
    told: list[str] = field(default_factory=list)

    def tell_staff(self, trouble: str) -> None:
        self.told.append(trouble)

    def check_in(self, answers: Answers) -> Future[Ticket]:
        self.asked.append(answers)
        self.issuing = Future()
        if not self.holds_back:
            self.issue()
        return self.issuing

    def issue(self) -> None:
        if self.fails:
            self.issuing.set_exception(OSError("disk full"))
            return
        answers = self.asked[-1]
        stages = [self.site.stage(name) for name in route(self.site, answers.chosen)]
        self.issuing.set_result(
            Ticket(
                id=UUID(int=7),
                number="D214",
                language=answers.language,
                party=answers.party,
                route=tuple(stage for stage in stages if stage),
                places=places(self.site, answers.chosen),
                url=self.url,
                opening=self.opening,
            )
        )

    def print_directions(self, language: str, *, site: Site, opening: Opening) -> FakeDirections:
        assert (site, opening.is_open) == (self.site, False)
        self.directions.append((language, FakeDirections(self)))
        return self.directions[-1][1]

    def slip_state(self, ticket: Ticket) -> SlipState:
        assert ticket.number == "D214"
        return self.slip

    def slip_came_out(self, ticket: Ticket, *, came_out: bool) -> None:
        assert ticket.number == "D214"
        self.came_out.append(came_out)

    def party_left(self, ticket: Ticket | None) -> None:
        self.left.append(ticket)

    def call_help(self, kind: HelpKind, language: str | None) -> FakeWatch:
        self.calls.append((kind, language))
        return self.watch
