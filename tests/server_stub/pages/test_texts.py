import copy
import importlib.util
import shutil
from pathlib import Path

import pytest

from server_stub.page_texts import LANGUAGES, LOCALES, catalogue, language_name


@pytest.fixture(scope="module")
def update_staff():
    """The script that keeps the catalogues."""
    spec = importlib.util.spec_from_file_location("update_staff", LOCALES / "update_staff.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def template(update_staff):
    """All texts as code and templates hold them."""
    return update_staff.texts()


def test_every_text_is_translated_with_the_same_placeholders(update_staff, template):
    assert len(template) > 100

    for language in LANGUAGES.keys() - {"en"}:
        assert update_staff.faults(update_staff.read(language), template) == []


def test_a_catalogue_with_faults_is_noticed(update_staff, template):
    catalogue = update_staff.read("de")
    catalogue["Call next"].flags.add("fuzzy")
    catalogue["Call again"].string = ""
    catalogue["Log out"].string = "%(name)s abmelden"
    catalogue.delete("Finish")
    catalogue.add("Nowhere", "Nirgends")

    assert sorted(update_staff.faults(catalogue, template)) == [
        "not in the catalogue: 'Finish'",
        "not translated: 'Call again'",
        "not translated: 'Call next'",
        "nowhere used: 'Nowhere'",
        "other placeholders than in English: 'Log out'",
    ]


def test_who_reads_a_catalogue_while_it_is_written_anew_reads_the_old_one(
    update_staff, template, tmp_path, monkeypatch
):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    kept = Path(shutil.copy(LOCALES / "de" / "LC_MESSAGES" / "staff.po", folder))
    monkeypatch.setattr(update_staff, "LOCALES", tmp_path)
    before = kept.read_bytes()
    more = copy.deepcopy(template)
    more.add("A new text")

    with kept.open("rb") as reader:
        update_staff.update("de", more)
        assert reader.read() == before

    assert b"A new text" in kept.read_bytes()
    assert list(folder.iterdir()) == [kept]


def test_a_text_and_its_plural_come_in_the_language():
    texts = catalogue("de")

    assert texts.gettext("Call next") == "Nächste aufrufen"
    assert texts.ngettext("%(num)d child", "%(num)d children", 2) == "%(num)d Kinder"


def test_languages_are_called_by_their_names():
    assert language_name("uk", language="de") == "Ukrainisch"
    assert language_name("rom", language="en") == language_name("rom", language="de") == "Romani"
    assert language_name("xx", language="de") == "xx"
