"""A native speaker sees every text on the sheet, and in its own direction."""

import importlib.util
from html import escape
from pathlib import Path
from types import ModuleType

import pytest

from kiosk.language import LANGUAGES, LOCALES, catalogue
from kiosk.speech.wording import messages, wording


def load_sheet() -> ModuleType:
    spec = importlib.util.spec_from_file_location("review_sheet", LOCALES / "review_sheet.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SHEET = load_sheet()


@pytest.mark.parametrize("language", ["uk", "ar", "de"])
def test_all_that_is_shown_and_said_is_on_the_sheet_of_a_language(language: str) -> None:
    said = wording(language)
    texts = [catalogue(language).text(message) for message in messages(language)]
    texts += [*said.sentences.values(), *said.landmarks.values(), *said.letters.values()]
    texts += said.vowelled.values()
    page = SHEET.sheet(LANGUAGES[language])

    assert [text for text in texts if f">{escape(text)}</td>" not in page] == []


def test_a_language_from_the_right_is_set_from_the_right() -> None:
    assert 'lang="ar" dir="rtl"' in SHEET.sheet(LANGUAGES["ar"])
    assert 'dir="rtl"' not in SHEET.sheet(LANGUAGES["uk"])


def test_sheets_are_written_for_the_languages_that_were_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SHEET, "ROOT", tmp_path)
    monkeypatch.setattr(SHEET, "FOLDER", tmp_path / "build" / "review")

    assert SHEET.main(["uk", "ka"]) == 0
    assert capsys.readouterr().out == "build/review/uk.html\nbuild/review/ka.html\n"
    assert (tmp_path / "build" / "review" / "ka.html").read_text(encoding="utf-8").endswith(">\n")
    assert SHEET.main(["xx"]) == 2
    assert "no language xx; there are: uk ru" in capsys.readouterr().err
