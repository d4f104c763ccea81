"""What the screens need of the reception behind them."""

from concurrent.futures import Future
from typing import Protocol

from kiosk.back_office import BackOffice
from kiosk.contract.messages import HelpKind, SlipState
from kiosk.contract.site import Site
from kiosk.help_line import HelpProgress
from kiosk.hours import Opening
from kiosk.questionnaire import Answers
from kiosk.ticket import Ticket


class HelpWatch(Protocol):
    """A call for help, as the screen follows it."""

    @property
    def state(self) -> HelpProgress:
        """How far the call is."""


class DirectionsWatch(Protocol):
    """A slip without a number, as the screen follows it."""

    @property
    def state(self) -> SlipState:
        """What the printer did."""

    def party_left(self) -> None:
        """Forget it; what was not begun is not printed."""


class Desk(Protocol):
    """The reception, as the screens know it. Nothing here waits for anything."""

    @property
    def site(self) -> Site:
        """The newest site file; taken between two parties."""

    @property
    def trouble(self) -> str | None:
        """Why no numbers are given out now; None where they are."""

    @property
    def staff(self) -> BackOffice:
        """What staff see and do, once they have given their code."""

    def tell_staff(self, trouble: str) -> None:
        """Tell staff of something that is wrong with the screens."""

    @property
    def opening(self) -> Opening:
        """What is open now; taken between two parties."""

    def print_directions(self, language: str, *, site: Site, opening: Opening) -> DirectionsWatch:
        """Print what to do until the site opens; returns at once."""

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
