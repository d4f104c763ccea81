import asyncio
import threading

import pytest

from server_stub import hall_board
from server_stub.hall_alarms import Alarm, AlarmKind, Report
from server_stub.hall_board import HallBoard
from server_stub.hall_reading import read_hall
from server_stub.hall_rules import Level, Missing, PartyHere
from server_stub.hall_view import MissingParty, view_of
from server_stub.page_rendering import part, render
from server_stub.page_texts import LANGUAGES
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.put_visits import PutVisits

pytestmark = pytest.mark.slow  # the first page of a process makes its templates


@pytest.fixture
def readings(monkeypatch) -> list[int]:
    """The event number of every reading that was made."""
    made = []

    def counted(*args, **told):
        hall = read_hall(*args, **told)
        made.append(hall.event_number)
        return hall

    monkeypatch.setattr(hall_board, "read_hall", counted)
    return made


@pytest.fixture
def board(room, clock) -> HallBoard:
    return HallBoard(room.engine, site=lambda: room.site, clock=clock, rest=0)


async def all_at_once(board: HallBoard, *languages: str, after: int = 0) -> list[str]:
    return await asyncio.gather(*(board.html(one, after=after) for one in languages))


def test_fifty_pages_cost_one_reading(room, board, readings):
    found = room.run(all_at_once(board, *(["de"] * 25), *(["en"] * 25)))

    assert len(readings) == 1
    assert len(set(found)) == 2


def test_what_has_not_changed_is_not_rendered_again(room, board, readings):
    first = room.run(board.html("de"))
    second = room.run(board.html("de"))

    assert first is second
    assert len(readings) == 1


def test_whoever_has_heard_of_a_change_gets_it(room, board, readings, kiosk):
    room.run(board.html("en"))
    room.admit(kiosk, kiosk.check_in(1))
    number = room.snapshot().event_number

    html = room.run(board.html("en", after=number))

    assert readings == [0, number]
    assert f'data-event="{number}"' in html
    assert "D101" in html


def test_a_reading_that_began_before_a_change_is_not_taken_for_it(room, board, monkeypatch, kiosk):
    """Whoever joins a reading that is under way may find that it is too old, and waits for one."""
    read, may_go_on = asyncio.Event(), threading.Event()

    async def joined_late() -> str:
        loop = asyncio.get_running_loop()

        def slow(*args, **told):
            hall = read_hall(*args, **told)
            loop.call_soon_threadsafe(read.set)
            may_go_on.wait()
            return hall

        monkeypatch.setattr(hall_board, "read_hall", slow)
        early = asyncio.create_task(board.html("en"))
        await read.wait()
        await room.admission(kiosk, kiosk.check_in(1))
        number = (await room.room.snapshot()).event_number
        late = asyncio.create_task(board.html("en", after=number))
        loop.call_soon(may_go_on.set)
        assert "D101" not in await early
        return await late

    assert "D101" in room.run(joined_late())


def test_a_reading_that_fails_fails_once(room, board, monkeypatch):
    def broken(*_args, **_told):
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(hall_board, "read_hall", broken)
        with pytest.raises(OSError, match="the disk is gone"):
            room.run(board.html("de"))

    assert '<div id="hall"' in room.run(board.html("de"))


@pytest.mark.parametrize(
    ("persons", "said"),
    [(40, "Room for 60 persons."), (95, "Nearly full."), (100, "Full: calls pause until")],
)
def test_how_full_the_hall_is_is_drawn_and_said(room, persons, said):
    with room.engine.execution_options(writes=True).begin() as connection:
        site = room.site.model_copy(update={"most_persons": 100})
        PutVisits(connection, site).at_counter("3", called=1, inside=True, persons=persons)
        shown = view_of(read_hall(connection, site, at=MONDAY_NOON), site)
        connection.rollback()

    html = render("hall_now.html", "en", view=shown)

    assert said in html
    assert f'class="fill" width="{float(persons)}"' in html
    assert f"<strong>{persons}<small> / 100</small></strong>" in html


def test_every_reason_and_every_alarm_has_words_in_every_language(room, kiosk):
    """What a template does not know it would show by its name in the code."""
    for language in LANGUAGES:
        missing_word = part("hall_parts.html", language, "missing_word")
        alarm_word = part("hall_parts.html", language, "alarm_word")
        alarm_remedy = part("hall_parts.html", language, "alarm_remedy")
        with room.engine.connect() as connection:
            shown = view_of(read_hall(connection, room.site, at=MONDAY_NOON), room.site)
        party = PartyHere(
            **dict.fromkeys(("id", "stage", "persons", "priority", "inside", "service_day"), 1),
            **dict.fromkeys(("sent_on", "state", "carried_over", "appointment_at"), None),
            number="D214",
            counter="3",
            calls=3,
            since=MONDAY_NOON,
            called_at=MONDAY_NOON,
        )
        told = [missing_word(MissingParty(party, why, None), shown) for why in Missing]
        report = Report(kiosk.name, "D", MONDAY_NOON)
        kinds = [Alarm(kind, Level.SOON, "3") for kind in AlarmKind]
        told += [alarm_word(alarm, report, shown) for alarm in kinds]
        told += [alarm_remedy(alarm) for alarm in kinds]
        assert all(str(one).strip() for one in told)
        assert len({*told}) >= len(Missing) + 2 * len(AlarmKind) - 2
