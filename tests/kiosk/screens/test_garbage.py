"""Widgets that have gone from the screen die in Kivy's thread, whatever other threads do."""

import gc
import threading
import weakref
from collections.abc import Callable

import pytest

from tests.kiosk.screens.conftest import Stand

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]

ENOUGH = 3_000_000
"""Objects that make Python collect everything, wherever they are made."""


def deaths_of_gone_tiles(stand: Stand) -> list[str]:
    """Show a question and leave it; return where each of its tiles will have died."""
    stand.tap("language:uk", "next", "adults:1", "next")
    died_in: list[str] = []
    for option in ("before:no", "before:collect"):
        tile = stand.driver.find(option)
        weakref.finalize(tile, lambda: died_in.append(threading.current_thread().name))
    stand.tap("before:no")
    return died_in


def test_another_thread_that_makes_many_objects_collects_no_widget(kiosk: Kiosk) -> None:
    died_in = deaths_of_gone_tiles(kiosk())

    busy = threading.Thread(target=lambda: [[] for _ in range(ENOUGH)], name="spool")
    busy.start()
    busy.join()

    assert "spool" not in died_in


def test_what_has_gone_is_collected_in_the_next_pause(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = kiosk(new=True)  # one that has asked before keeps tiles of that
    monkeypatch.setattr("kiosk.screens.question.MOST_KEPT", 1)  # or the tiles live on
    died_in = deaths_of_gone_tiles(stand)

    collector = stand.driver.app._garbage
    many = [[] for _ in range(10_000)]
    collector.look()
    del many
    collector.look()

    assert died_in == [threading.current_thread().name] * 2


def test_a_kiosk_that_has_ended_leaves_collecting_to_python_again(kiosk: Kiosk) -> None:
    stand = kiosk()
    assert not gc.isenabled()
    stand.driver.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
