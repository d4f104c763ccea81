"""What the kiosk does not do: nothing is drawn, measured or imported that nobody needs now."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.contract.site_file import read_site_file
from tests.kiosk.screens.conftest import Stand
from tests.kiosk.screens.fake_desk import SITE_FILE, FakeDesk

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]
ROOT = Path(__file__).parents[3]

AT_FIRST_PICTURE = """
import sys
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.window import prepare
import kiosk.assembly, kiosk.front_desk, kiosk.speech.set_up
from tests.kiosk.screens.fake_desk import FakeDesk

settings = ScreenSettings(width=540, height=960)
prepare(settings)
from kiosk.screens.app import KioskApp

def shown():
    print(*sorted({"escpos", "requests", "yaml"} & set(sys.modules)), "shown")
    app.stop()

app = KioskApp(FakeDesk(), settings=settings, on_shown=shown)
app.run()
"""


def test_the_first_picture_waits_for_no_library_of_printing_or_http() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_FIRST_PICTURE],
        cwd=ROOT,
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "shown\n"


def test_nothing_is_drawn_while_nothing_changes(kiosk: Kiosk) -> None:
    from kivy.core.window import Window

    stand = kiosk(draws=True, new=True)
    drawn: list[Any] = []
    stand.driver.frames(90)  # all that opening it brings with it is over
    Window.bind(on_flip=drawn.append)
    stand.driver.frames(60)
    Window.unbind(on_flip=drawn.append)

    assert drawn == []


def test_a_question_that_is_asked_again_makes_no_tile(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.screens.widgets import Tile

    stand = kiosk()
    stand.tap("language:uk", "next", "adults:1", "next", "before:no")
    made: list[str] = []
    make = Tile.__init__

    def counted(self: Any, **kwargs: Any) -> None:
        made.append(kwargs.get("tile", ""))
        make(self, **kwargs)

    monkeypatch.setattr(Tile, "__init__", counted)
    stand.tap("back", "before:no")

    assert made == []


def test_a_screen_that_is_shown_again_unchanged_writes_no_text(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kivy.core.text import LabelBase

    stand = kiosk()
    stand.tap("language:uk", "next", "adults:1", "next")
    stand.driver.frames(3)
    written: list[str] = []
    refresh = LabelBase.refresh

    def counted(self: Any) -> None:
        written.append(self.text)
        refresh(self)

    monkeypatch.setattr(LabelBase, "refresh", counted)
    stand.driver.app.flow._show()
    stand.driver.frames(3)

    assert written == []


def test_the_screens_of_the_next_party_measure_no_text_anew(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.screens.bidi import BidiLabel

    stand = kiosk()
    way = ("language:uk", "next", "adults:1", "next", "before:no", "cancel")
    stand.tap(*way)
    measured: list[str] = []
    measure = BidiLabel._measure

    def counted(self: Any, text: str) -> tuple[int, int]:
        measured.append(text)
        return measure(self, text)

    monkeypatch.setattr(BidiLabel, "_measure", counted)
    stand.tap(*way)

    assert measured == []


def test_the_number_of_a_party_that_has_gone_is_not_among_the_texts_measured(kiosk: Kiosk) -> None:
    from kiosk.screens import bidi

    def numbers() -> list[object]:
        return [key for key in bidi._measured if "D214" in key]

    stand = kiosk()
    stand.tap("language:uk", "next", "adults:1", "next", "before:collect", "wait:nobody")
    stand.until("done")
    assert numbers()
    stand.tap("done")

    assert numbers() == []


def test_numbers_that_are_shown_again_are_not_made_again_and_lose_their_mark(kiosk: Kiosk) -> None:
    stand = kiosk()
    stand.tap("language:uk", "next", "adults:more", "adults:12")
    twelve = stand.driver.find("adults:12")
    assert twelve.chosen
    stand.tap("cancel")
    assert not twelve.chosen
    stand.tap("language:uk", "next", "adults:more")

    assert stand.driver.find("adults:12") is twelve
    assert not twelve.chosen


def test_a_page_of_keys_that_is_shown_again_makes_no_letter(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.screens.keys import LetterKey

    stand = kiosk(FakeDesk(read_site_file(SITE_FILE.with_name("own-questions.toml"))))
    stand.tap("language:uk", "next", "adults:1", "next", "before:no", "key:page", "key:page")
    made: list[str] = []
    make = LetterKey.__init__

    def counted(self: Any, **kwargs: Any) -> None:
        made.append(kwargs.get("tile", ""))
        make(self, **kwargs)

    monkeypatch.setattr(LetterKey, "__init__", counted)
    stand.tap("key:page", "key:page")

    assert set(made) == {"key:space"}
