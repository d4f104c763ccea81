"""A party that waits for its paper: it is there, however slow the printer."""

from collections.abc import Callable

import pytest

from kiosk.contract.messages import SlipState
from kiosk.language import catalogue
from tests.kiosk.screens.conftest import Stand
from tests.kiosk.screens.fake_desk import FakeDesk
from tests.kiosk.screens.test_closed import CLOSED
from tests.kiosk.screens.test_flow_by_touch import to_ticket

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]

ON_THE_WAY = (SlipState.WAITING, SlipState.SENDING)


def pass_time(stand: Stand, seconds: float) -> None:
    stand.clock.advance(seconds)
    stand.driver.app.flow.tick()


@pytest.mark.parametrize("slip", ON_THE_WAY)
def test_a_party_that_waits_for_its_slip_is_not_gone(kiosk: Kiosk, slip: SlipState) -> None:
    stand = kiosk(FakeDesk(slip=slip))
    to_ticket(stand)
    pass_time(stand, 48)  # 45 kB at 9600 baud
    assert (stand.state, stand.desk.left) == ("ticket ready", [])
    stand.desk.slip = SlipState.UNCONFIRMED
    stand.until("slip:yes")
    pass_time(stand, 44)

    assert stand.state == "ticket ready"


@pytest.mark.parametrize("slip", ON_THE_WAY)
def test_a_party_that_waits_for_its_directions_is_not_gone(kiosk: Kiosk, slip: SlipState) -> None:
    stand = kiosk(FakeDesk(slip=slip, opening=CLOSED))
    stand.tap("language:uk", "print")
    stand.until_text(catalogue("uk").text("Your directions are printing."))
    pass_time(stand, 48)

    assert stand.state == "closed"
    assert not stand.desk.directions[0][1].left


def test_a_slip_that_was_printed_keeps_the_screen_no_longer_than_before(kiosk: Kiosk) -> None:
    stand = kiosk()
    to_ticket(stand)
    pass_time(stand, 100)
    stand.desk.slip = SlipState.PRINTED
    stand.until_text(catalogue("uk").text("Please take your slip."))
    pass_time(stand, 45)

    assert stand.state == "language"


@pytest.mark.parametrize("slip", ON_THE_WAY)
def test_a_printer_that_hangs_does_not_keep_the_screen(kiosk: Kiosk, slip: SlipState) -> None:
    from kiosk.screens.flow import PAPER_SECONDS  # opens the window

    stand = kiosk(FakeDesk(slip=slip))
    to_ticket(stand)
    pass_time(stand, PAPER_SECONDS)

    assert stand.state == "language"
    assert [ticket.number for ticket in stand.desk.left if ticket] == ["D214"]


def test_whoever_waits_no_longer_is_done_at_once(kiosk: Kiosk) -> None:
    stand = kiosk(FakeDesk(slip=SlipState.SENDING))
    to_ticket(stand)
    stand.tap("done")

    assert stand.state == "language"


def test_who_goes_back_and_walks_away_leaves_nothing_printed_for_the_next_party(
    kiosk: Kiosk,
) -> None:
    stand = kiosk(FakeDesk(opening=CLOSED))
    stand.tap("language:ar", "print", "back")
    pass_time(stand, 79)
    assert not stand.desk.directions[0][1].left
    pass_time(stand, 1)
    assert stand.desk.directions[0][1].left  # what still waits is not printed
    stand.tap("language:uk", "print")

    assert [language for language, _ in stand.desk.directions] == ["ar", "uk"]
