"""The server goes, parties go on arriving, the server comes back."""

import signal
import sqlite3
from contextlib import closing

from kiosk.contract.messages import SlipState
from tests.stand.arrivals import MAN_ALONE, MOTHER_WITH_TWO, check_in, leave, wait_for_slip


def visits(server) -> list[str]:
    """Return the numbers of all visits, in the order of their arrival."""
    with closing(
        sqlite3.connect(f"{(server.data / 'ankunft.db').as_uri()}?mode=ro", uri=True)
    ) as db:
        rows = db.execute("SELECT number FROM visit ORDER BY arrived_at, arrival_order")
        return [number for (number,) in rows]


def test_arrivals_without_a_server_get_slips_and_all_arrive_once_and_in_order(
    server, kiosk, printer, staff
):
    server.start()
    numbers = []
    for arrival, before in (
        (MOTHER_WITH_TWO, None),
        (MAN_ALONE, server.stop),
        (MOTHER_WITH_TWO, None),
    ):
        if before:
            before(how=signal.SIGKILL)
        ticket = check_in(kiosk, arrival)
        assert wait_for_slip(kiosk, ticket) is SlipState.PRINTED
        leave(kiosk)
        numbers.append(ticket.number)

    server.start()
    kiosk.wait_until(lambda: len(visits(server)) == len(numbers), seconds=60)

    assert visits(server) == numbers
    assert len(printer.slips) == len(numbers)
    words = staff().words()
    assert [words.count(number) >= 1 for number in numbers] == [True] * len(numbers)


def test_help_without_a_server_never_says_that_someone_was_called(kiosk):
    kiosk.tap_id("help:person")
    kiosk.frames(60)

    assert "We have called someone." not in kiosk.texts()
