import asyncio
from uuid import UUID

import pytest

from server_stub.device_tokens import SECONDS_REMEMBERED, Device, KnownDevices

ENTRANCE = Device(UUID(int=1), "entrance-1", "D")


class Store:
    """Enrolled kiosks by token; counts how often it was asked."""

    def __init__(self) -> None:
        self.enrolled = {"good": ENTRANCE}
        self.asked = 0

    async def ask(self, token: str) -> Device | None:
        self.asked += 1
        return self.enrolled.get(token)


def test_a_kiosk_that_delivers_its_outbox_is_looked_up_once():
    store = Store()
    devices = KnownDevices(store.ask, monotonic=lambda: 0.0)

    found = [asyncio.run(devices.device("good")) for _ in range(5)]

    assert found == [ENTRANCE] * 5
    assert store.asked == 1


def test_a_retired_kiosk_is_known_for_no_longer_than_a_second():
    store, now = Store(), [0.0]
    devices = KnownDevices(store.ask, monotonic=lambda: now[0])
    asyncio.run(devices.device("good"))
    store.enrolled.clear()

    now[0] = SECONDS_REMEMBERED

    assert asyncio.run(devices.device("good")) is None


def test_a_token_that_nobody_has_is_asked_for_each_time():
    store = Store()
    devices = KnownDevices(store.ask, monotonic=lambda: 0.0)

    assert [asyncio.run(devices.device("bad")) for _ in range(3)] == [None] * 3
    assert store.asked == 3


def test_requests_that_come_at_once_share_one_question():
    asked = []
    answered = asyncio.Event()

    async def ask(token):
        asked.append(token)
        await answered.wait()
        return ENTRANCE

    async def come() -> list:
        known = KnownDevices(ask)
        gone, *others = (asyncio.ensure_future(known.device("token")) for _ in range(5))
        await asyncio.sleep(0)
        gone.cancel()
        answered.set()
        return await asyncio.gather(*others)

    assert asyncio.run(come()) == [ENTRANCE] * 4
    assert asked == ["token"]


def test_a_question_that_fails_is_asked_again():
    answers = [RuntimeError("away"), ENTRANCE]

    async def ask(_token):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def come() -> object:
        known = KnownDevices(ask)
        with pytest.raises(RuntimeError):
            await known.device("token")
        return await known.device("token")

    assert asyncio.run(come()) == ENTRANCE
