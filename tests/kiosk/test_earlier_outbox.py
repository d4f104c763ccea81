from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.courier import Route
from kiosk.earlier_outbox import EarlierOutbox
from kiosk.journal import Journal
from kiosk.last_store import LastStore
from kiosk.server_link import NotNowError, ServerLink
from tests.kiosk.arrivals import NINE, StandingClock, issue
from tests.kiosk.central import Central
from tests.kiosk.loopback import Loopback, Response


@pytest.fixture
def outbox(
    journal: Journal, server: Loopback, clock: StandingClock, folder: Path
) -> Iterator[EarlierOutbox]:
    """The outbox of an earlier enrolment; its thread stands still."""
    link = ServerLink(server.url, token="token")
    route = Route(lambda work: work(journal), link, clock, "entrance-1")
    yield EarlierOutbox(route, letter="D", last_store=LastStore(folder), close=lambda: None)
    link.close()


def test_what_was_confirmed_is_forgotten_after_its_days_also_where_the_rest_does_not_get_through(
    outbox: EarlierOutbox, journal: Journal, central: Central, clock: StandingClock
) -> None:
    clock.compare(NINE)
    issue(journal)
    outbox.deliver()
    (waits,) = issue(journal)
    central.fail = lambda _: Response(503)
    clock.seconds += timedelta(days=8).total_seconds()

    with pytest.raises(NotNowError):
        outbox.deliver()

    assert list(journal.bodies()) == [waits.to_bytes()]


def test_nothing_is_forgotten_by_a_wall_clock_that_was_never_compared(
    outbox: EarlierOutbox, journal: Journal, clock: StandingClock
) -> None:
    issue(journal)
    outbox.deliver()
    clock.wall = NINE + timedelta(days=8)

    outbox.deliver()

    assert len(list(journal.bodies())) == 1
