import asyncio
import threading

import pytest

from server_stub.rounds import Errand, Rounds


class Diary:
    """Notes what was done, and lets a test wait for it."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._news = threading.Condition()

    def errand(self, name: str, *, at_the_end: bool = False, fails: int = 0) -> Errand:
        failures = iter([OSError("the disk is full: a canary")] * fails)

        def run() -> None:
            with self._news:
                self.done.append(name)
                self._news.notify_all()
            if failure := next(failures, None):
                raise failure

        return Errand(name, run, at_the_end=at_the_end)

    async def until(self, count: int) -> None:
        def wait() -> None:
            with self._news:
                assert self._news.wait_for(lambda: len(self.done) >= count, 10)

        await asyncio.to_thread(wait)


@pytest.fixture
def diary() -> Diary:
    return Diary()


def walk(errands: list[Errand], diary: Diary, *, seconds: float, until: int) -> None:
    async def walked() -> None:
        rounds = Rounds(errands, seconds=seconds)
        rounds.open()
        await diary.until(until)
        await rounds.close()

    asyncio.run(walked())


def test_errands_are_done_at_once_and_in_order(diary):
    walk([diary.errand("first"), diary.errand("second")], diary, seconds=3600, until=2)

    assert diary.done == ["first", "second"]


def test_they_are_done_again_and_again(diary):
    walk([diary.errand("first")], diary, seconds=0.001, until=3)

    assert set(diary.done) == {"first"}


def test_at_the_end_only_what_belongs_there_is_done_once_more(diary):
    errands = [diary.errand("first"), diary.errand("sheet", at_the_end=True)]
    walk(errands, diary, seconds=3600, until=2)

    assert diary.done == ["first", "sheet", "sheet"]


def test_one_that_fails_stops_no_other_and_is_logged_once_without_its_words(diary, caplog):
    errands = [diary.errand("broken", fails=2), diary.errand("sound")]
    with caplog.at_level("INFO"):
        walk(errands, diary, seconds=0.001, until=6)

    assert diary.done[:6] == ["broken", "sound"] * 3
    assert [record.message for record in caplog.records if record.name == "server_stub.rounds"] == [
        "broken failed reason=OSError",
        "broken works again",
    ]


@pytest.mark.parametrize("seconds", [None, 1.0])
def test_where_no_rounds_are_made_nothing_is_done_not_even_at_the_end(diary, seconds):
    async def stand_still() -> None:
        rounds = Rounds([diary.errand("sheet", at_the_end=True)], seconds=seconds)
        if seconds is None:
            rounds.open()
        await rounds.close()

    asyncio.run(stand_still())

    assert diary.done == []
