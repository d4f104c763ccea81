from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import TypeAdapter

from kiosk.contract.messages import Number
from kiosk.contract.series import Series
from kiosk.contract.signs import Place
from kiosk.contract.site import ALL_SERIES, SERIES_LETTERS, SERIES_PAIRS, Site, SiteAnswer
from kiosk.contract.site_file import (
    MOST_FAULTS,
    SiteFileError,
    faults_of,
    line_of,
    parse_site,
    read_site_file,
)
from kiosk.contract.toml_text import read_toml
from kiosk.settings import KioskTable
from tests.kiosk.arrivals import KEY, SITE, SITE_TEXT

SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "sites"


def parse(text: str) -> Site:
    return parse_site(text, source="hbf.toml")


def line(of: str, *, last: bool = False) -> int:
    """Return the line, from 1, of the first (or last) place where a text stands."""
    lines = [number for number, text in enumerate(SITE_TEXT.splitlines(), 1) if of in text]
    return lines[-1 if last else 0]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_site_file_is_good(path: Path) -> None:
    assert read_site_file(path).id == path.stem


def test_a_site_file_becomes_a_site() -> None:
    site = parse(SITE_TEXT)

    assert [stage.landmark for stage in site.stages] == ["tree", "fish", "boat"]
    assert (site.questions[1].most, site.time_zone) == (2, "Europe/Berlin")
    assert (site.stage("housing"), site.stage("moon")) == (site.stages[1], None)


# What is replaced by what -> the line, the place and the reason that staff read.
MISTAKES = [
    (
        'id = "hbf"',
        'id = "Hauptbahnhof"',
        line("id ="),
        "id: 'Hauptbahnhof' does not fit: a name has",
    ),
    ('id = "hbf"\n', "\n", 1, "id: Field required"),
    (
        '"uk", "de"',
        '"uk", "deutsch"',
        line("languages"),
        "languages.1: 'deutsch' does not fit: a lang",
    ),
    ('["uk", "de", "ar"]', "[]", line("languages"), "languages: Tuple should have at least 1"),
    (
        '["uk", "de", "ar"]',
        '["uk", "de", "ar"]\naudio_languages = ["rom", "ar"]',
        line("languages") + 1,
        "audio_languages.1: 'ar' is there twice",
    ),
    ('"https://', '"ankunft://', line("public"), "public_address: 'ankunft://"),
    (
        'first_stages = ["information"]',
        'first_stages = ["info"]',
        line("first_stages"),
        "first_stages: no stage 'info'; there are: information, housing, benefits",
    ),
    (
        'landmark = "fish"',
        'landmark = "whale"',
        line("fish"),
        "stages.1.landmark: no landmark 'whale'; there are: tree, fish, boat",
    ),
    (
        'landmark = "boat"',
        'landmark = "tree"',
        line("boat"),
        "stages.2.landmark: 'tree' is there twice",
    ),
    (
        'id = "benefits"',
        'id = "housing"',
        line('id = "benefits"'),
        "stages.2.id: 'housing' is there twice",
    ),
    (
        'door = "2"',
        'door = "room 2"',
        line('door = "2"'),
        "stages.1.door: 'room 2' does not fit: a door",
    ),
    ('door = "3"', "", line("[[stages]]", last=True), "stages.2.door: Field required"),
    ('door = "3"', "door = 3", line('door = "3"'), "stages.2.door: Input should be a valid string"),
    (
        '{ de = "Unterkunft", en = "Housing" }',
        '{ de = "Unterkunft" }',
        line("Unterkunft"),
        "stages.1.name: has no text in en",
    ),
    (
        'stage = "information"',
        'stage = "inform"',
        line("stage ="),
        "counters.0.stage: no stage 'inform'; there are: information",
    ),
    ("most = 2", "most = 0", line("most"), "questions.1.most: Input should be greater than"),
    ("most = 2", "mst = 2", line("most"), "questions.1.mst: Extra inputs are not permitted"),
    ('id = "need"', 'id = "before"', line('"need"'), "questions.1.id: 'before' is there twice"),
    (
        'id = "money"',
        'id = "sleep"',
        line('id = "money"'),
        "questions.1.options.1.id: 'sleep' is there twice",
    ),
    (
        'stages = ["housing"]',
        'stages = ["hotel"]',
        line('stages = ["housing"]'),
        "questions.1.options.0.stages: no stage 'hotel'",
    ),
    (
        'text = "Money"',
        'text = { uk = "" , Deutsch = "Geld" }',
        line('text = "Money"'),
        "questions.1.options.1.text",
    ),
    ('icon = "bed"', 'icon = "bet"', line("bed"), "questions.1.options.0.icon: no icon 'bet'"),
    ('icon = "bed"', "", line('id = "sleep"') - 1, "questions.1.options.0.icon: Field required"),
    ("[[counters]]", "[[countrs]]", 1, "counters: Field required"),
    (
        'name = "Info-Point"',
        'name = "Info-Point"\ntime_zone = "Europe/Duesseldorf"',
        line("Info-Point") + 1,
        "time_zone: no time zone 'Europe/Duesseldorf'; an example is Europe/Berlin",
    ),
    (
        'name = "Info-Point"',
        'name = "Info-Point"\nskip_numbers = ["all"]',
        line("Info-Point") + 1,
        "skip_numbers.0: Input should be a valid integer",
    ),
    (
        'name = "Info-Point"',
        'name = "Info-Point"\nprivacy_address = "http://ankunft.example/privacy"',
        line("Info-Point") + 1,
        "privacy_address: 'http://ankunft.example/privacy' does not fit: an address looks like",
    ),
    (
        'name = "Info-Point"',
        'name = "Info-Point"\nprivacy_address = "https://ankunft.example/{lang}"',
        line("Info-Point") + 1,
        "privacy_address: 'https://ankunft.example/{lang}' does not fit",
    ),
    (
        'name = "Info-Point"',
        'name = "Info-Point"\ndesk = { landmark = "fish", door = "9" }',
        line("Info-Point") + 1,
        "desk: 'fish' is already at door 2",
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "at", "reason"), MISTAKES, ids=[mistake[3][:40] for mistake in MISTAKES]
)
def test_a_mistake_is_told_with_file_line_and_reason(
    before: str, after: str, at: int, reason: str
) -> None:
    assert before in SITE_TEXT

    with pytest.raises(SiteFileError) as raised:
        parse(SITE_TEXT.replace(before, after, 1))

    assert f"{raised.value}".startswith(f"hbf.toml, line {at}: {reason}")
    assert "\n" not in f"{raised.value}"


@pytest.mark.parametrize(
    "zone", [".", "Europe", "../../etc/passwd", "Europe/Berlin\\n", "MEZ", "Europe/Ce" * 400]
)
def test_a_time_zone_that_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(SiteFileError, match=r"line 3: time_zone: "):
        parse(SITE_TEXT.replace('name = "Info-Point"', f'time_zone = "{zone}"\nname = "I"'))


def test_a_text_that_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(SiteFileError, match=r"hbf\.toml: .*line 3"):
        parse('\n\nid = "hbf\n')


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file or directory"), (b"id = '\xff'", "not UTF-8 text")],
)
def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "hbf.toml"
    if content:
        path.write_bytes(content)

    with pytest.raises(SiteFileError) as raised:
        read_site_file(path)

    assert f"{raised.value}" == f"{path}: cannot be read: {reason}"


def test_options_may_be_written_on_one_line_each() -> None:
    text = 'options = [\n  { id = "a" },\n  { id = "b" },\n]\n[[stages]]\nid = "x"'

    assert line_of(text, ["options", 1, "id"]) == 1
    assert line_of(text, ["stages", 0, "id"]) == 6
    assert line_of(text, ["gone"]) == 1


# --- the staffed desk, and where all about the data is read --------------------------------------


@pytest.mark.parametrize(("landmark", "door"), [("tree", "1"), ("bell", "9")])
def test_the_staffed_desk_may_be_at_a_stage_or_at_a_door_of_its_own(
    landmark: str, door: str
) -> None:
    site = parse(f'desk = {{ landmark = "{landmark}", door = "{door}" }}\n{SITE_TEXT}')

    assert site.desk == Place(landmark=landmark, door=door)
    assert SITE.desk is None


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://ankunft.example", "https://ankunft.example?lang=uk"),
        ("https://ankunft.example/privacy", "https://ankunft.example/privacy?lang=uk"),
        ("https://ankunft.example/{language}/privacy", "https://ankunft.example/uk/privacy"),
    ],
)
def test_all_about_the_data_is_read_in_the_partys_language(address: str, page: str) -> None:
    site = parse(f'privacy_address = "{address}"\n{SITE_TEXT}')

    assert site.privacy_page("uk") == page
    assert SITE.privacy_page("uk") is None


# --- version ------------------------------------------------------------------------------------


def test_a_version_is_the_same_for_the_same_content() -> None:
    commented = SITE_TEXT.replace("[[counters]]", "# the desks\n\n[[counters]]")

    assert parse(SITE_TEXT).version == parse(commented).version == SITE.version
    assert len(SITE.version) == 16


@pytest.mark.parametrize("mistake", ['door = "7"', 'door = "02"'])
def test_another_content_has_another_version(mistake: str) -> None:
    assert parse(SITE_TEXT.replace('door = "2"', mistake)).version != SITE.version


def test_a_site_has_its_version_on_the_other_end_too() -> None:
    sent = SiteAnswer(version=SITE.version, key_id="key-1", public_key=KEY.to_text(), site=SITE)

    arrived = SiteAnswer.model_validate_json(sent.to_bytes())

    assert arrived.site == SITE
    assert arrived.site.version == sent.version


def test_no_series_letter_can_be_taken_for_another() -> None:
    assert not set("ZVBCEHKMOPTXYIQ") & set(SERIES_LETTERS)


def test_no_two_letters_of_a_series_say_something_or_are_another_s_turned_round() -> None:
    said = {"NS", "SS", "SA", "SD", "RF", "DR", "GF", "LN", "DN", "NR", "JS", "GJ", "JN", "FN"}

    assert len(ALL_SERIES) == len(set(ALL_SERIES)) == 21
    assert all({*pair} <= {*SERIES_LETTERS} - {"U"} for pair in SERIES_PAIRS)
    assert not said & {*SERIES_PAIRS}
    assert not {pair[::-1] for pair in SERIES_PAIRS} & {*SERIES_PAIRS}


@pytest.mark.parametrize("letters", SERIES_PAIRS)
def test_numbers_of_two_letters_travel_like_all_others(letters: str) -> None:
    number = Series(letters).number(114)

    assert TypeAdapter(Number).validate_python(number) == f"{letters}214"
    assert KioskTable(name="entrance-1", enrolment=uuid4(), letter=letters).letter == letters


def test_the_order_of_keys_does_not_make_another_version() -> None:
    first, second = '{ de = "A", en = "B" }', '{ en = "B", de = "A" }'
    name = SITE_TEXT[
        SITE_TEXT.index("{ de =") : SITE_TEXT.index("}", SITE_TEXT.index("{ de =")) + 1
    ]

    assert (
        parse(SITE_TEXT.replace(name, first, 1)).version
        == parse(SITE_TEXT.replace(name, second, 1)).version
    )


def test_all_faults_of_a_file_are_told_each_with_its_line() -> None:
    broken = SITE_TEXT.replace('stages = ["benefits"]', 'stages = ["moon"]')
    broken = broken.replace('stage = "information"', 'stage = "moon"')
    broken += (
        '\n[[outcomes]]\nid = "x"\nstage = "mars"\nname = { de = "X", en = "X" }\nfigure = "y"\n'
    )

    found = faults_of(broken)

    assert [fault.line for fault in found] == sorted(fault.line for fault in found)
    told = {(fault.where, fault.reason.partition(";")[0]) for fault in found}
    assert ("outcomes.0.stage", "no stage 'mars'") in told
    assert ("outcomes.0.figure", "no figure 'y'") in told
    moons = [fault.where for fault in found if "no stage 'moon'" in fault.reason]
    assert moons == [
        "counters.0.stage",
        "questions.0.options.1.stages",
        "questions.1.options.1.stages",
    ]
    for fault in found:
        assert fault.where.rpartition(".")[2] in broken.splitlines()[fault.line - 1]


def test_a_file_without_faults_has_none() -> None:
    assert faults_of(SITE_TEXT) == []


def test_text_that_is_no_toml_has_one_fault_at_its_line() -> None:
    (fault,) = faults_of('id = "x"\n\nname = = 3\n')
    assert (fault.line, fault.where) == (3, "")
    (fault,) = faults_of('id = "x"\nname = [')
    assert fault.line == 2


def test_a_file_that_is_none_is_told_by_its_first_faults_at_once() -> None:
    text = "[[stages]]\n" * 2000  # four faults in each: reading all lines for each took minutes

    found = faults_of(text)

    assert len(found) == MOST_FAULTS
    assert found == sorted(found, key=lambda fault: fault.line)


@pytest.mark.parametrize("text", ["a = " + "[" * 9_000, "a = " + "9" * 5_000])
def test_what_no_file_of_people_holds_is_a_fault_like_any_other(text: str) -> None:
    assert [fault.line for fault in faults_of(text)] == [1]
    with pytest.raises(SiteFileError, match=r"^here: "):
        parse_site(text, source="here")


@pytest.mark.parametrize(
    "text", ["a" + ".a" * 5_000 + " = 1", "[" + "a." * 5_000 + "a]", "x = {a" + " . 'a'" * 5_000]
)
def test_a_key_of_thousands_of_parts_is_refused_before_it_is_read(text: str) -> None:
    (fault,) = faults_of(f"# a site\n{text}\n")

    assert (fault.line, fault.reason) == (2, "a key of more than 16 parts")


def test_a_sentence_with_dots_is_no_key_of_many_parts() -> None:
    told = read_toml(f'a.b.c = "{"one.two " * 40}"\n# {"www. " * 40}\nd = "{"e" * 9_000}"\n')

    assert told["a"]["b"]["c"].startswith("one.two")
