"""The printer fails; the number stays, and staff know why."""

import pytest

from kiosk.contract.messages import SlipState
from kiosk.language import catalogue
from printer.virtual_printer import Fault
from tests.stand.arrivals import MOTHER_WITH_TWO, check_in, leave, wait_for_slip

SHORTEST_SLIP_DOTS = 400


@pytest.mark.parametrize(
    ("fault", "seen"), [(Fault.PAPER_OUT, "paper is out"), (Fault.COVER_OPEN, "cover is open")]
)
def test_a_printer_that_cannot_print_leaves_the_number_on_screen_and_staff_see_why(
    server, kiosk, printer, staff, fault, seen
):
    server.start()
    printer.fault = fault

    ticket = check_in(kiosk, MOTHER_WITH_TWO)

    assert wait_for_slip(kiosk, ticket) is SlipState.FAILED
    assert ticket.number in kiosk.texts()
    assert printer.slips == []
    anna = staff()
    kiosk.wait_until(lambda: any(seen in word for word in anna.words()), seconds=30)


def test_a_slip_that_nobody_can_vouch_for_is_copied_once_on_the_partys_word(server, kiosk, printer):
    server.start()
    printer.fault = Fault.CABLE_CUT

    ticket = check_in(kiosk, MOTHER_WITH_TWO)
    assert wait_for_slip(kiosk, ticket) is SlipState.UNCONFIRMED
    assert catalogue("uk").text("Did your slip come out?") in kiosk.texts()
    printer.fault = None
    kiosk.tap_id("slip:no")
    kiosk.wait_until(
        lambda: kiosk.app.flow._desk.slip_state(ticket) is SlipState.PRINTED, seconds=30
    )

    whole = [slip for slip in printer.slips if slip.picture.height > SHORTEST_SLIP_DOTS]
    assert len(whole) == 1, "the first was cut off with the cable; the copy is the only one"


def test_a_slip_that_was_not_begun_is_not_printed_for_the_next_party(server, kiosk, printer):
    server.start()
    printer.fault = Fault.PAPER_OUT
    first = check_in(kiosk, MOTHER_WITH_TWO)
    assert wait_for_slip(kiosk, first) is SlipState.FAILED
    leave(kiosk)

    printer.fault = None
    second = check_in(kiosk, MOTHER_WITH_TWO)

    assert wait_for_slip(kiosk, second) is SlipState.PRINTED
    assert len(printer.slips) == 1
