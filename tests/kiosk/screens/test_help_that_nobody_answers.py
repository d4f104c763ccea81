"""A call that nobody answers: said at once, and heard in the room until someone comes."""

from collections.abc import Callable, Iterator

import pytest

from kiosk.help_line import HelpProgress
from kiosk.speech.speaker import CHIME
from tests.kiosk.screens.conftest import Stand
from tests.kiosk.screens.listener import Listener

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def call(kiosk: Kiosk, listener: Listener, *tiles: str) -> Stand:
    """Open a kiosk that nobody answers, and touch its way to a call."""
    stand = kiosk(speech=listener)
    stand.desk.watch.state = HelpProgress.NOT_REACHED
    stand.tap(*tiles, "help:doctor")
    return stand


def chimes(stand: Stand, listener: Listener, seconds: float) -> int:
    """Let time pass, and return how often the chime was heard."""
    heard = 0
    for _ in range(round(seconds)):
        stand.driver.app.flow.tick()
        heard += listener.hears().count(CHIME)
        stand.clock.advance(1)
    return heard


def test_a_call_that_nobody_answers_is_heard(kiosk: Kiosk, listener: Listener) -> None:
    stand = call(kiosk, listener, "language:uk")
    assert chimes(stand, listener, 35) == 4
    stand.desk.watch.state = HelpProgress.SOMEONE_COMING

    assert chimes(stand, listener, 60) == 0


def test_it_is_heard_when_its_screen_has_gone_by_itself(kiosk: Kiosk, listener: Listener) -> None:
    stand = call(kiosk, listener)
    assert chimes(stand, listener, 95) == 10
    assert stand.state == "language"

    assert chimes(stand, listener, 95) == 2


@pytest.mark.parametrize("hand", ["done", "language:uk"])
def test_a_hand_ends_it(kiosk: Kiosk, listener: Listener, hand: str) -> None:
    stand = call(kiosk, listener)
    if hand != "done":
        chimes(stand, listener, 81)
    stand.tap(hand)
    listener.hears()  # what was heard until then

    assert chimes(stand, listener, 60) == 0


def test_a_touch_on_the_screen_of_the_call_does_not_end_it(
    kiosk: Kiosk, listener: Listener
) -> None:
    stand = call(kiosk, listener, "language:uk")
    chimes(stand, listener, 5)
    stand.tap("tool:contrast")

    assert chimes(stand, listener, 30) == 3


def test_a_call_while_a_number_is_written_down_is_heard(kiosk: Kiosk, listener: Listener) -> None:
    stand = kiosk(speech=listener)
    stand.desk.holds_back = True
    stand.desk.watch.state = HelpProgress.NOT_REACHED
    stand.tap("language:uk", "next", "adults:1", "next", "before:collect", "wait:nobody")
    stand.tap("help:person")
    assert stand.state == "issuing"

    assert chimes(stand, listener, 15) == 2
