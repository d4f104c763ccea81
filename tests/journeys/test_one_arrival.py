"""From a touch to a counter, with every part real but the paper."""

import re

import requests

from kiosk.contract.messages import SlipState
from tests.stand.arrivals import MAN_ALONE, MOTHER_WITH_TWO, check_in, leave, wait_for_slip


def test_a_party_touches_gets_its_slip_is_seen_called_and_shown(
    server, kiosk, printer, staff, display_address
):
    server.start()

    ticket = check_in(kiosk, MOTHER_WITH_TWO)
    assert ticket.number in kiosk.texts()
    assert wait_for_slip(kiosk, ticket) is SlipState.PRINTED
    (slip,) = printer.wait_for_slips(1, timeout=10)
    assert (slip.unknown, slip.drawer_kicks) == ((), 0)
    leave(kiosk)

    anna = staff()
    kiosk.wait_until(lambda: ticket.number in anna.words())
    assert "Should not wait long" in anna.words()  # and not why
    anna.work_at("1")
    anna.call_next()

    wall = requests.get(display_address, timeout=10).text
    shown = re.sub(r"<[^>]*>|\s+", " ", wall)
    assert ticket.number in shown


def test_two_parties_in_two_languages_get_numbers_that_follow(server, kiosk, printer):
    server.start()

    first = check_in(kiosk, MOTHER_WITH_TWO)
    wait_for_slip(kiosk, first)
    leave(kiosk)
    second = check_in(kiosk, MAN_ALONE)
    wait_for_slip(kiosk, second)

    assert (first.number, second.number) == ("D101", "D102")
    assert len(printer.wait_for_slips(2, timeout=10)) == 2


def test_help_is_called_at_once_and_coming_only_when_someone_answers(server, kiosk, staff):
    server.start()
    anna = staff()

    kiosk.tap_id("help:doctor")
    kiosk.wait_until(lambda: "We have called someone." in kiosk.texts())
    assert "Someone is coming." not in kiosk.texts()
    anna.go_to_help()

    kiosk.wait_until(lambda: "Someone is coming." in kiosk.texts())
