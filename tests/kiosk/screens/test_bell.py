import pytest

from kiosk.help_line import HelpProgress
from kiosk.screens.bell import Bell
from tests.kiosk.screens.fake_desk import FakeWatch, HandClock


class Room:
    """A bell, a clock, and how often it was heard at which second."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.began = self.clock.now
        self.heard: list[float] = []
        self.bell = Bell(lambda: self.heard.append(self.seconds), monotonic=self.clock)

    @property
    def seconds(self) -> float:
        return round(self.clock.now - self.began, 1)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.bell.tick()
            self.clock.advance(0.1)


@pytest.fixture
def room() -> Room:
    return Room()


def test_nobody_hears_a_bell_that_nobody_needs(room: Room) -> None:
    room.wait(60)
    for progress in set(HelpProgress) - {HelpProgress.NOT_REACHED}:
        room.bell.attend(FakeWatch(progress))
        room.wait(60)

    assert room.heard == []


def test_a_call_that_nobody_answers_is_heard_every_ten_seconds_for_two_minutes(room: Room) -> None:
    room.bell.attend(FakeWatch(HelpProgress.NOT_REACHED))
    room.wait(300)

    assert room.heard == pytest.approx([10.0 * n for n in range(12)], abs=1.2)  # ticks


def test_the_bell_is_silent_as_soon_as_someone_comes(room: Room) -> None:
    watch = FakeWatch(HelpProgress.NOT_REACHED)
    room.bell.attend(watch)
    room.wait(5)
    watch.state = HelpProgress.SOMEONE_COMING
    room.wait(60)

    assert room.heard == [0.0]


def test_the_two_minutes_begin_when_it_is_first_heard(room: Room) -> None:
    watch = FakeWatch(HelpProgress.CALLED)
    room.bell.attend(watch)
    room.wait(100)
    watch.state = HelpProgress.NOT_REACHED
    room.wait(300)

    assert (len(room.heard), room.heard[0]) == (12, 100.0)


def test_a_hand_ends_it_and_another_call_begins_anew(room: Room) -> None:
    watch = FakeWatch(HelpProgress.NOT_REACHED)
    room.bell.attend(watch)
    room.wait(15)
    room.bell.silence()
    room.wait(30)
    assert len(room.heard) == 2
    room.bell.attend(watch)
    room.wait(300)

    assert len(room.heard) == 14
