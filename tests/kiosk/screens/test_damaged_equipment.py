"""Texts, fonts and pictures that are really damaged: what is left of the screens works."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk import language
from kiosk.equipment import ASSETS, FONTS
from kiosk.language import LANGUAGES, Catalogue, catalogue, load_catalogue
from tests.kiosk.screens.conftest import Stand
from tests.kiosk.screens.fake_desk import FakeDesk

pytestmark = pytest.mark.display

Kiosk = Callable[..., Stand]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.fixture
def locales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    copied = tmp_path / "locales"
    shutil.copytree(language.LOCALES, copied)

    def load(code: str) -> Catalogue:
        return load_catalogue(code, copied)

    monkeypatch.setattr(language, "load_catalogue", load)
    catalogue.cache_clear()
    yield copied
    catalogue.cache_clear()


@pytest.fixture
def assets(_kivy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    from kivy.core.window import Window  # textures need one

    from kiosk.screens import pictograms, widgets

    assert Window
    copied = tmp_path / "assets"
    for name in ("fonts", "icons"):
        shutil.copytree(ASSETS / name, copied / name)
    monkeypatch.setattr(widgets, "ASSETS", copied)
    monkeypatch.setattr(pictograms, "FOLDER", copied / "icons" / "png")
    pictograms._texture.cache_clear()
    yield copied
    pictograms._texture.cache_clear()


def test_a_language_with_damaged_texts_is_not_offered_and_all_others_are(
    kiosk: Kiosk, locales: Path
) -> None:
    cut(locales / "uk" / "LC_MESSAGES" / "kiosk.mo")
    stand = kiosk(new=True)

    offered = {tile.removeprefix("language:") for tile in stand.driver.tiles() if ":" in tile}
    assert offered & set(LANGUAGES) == set(stand.desk.site.languages) - {"uk"}
    stand.tap("help:person")
    assert stand.state == "help"


def test_without_any_texts_it_says_in_english_to_ask_a_person(kiosk: Kiosk, locales: Path) -> None:
    for code in LANGUAGES:
        (locales / code / "LC_MESSAGES" / "kiosk.mo").unlink()
    stand = kiosk(FakeDesk(trouble="texts"), new=True)

    assert "Please ask a person" in stand.driver.texts()
    stand.tap("help:doctor")
    assert stand.state == "help"


@pytest.mark.parametrize("name", ["bed", "language", "hand"])
def test_a_picture_that_cannot_be_read_is_not_drawn_and_nothing_else_is_amiss(
    kiosk: Kiosk, assets: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    cut(assets / "icons" / "png" / f"{name}.png")
    stand = kiosk(draws=True, new=True)
    stand.tap("language:de", "next", "adults:1", "next", "before:no", "need:sleep")

    assert stand.state == "question"
    assert caplog.text.count("picture not drawn") <= 4  # told, and not at every frame


@pytest.mark.parametrize("lost", [FONTS[:1], FONTS[1:], FONTS], ids=["regular", "bold", "both"])
def test_letters_are_drawn_whatever_font_is_lost(
    kiosk: Kiosk, assets: Path, lost: tuple[str, ...]
) -> None:
    for name in lost:
        cut(assets / "fonts" / name)
    stand = kiosk(FakeDesk(trouble="font"), draws=True, new=True)

    written = [
        widget
        for widget in stand.driver.widgets()
        if getattr(widget, "text", "") == catalogue("uk").text("Please ask a person")
    ]
    assert written[0].texture_size[0] > 50
