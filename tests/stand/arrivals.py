"""Whole arrivals by touches, as people make them; each step is a tile that needs no reading."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.contract.messages import SlipState
from kiosk.ticket import Ticket
from tests.stand.touch import KioskDriver


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a party touches.

    Attributes:
        language: The first tile, ``"uk"``.
        adults: 18 and above.
        children: Below 18.
        needs: Options of the question "need", up to three.
        before: Option of the question "before"; "no" is a first arrival.
        wait: Option of the question "wait", "nobody" where nobody should be called earlier.

    """

    language: str
    adults: int
    children: int
    needs: tuple[str, ...]
    before: str = "no"
    wait: str = "nobody"


MOTHER_WITH_TWO = Arrival("uk", 1, 2, ("sleep", "register"), wait="baby")
MAN_ALONE = Arrival("ar", 1, 0, ("money", "travel"))

ENDED = (SlipState.PRINTED, SlipState.FAILED, SlipState.UNCONFIRMED)


def _see_nothing(_: str) -> None:
    pass


def check_in(
    kiosk: KioskDriver, arrival: Arrival, *, see: Callable[[str], None] = _see_nothing
) -> Ticket:
    """Touch one arrival through to its number, and leave the number on the screen.

    Args:
        kiosk: The driver of a kiosk that shows its first screen.
        arrival: What the party touches.
        see: Called on each screen with its name, e.g. to take a picture.

    """
    see("language")
    kiosk.tap_id(f"language:{arrival.language}")
    see("notice")
    kiosk.tap_id("next")
    kiosk.tap_id(f"adults:{arrival.adults}")
    kiosk.tap_id(f"children:{arrival.children}")
    see("party")
    kiosk.tap_id("next")
    see("before")
    kiosk.tap_id(f"before:{arrival.before}")
    for need in arrival.needs:
        kiosk.tap_id(f"need:{need}")
    see("need")
    kiosk.tap_id("next")
    see("wait")
    kiosk.tap_id(f"wait:{arrival.wait}")
    kiosk.wait_until(lambda: kiosk.app.flow.ticket)
    ticket: Ticket = kiosk.app.flow.ticket
    return ticket


def wait_for_slip(kiosk: KioskDriver, ticket: Ticket) -> SlipState:
    """Draw frames until the slip has ended and the screen says so; return how."""
    desk = kiosk.app.flow._desk
    screen = kiosk.app.flow._presenter.screens.ticket_ready
    kiosk.wait_until(
        lambda: screen.slip is desk.slip_state(ticket) and screen.slip in ENDED, seconds=30
    )
    kiosk.frames(3)
    return SlipState(screen.slip)


def leave(kiosk: KioskDriver) -> None:
    """Touch Done; the first screen is there for the next party."""
    kiosk.tap_id("done")
    kiosk.wait_until(lambda: kiosk.app.flow.ticket is None)
