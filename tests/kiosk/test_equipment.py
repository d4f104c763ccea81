import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk import language
from kiosk.contract.messages import Trouble
from kiosk.equipment import ASSETS, FONTS, troubles, usable_fonts
from kiosk.language import Catalogue, CatalogueError, catalogue, load_catalogue, spoken
from tests.kiosk.arrivals import SITE

Breaks = Callable[[Path], None]


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    shutil.copytree(ASSETS / "icons", tmp_path / "icons")
    shutil.copytree(ASSETS / "fonts", tmp_path / "fonts")
    return tmp_path


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_nothing_is_missing_of_what_is_shipped() -> None:
    assert list(troubles(SITE)) == []


@pytest.mark.parametrize("breaks", [Path.unlink, cut], ids=["gone", "cut"])
def test_a_picture_that_cannot_be_read_is_told(assets: Path, breaks: Breaks) -> None:
    breaks(assets / "icons" / "png" / "bed.png")

    assert list(troubles(SITE, assets=assets)) == [Trouble.PICTURES]


def test_a_folder_without_pictures_is_told(assets: Path) -> None:
    shutil.rmtree(assets / "icons" / "png")

    assert list(troubles(SITE, assets=assets)) == [Trouble.PICTURES]


@pytest.mark.parametrize("breaks", [Path.unlink, cut], ids=["gone", "cut"])
@pytest.mark.parametrize("name", FONTS)
def test_one_font_takes_the_place_of_the_other(assets: Path, breaks: Breaks, name: str) -> None:
    breaks(assets / "fonts" / name)

    assert [path.name for path in usable_fonts(assets)] == [n for n in FONTS if n != name]
    assert list(troubles(SITE, assets=assets)) == [Trouble.PICTURES]


def test_without_any_font_no_numbers_are_given_out(assets: Path) -> None:
    for name in FONTS:
        (assets / "fonts" / name).unlink()

    assert list(troubles(SITE, assets=assets)) == [Trouble.FONT]


@pytest.fixture
def locales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The catalogues of the program, for this test to damage."""
    copied = tmp_path / "locales"
    shutil.copytree(language.LOCALES, copied)

    def damaged(code: str) -> Catalogue:
        return load_catalogue(code, copied)

    monkeypatch.setattr(language, "load_catalogue", damaged)
    catalogue.cache_clear()
    return copied


@pytest.fixture(autouse=True)
def _fresh_catalogues() -> object:
    yield
    catalogue.cache_clear()


def texts_of(locales: Path, code: str) -> Path:
    return locales / code / "LC_MESSAGES" / "kiosk.mo"


@pytest.mark.parametrize("breaks", [Path.unlink, cut], ids=["gone", "cut"])
def test_a_language_whose_texts_are_damaged_is_not_offered(
    locales: Path, breaks: Breaks, caplog: pytest.LogCaptureFixture
) -> None:
    breaks(texts_of(locales, "uk"))

    assert spoken(SITE.languages) == ("de", "ar")
    assert list(troubles(SITE)) == ["texts-uk"]
    assert caplog.text.count("texts not usable") == 1
    assert catalogue("uk").text("Your number") == "Your number"


def test_without_any_texts_no_numbers_are_given_out(locales: Path) -> None:
    for code in SITE.languages:
        texts_of(locales, code).unlink()

    assert list(troubles(SITE)) == ["texts", "texts-uk", "texts-de", "texts-ar"]


def test_a_catalogue_cut_off_anywhere_is_refused_or_whole(locales: Path) -> None:
    path = texts_of(locales, "uk")
    content = path.read_bytes()
    whole = load_catalogue("uk").text("Your number")
    for length in range(0, len(content), len(content) // 97):
        path.write_bytes(content[:length])
        with pytest.raises(CatalogueError, match="make texts"):
            load_catalogue("uk", locales)
    path.write_bytes(content)
    assert load_catalogue("uk", locales).text("Your number") == whole


def test_a_catalogue_whose_rule_of_plurals_is_damaged_is_refused(locales: Path) -> None:
    path = texts_of(locales, "uk")
    content = path.read_bytes()
    assert content.count(b"plural=") == 1
    path.write_bytes(content.replace(b"plural=", b"plura!="))

    with pytest.raises(CatalogueError, match="make texts"):
        load_catalogue("uk", locales)
