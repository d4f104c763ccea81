from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.journal import Journal
from tests.kiosk.arrivals import ENROLMENT, StandingClock
from tests.kiosk.central import Central
from tests.kiosk.loopback import Loopback


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db", enrolment=ENROLMENT)
    yield journal
    journal.close()


@pytest.fixture
def central() -> Central:
    return Central()


@pytest.fixture
def server(central: Central) -> Iterator[Loopback]:
    with Loopback(central) as server:
        yield server
