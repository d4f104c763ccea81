import copy
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from assets.locales import update_staff
from assets.locales.catalogues import faults
from assets.locales.update_staff import CATALOGUES
from server_stub.page_texts import LANGUAGES, LOCALES, catalogue, language_name


@pytest.fixture(scope="module")
def template():
    """All texts as code and templates hold them."""
    return update_staff.texts()


@pytest.fixture
def copied(tmp_path):
    """The catalogues, copied to where a test may change them."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    shutil.copy(LOCALES / "de" / "LC_MESSAGES" / "staff.po", folder)
    return replace(CATALOGUES, locales=tmp_path)


def test_every_text_is_translated_with_the_same_placeholders(template):
    assert len(template) > 100

    for language in LANGUAGES.keys() - {"en"}:
        assert CATALOGUES.faults(language, template) == []


def test_a_catalogue_with_faults_is_noticed():
    english = ("Call next", "Call again", "Finish", "Log %(name)s out", ("%(num)d h", "%(num)d h"))
    template, german = Catalog(), Catalog(locale="de")
    for text in english:
        template.add(text)
    german.add("Call next", "Weiter", flags=["fuzzy"])
    german.add("Call again", "")
    german.add("Log %(name)s out", "Abmelden")
    german.add(("%(num)d h", "%(num)d h"), ("%(num)d Std.", ""))
    german.add("Nowhere", "Nirgends")

    assert faults(german, template) == [
        "not translated: 'Call next'",
        "not translated: 'Call again'",
        "not in the catalogue: 'Finish'",
        "other placeholders than in English: 'Log %(name)s out'",
        "not translated: ('%(num)d h', '%(num)d h')",
        "nowhere used: 'Nowhere'",
    ]


def test_who_reads_a_catalogue_while_it_is_written_anew_reads_the_old_one(copied, template):
    kept = copied.file("de")
    before = kept.read_bytes()
    more = copy.deepcopy(template)
    more.add("A new text")

    with kept.open("rb") as reader:
        copied.update("de", more)
        assert reader.read() == before

    assert b"A new text" in kept.read_bytes()
    assert list(kept.parent.iterdir()) == [kept]


def test_translations_come_from_lines_and_what_is_nowhere_used_is_told(
    copied, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(update_staff, "CATALOGUES", copied)
    lines = Path(tmp_path / "lines.txt")
    lines.write_text(
        "Call next = Weiter\n"
        "\n"
        "%(num)d child | %(num)d children = %(num)d Kind | %(num)d Kinderlein\n"
        "Nowhere = Nirgends\n",
        encoding="utf-8",
    )

    assert update_staff.main(["--german", str(lines)]) == 1

    german = copied.read("de")
    assert german["Call next"].string == "Weiter"
    assert german["%(num)d child"].string == ("%(num)d Kind", "%(num)d Kinderlein")
    assert "nowhere used, not taken: 'Nowhere'" in capsys.readouterr().out


def test_a_text_and_its_plural_come_in_the_language():
    texts = catalogue("de")

    assert texts.gettext("Call next") == "Nächste aufrufen"
    assert texts.ngettext("%(num)d child", "%(num)d children", 2) == "%(num)d Kinder"


def test_languages_are_called_by_their_names():
    assert language_name("uk", language="de") == "Ukrainisch"
    assert language_name("rom", language="en") == language_name("rom", language="de") == "Romani"
    assert language_name("xx", language="de") == "xx"
