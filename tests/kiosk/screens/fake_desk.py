"""A desk of a few lines, and a clock that only the test moves."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.site import Site
from kiosk.contract.site_file import read_site_file
from kiosk.help_line import HelpProgress
from kiosk.questionnaire import Answers, places, route
from kiosk.ticket import Ticket

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


@dataclass
class FakeDesk:
    """Gives every party D214, when it is told to; keeps what it was asked for."""

    site: Site = field(default_factory=lambda: read_site_file(SITE_FILE))
    url: str | None = None
    slip: SlipState = SlipState.WAITING
    watch: FakeWatch = field(default_factory=FakeWatch)
    holds_back: bool = False
    fails: bool = False
    asked: list[Answers] = field(default_factory=list)
    calls: list[tuple[HelpKind, str | None]] = field(default_factory=list)
    came_out: list[bool] = field(default_factory=list)
    left: list[Ticket | None] = field(default_factory=list)
    issuing: Future[Ticket] = field(default_factory=Future)

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
            )
        )

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
