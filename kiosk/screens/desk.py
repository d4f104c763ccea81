"""What the screens need of the reception behind them."""

from concurrent.futures import Future
from typing import Protocol

from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.site import Site
from kiosk.help_line import HelpProgress
from kiosk.questionnaire import Answers
from kiosk.ticket import Ticket


class HelpWatch(Protocol):
    """A call for help, as the screen follows it."""

    @property
    def state(self) -> HelpProgress:
        """How far the call is."""


class Desk(Protocol):
    """The reception, as the screens know it. Nothing here waits for anything."""

    @property
    def site(self) -> Site:
        """The newest site file; taken between two parties."""

    def check_in(self, answers: Answers) -> Future[Ticket]:
        """Give out a number; the future has the ticket once nothing can lose it."""

    def slip_state(self, ticket: Ticket) -> SlipState:
        """Return what the printer did."""

    def slip_came_out(self, ticket: Ticket, *, came_out: bool) -> None:
        """Take the party's answer to "Did your slip come out?"."""

    def party_left(self, ticket: Ticket | None) -> None:
        """Forget the party; None where it left without a ticket."""

    def call_help(self, kind: HelpKind, language: str | None) -> HelpWatch:
        """Call staff; returns at once."""
