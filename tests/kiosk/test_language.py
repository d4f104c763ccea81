from pathlib import Path

import pytest

from kiosk.language import (
    LANGUAGES,
    Catalogue,
    CatalogueError,
    catalogue,
    isolate,
    load_catalogue,
    unspoken,
)


def test_languages_are_offered_in_the_order_of_the_picker() -> None:
    assert " ".join(LANGUAGES) == "uk ru de en ar fa ro hu fr tr pl ka az vi"
    assert [code for code, known in LANGUAGES.items() if known.right_to_left] == ["ar", "fa"]
    assert all(known.code == code and known.welcome for code, known in LANGUAGES.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_catalogue(language: str) -> None:
    assert catalogue(language).text("Your number")
    assert catalogue(language) is catalogue(language)


def test_a_text_that_nobody_translated_stays_english() -> None:
    assert catalogue("uk").text("Nobody has written this") == "Nobody has written this"


def test_a_site_files_own_text_is_taken_as_it_is() -> None:
    own = {"uk": "Їжа", "en": "Food", "de": "Essen"}

    assert catalogue("uk").of_site(own) == "Їжа"
    assert catalogue("ar").of_site(own) == "Food"
    assert catalogue("ar").of_site({"de": "Essen"}) == "Essen"
    assert catalogue("uk").of_site("Your number") == catalogue("uk").text("Your number")


def compiled(folder: Path, content: bytes) -> Path:
    place = folder / "uk" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "kiosk.mo").write_bytes(content)
    return folder


@pytest.mark.parametrize(
    "content", [None, b"", b"no catalogue", b"\xde\x12\x04\x95" + b"\xff" * 40]
)
def test_a_catalogue_that_cannot_be_used_says_what_to_do(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        compiled(tmp_path, content)

    with pytest.raises(
        CatalogueError, match=rf"no usable catalogue for uk in {tmp_path} .*make texts"
    ):
        load_catalogue("uk", tmp_path)


def test_a_catalogue_speaks_one_language() -> None:
    assert isinstance(catalogue("ar"), Catalogue)
    assert catalogue("ar").language == "ar"


def test_a_number_keeps_its_order_in_any_sentence() -> None:
    assert isolate("D214") == "\u2066D214\u2069"


def test_a_language_that_nobody_here_knows_is_named() -> None:
    assert unspoken(["uk", "xx"], ["rom", "yy"]) == "xx, yy"
    assert unspoken(["uk"], ["rom"]) == ""
    assert unspoken(["rom"]) == "rom", "nothing is written in it"
