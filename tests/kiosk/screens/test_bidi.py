"""Text of two directions, in the order of the eye (UAX #9) and drawn as it is measured."""

import ctypes
import re
from pathlib import Path
from typing import Any

import pytest

from kiosk.language import isolate

pytestmark = pytest.mark.display

FONTS = Path(__file__).parents[3] / "assets" / "fonts"


@pytest.fixture
def bidi(_kivy: None) -> Any:
    from kivy.base import EventLoop

    from kiosk.screens import bidi

    EventLoop.ensure_window()  # pictures of text need one
    return bidi


def seen(bidi: Any, text: str, direction: str) -> list[tuple[str, str]]:
    return [(run.text, run.direction) for run in bidi.runs(text, direction)]


def test_a_word_of_another_direction_keeps_its_own(bidi: Any) -> None:
    assert seen(bidi, "في Bonn هنا", "rtl") == [(" هنا", "rtl"), ("Bonn", "ltr"), ("في ", "rtl")]


def test_digits_run_from_the_left_in_arabic(bidi: Any) -> None:
    assert seen(bidi, "رقم 214", "rtl") == [("214", "ltr"), ("رقم ", "rtl")]


def test_a_phone_number_keeps_its_order_only_when_it_is_isolated(bidi: Any) -> None:
    phone = "+49 30 123"
    drawn = [text for text, _ in seen(bidi, f"هاتف {isolate(phone)}", "rtl")]
    bare = [text for text, _ in seen(bidi, f"هاتف {phone}", "rtl")]

    assert "".join(drawn[:-1]) == phone
    assert "".join(bare[:-1]) != phone


def test_brackets_belong_to_the_direction_of_their_line(bidi: Any) -> None:
    # HarfBuzz mirrors them in a run from the right.
    assert seen(bidi, "(نعم)", "rtl") == [("(نعم)", "rtl")]


def test_each_script_is_a_run_of_its_own(bidi: Any) -> None:
    scripts = [run.script for run in bidi.runs("Bonn Київ თბილისი", "ltr")]

    assert scripts == ["Latn", "Cyrl", "Geor"]


def test_marks_of_direction_are_not_drawn(bidi: Any) -> None:
    assert seen(bidi, f"{isolate('D214')}\u200e", "ltr") == [("D214", "ltr")]


@pytest.mark.parametrize(("text", "direction"), [("1 نعم", "rtl"), ("1 Ja", "ltr"), ("1", None)])
def test_the_first_strong_letter_gives_the_direction(
    bidi: Any, text: str, direction: str | None
) -> None:
    assert bidi.first_strong(text) == direction


@pytest.mark.parametrize(
    ("text", "direction"),
    [("يُرجى الانتظار", "rtl"), ("Зачекайте, будь ласка", "ltr"), ("دورك D214 (الآن)", "rtl")],
)
def test_a_line_is_as_wide_as_it_was_measured(bidi: Any, text: str, direction: str) -> None:
    label = bidi.BidiLabel(
        text=text,
        font_size=60,
        font_name=str(FONTS / "AnkunftSans-Regular.ttf"),
        base_direction=direction,
    )
    label.refresh()
    label.texture.bind()  # only now is it drawn
    width, height = label.texture.size
    pixels = label.texture.pixels
    inked = [x for x in range(width) if any(pixels[(y * width + x) * 4 + 3] for y in range(height))]

    assert label.texture.width == label.get_extents(text)[0]
    assert len(inked) > width / 2
    assert inked[0] < 12
    assert inked[-1] > width - 12


def test_joined_arabic_is_narrower_than_its_letters(bidi: Any) -> None:
    label = bidi.BidiLabel(
        text="",
        font_size=60,
        font_name=str(FONTS / "AnkunftSans-Regular.ttf"),
        base_direction="rtl",
    )
    word = "مساعدة"
    apart = sum(label.get_extents(letter)[0] for letter in word)

    assert label.get_extents(word)[0] < 0.95 * apart  # alone, each letter is wider


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize(
    "line",
    [
        "",
        "D214 (Bonn), +49 211 89-1 · 8:30 …",
        "Зачекайте, будь ласка: 3",
        "თბილისი 1, Đến đây! «ქ» ə",
        "a\u2067b\u2069 1",
        "1 \u200fx",
        "Nr. 3 نعم",
        "12\u2068-34\u2069",
    ],
)
def test_a_line_that_runs_from_the_left_is_known_without_asking_fribidi(
    bidi: Any, monkeypatch: pytest.MonkeyPatch, line: str, direction: str
) -> None:
    fast = bidi._levels(line, direction)
    with monkeypatch.context() as patch:
        patch.setattr(bidi, "FROM_THE_LEFT", re.compile("never"))
        asked = bidi._levels(line, direction)

    assert fast == asked


def test_a_line_is_measured_once_until_it_is_forgotten(
    bidi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    measure = bidi.BidiLabel._measure

    def measured(self: Any, text: str) -> Any:
        asked.append(text)
        return measure(self, text)

    monkeypatch.setattr(bidi.BidiLabel, "_measure", measured)
    font = str(FONTS / "AnkunftSans-Regular.ttf")
    bidi.forget()
    for size, weight in ((60, False), (60, False), (61, False), (60, True)):
        bidi.BidiLabel(font_size=size, font_name=font, bold=weight).get_extents("Ankunft")
    assert len(asked) == 3

    bidi.forget()
    bidi.BidiLabel(font_size=60, font_name=font).get_extents("Ankunft")
    assert len(asked) == 4


def test_a_missing_library_is_named_with_what_to_install(
    bidi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> ctypes.CDLL:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    bidi._fribidi.cache_clear()
    try:
        with pytest.raises(bidi.BidiMissingError, match="apt-get install libfribidi0"):
            bidi.install()
    finally:
        bidi._fribidi.cache_clear()
