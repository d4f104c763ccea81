"""The kiosk's loop turns quickly for whoever is there, and slowly for nobody."""

from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.display

QUICK = 60.0


@pytest.fixture
def clock(_kivy: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Kivy's clock, at the pace it has in a kiosk; nobody is waited for."""
    from kivy.clock import Clock
    from kivy.core.window import Window

    from kiosk.screens import pace

    assert Window is not None
    monkeypatch.setattr(pace, "AWAKE_SECONDS", 0)
    before, Clock._max_fps = Clock._max_fps, QUICK
    yield Clock
    Clock._max_fps = before


@pytest.fixture
def pace(clock: Any) -> Iterator[Any]:
    from kiosk.screens.pace import Pace

    assert clock._max_fps == QUICK
    pace = Pace()
    pace.start()
    yield pace
    pace.stop()


@pytest.mark.usefixtures("pace")
def test_it_is_quick_at_first_and_slow_once_nobody_was_there(clock: Any) -> None:
    from kiosk.screens.pace import IDLE_TURNS

    assert clock._max_fps == QUICK
    clock.tick()
    assert clock._max_fps == IDLE_TURNS


@pytest.mark.usefixtures("pace")
@pytest.mark.parametrize(
    ("sign", "told"), [("on_touch_down", (None,)), ("on_key_down", (13, 40, "\r", []))]
)
def test_a_touch_or_a_key_wakes_it(clock: Any, sign: str, told: tuple[Any, ...]) -> None:
    from kivy.core.window import Window

    clock.tick()
    for widget in (children := Window.children[:]):
        Window.remove_widget(widget)
    Window.dispatch(sign, *told)
    for widget in children:
        Window.add_widget(widget)

    assert clock._max_fps == QUICK


def test_it_leaves_the_clock_as_it_was(clock: Any, pace: Any) -> None:
    clock.tick()
    pace.stop()
    assert clock._max_fps == QUICK


def test_a_clock_that_turns_as_fast_as_it_can_is_left_so(clock: Any) -> None:
    from kiosk.screens.pace import Pace

    clock._max_fps = 0.0
    pace = Pace()
    pace.start()
    clock.tick()
    assert clock._max_fps == 0
