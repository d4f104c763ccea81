from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kiosk.journal import Journal
from tests.kiosk.arrivals import ENROLMENT, StandingClock
from tests.kiosk.central import Central
from tests.kiosk.loopback import Loopback


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a journal syncs at every write."""
    memory = Path("/dev/shm")  # noqa: S108  # made anew below it, for this test alone
    if not memory.is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory, prefix="ankunft-test-") as name:
        yield Path(name)


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder / "journal.db", enrolment=ENROLMENT)
    yield journal
    journal.close()


@pytest.fixture
def central() -> Central:
    return Central()


@pytest.fixture
def server(central: Central) -> Iterator[Loopback]:
    with Loopback(central) as server:
        yield server
