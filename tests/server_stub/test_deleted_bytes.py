"""What is deleted is nowhere in the files of SQLite, neither in free pages nor in the log."""

import secrets
from datetime import timedelta

import pytest

from server_stub import errands as errands_module
from server_stub import sqlite, tables
from server_stub.actions import Press
from server_stub.clock_watch import ClockWatch
from server_stub.errands import errands
from tests.server_stub.enrolled import MONDAY_NOON, StandingClock, new_id, party
from tests.server_stub.open_room import OpenRoom, open_room

pytestmark = pytest.mark.slow

PARTIES = 120
"""More than one page of any table holds, so that pages are split and freed."""


class Files:
    """A store with parties in it, whose files can be searched while it is open."""

    def __init__(self, room: OpenRoom, settings, kiosk) -> None:
        self.room, self.settings = room, settings
        self.clock = settings.clock
        self.sealed: list[bytes] = []
        self.tokens: list[bytes] = []
        for sequence in range(1, PARTIES + 1):
            content = party().model_copy(update={"ticket_token": secrets.token_urlsafe(16)})
            check_in = kiosk.check_in(sequence, content=content)
            room.admit(kiosk, check_in)
            self.sealed.append(str(check_in.sealed)[:48].encode())
        self.tokens = [row["ticket_token_sha256"].encode() for row in room.rows(tables.visit)]
        self.ids = [row["id"] for row in room.rows(tables.visit)]

    def do_rounds(self, *, ahead: timedelta = timedelta()) -> None:
        no_time_passes = float  # 0.0, whenever it is asked
        made = errands(
            self.settings,
            lambda: self.room.site,
            engine=self.room.engine,
            writer=self.room.writer,
            watch=ClockWatch(self.clock, no_time_passes if ahead else None, ahead=ahead),
        )
        for _ in range(3):
            for errand in made[:3]:
                errand.run()

    def found(self, needles: list[bytes]) -> dict[str, int]:
        """Return in which files how many of the needles are, byte for byte."""
        database = self.settings.database
        files = [path for path in database.parent.glob(f"{database.name}*") if path.is_file()]
        contents = {path.name: path.read_bytes() for path in files}
        counts = {
            name: sum(needle in content for needle in needles) for name, content in contents.items()
        }
        return {name: count for name, count in counts.items() if count}


@pytest.fixture
def files(settings, kiosk, monkeypatch):
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, *FASTER))
    clock = StandingClock(MONDAY_NOON)
    settings = type(settings)(data=settings.data, clock=clock)
    with open_room(settings) as room:
        yield Files(room, settings, kiosk)


FASTER = ("synchronous = OFF",)


def test_before_their_time_the_needles_are_there(files):
    assert sum(files.found(files.sealed).values()) >= PARTIES
    assert sum(files.found(files.tokens).values()) >= PARTIES


def test_after_their_time_no_byte_of_answers_and_tokens_is_in_any_file(files):
    for hours in (49, 49, 49):
        files.clock.now += timedelta(hours=hours)
        files.do_rounds()

    assert files.room.rows(tables.visit) == []
    assert files.found(files.sealed) == {}
    assert files.found(files.tokens) == {}


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(days=100)])
def test_after_an_erasure_no_byte_of_that_party_is_in_any_file(files, ahead):
    """Also while no age is believed: who has itself erased is not deleted for its age."""
    gone = PARTIES // 2
    press = Press(new_id(), staff="lena", role="lead", visit=files.ids[gone])
    files.room.run(files.room.room.erase(press))
    files.do_rounds(ahead=ahead)

    assert sum(not files.found([sealed]) for sealed in files.sealed) == 1
    assert sum(not files.found([token]) for token in files.tokens) == 1


def test_where_nothing_is_overwritten_the_search_finds_it(settings, kiosk, monkeypatch):
    """The search can fail: without the care that SQLite is told to take, bytes stay."""
    careless = [pragma for pragma in sqlite.PRAGMAS if not pragma.startswith("secure_delete")]
    monkeypatch.setattr(sqlite, "PRAGMAS", (*careless, "secure_delete = OFF", *FASTER))
    monkeypatch.setattr(errands_module, "empty_log", lambda _: True)
    settings = type(settings)(data=settings.data, clock=StandingClock(MONDAY_NOON))
    with open_room(settings) as room:
        left = Files(room, settings, kiosk)
        for hours in (49, 49, 49):
            left.clock.now += timedelta(hours=hours)
            left.do_rounds()

        assert room.rows(tables.visit) == []
        assert left.found(left.sealed)


def test_while_somebody_reads_the_log_waits_and_nobody_else_does(files):
    with files.room.engine.connect() as reader:
        reader.execute(tables.visit.select().limit(1)).all()
        files.room.run(
            files.room.room.erase(Press(new_id(), staff="lena", role="lead", visit=files.ids[0]))
        )
        assert not sqlite.empty_log(files.room.engine)

    assert sqlite.empty_log(files.room.engine)
