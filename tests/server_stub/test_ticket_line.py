"""The line before the database: however many phones ask, two questions are asked at one time."""

import asyncio
import threading

import pytest

from server_stub import ticket_reading
from server_stub.ticket_reading import AT_ONCE, BusyError, TicketReader


class Crowded(TicketReader):
    """Answers in pairs, and notes how many were under way."""

    def __init__(self):
        super().__init__(engine=None, site=None, clock=None)
        self.pair = threading.Barrier(AT_ONCE, timeout=20)
        self.under_way, self.most = 0, 0
        self.lock = threading.Lock()

    def _read(self, token):
        with self.lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        self.pair.wait()
        with self.lock:
            self.under_way -= 1
        return token


async def ask(reader, times):
    asked = (reader.read(f"{n}") for n in range(times))
    return await asyncio.gather(*asked, return_exceptions=True)


def test_only_so_many_questions_are_under_way_and_all_are_answered_in_turn():
    reader = Crowded()

    answers = asyncio.run(ask(reader, 10))

    assert answers == [f"{n}" for n in range(10)]
    assert reader.most == AT_ONCE


def test_who_finds_the_line_full_is_told_so_and_the_next_is_served(monkeypatch):
    monkeypatch.setattr(ticket_reading, "MOST_IN_LINE", 4)
    reader = Crowded()

    async def twice():
        return await ask(reader, 10), await ask(reader, 4)

    first, second = asyncio.run(twice())

    assert [isinstance(answer, BusyError) for answer in first] == [False] * 4 + [True] * 6
    assert second == ["0", "1", "2", "3"]


@pytest.mark.parametrize("held", [0, 3])
def test_waits_that_are_remembered_have_a_limit(room, kiosk, monkeypatch, held):
    monkeypatch.setattr(ticket_reading, "MOST_WAITS", 3)
    clock = room.room._clock
    reader = TicketReader(room.engine, site=lambda: room.site, clock=clock)
    for sequence in range(1, held + 3):
        message = kiosk.check_in(sequence)
        room.admit(kiosk, message)
        with room.engine.connect() as connection:
            reader._wait(connection, room.site, room.visit(message.id))

    assert 0 < len(reader._waits) <= 3
