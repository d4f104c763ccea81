import asyncio
import threading

import pytest

from server_stub import hall_board
from server_stub.hall_board import HallBoard
from server_stub.hall_reading import read_hall

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
