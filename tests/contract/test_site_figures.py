import pytest

from kiosk.contract.site import Site
from kiosk.contract.site_file import SiteFileError, parse_site
from tests.kiosk.arrivals import SITE, SITE_TEXT

FIGURES = """
[[outcomes]]
id = "housed"
stage = "housing"
name = { de = "Untergebracht", en = "Housed" }
figure = "housed"

[[outcomes]]
id = "moved-out"
stage = "housing"
name = { de = "Ausgezogen", en = "Moved out" }
figure = "housed"
counts = -1

[[figures]]
id = "housed"
name = { de = "Untergebracht", en = "Housed" }
stock = true
"""
TEXT = SITE_TEXT + FIGURES


def parse(text: str) -> Site:
    return parse_site(text, source="hbf.toml")


def line(of: str) -> int:
    """Return the line, from 1, of the last place where a text stands."""
    return [number for number, text in enumerate(TEXT.splitlines(), 1) if of in text][-1]


def test_outcomes_add_up_to_figures() -> None:
    site = parse(TEXT)

    assert [(o.id, o.figure, o.counts) for o in site.outcomes] == [
        ("housed", "housed", 1),
        ("moved-out", "housed", -1),
    ]
    assert site.figures[0].stock


@pytest.mark.parametrize(
    ("right", "wrong", "at", "said"),
    [
        (
            'stage = "housing"\nname = { de = "Ausgezogen"',
            'stage = "house"\nname = { de = "Ausgezogen"',
            line('stage = "housing"'),
            "outcomes.1.stage: no stage 'house'; there are: information, housing",
        ),
        (
            'figure = "housed"\n\n',
            'figure = "slept"\n\n',
            line('figure = "housed"') - 6,
            "outcomes.0.figure: no figure 'slept'; there are: housed",
        ),
        (
            "stock = true",
            "stock = false",
            line("counts"),
            "outcomes.1.counts: only a stock can grow smaller, and 'housed' is none",
        ),
        ("counts = -1", "counts = 2", line("counts"), "outcomes.1.counts: Input should be 1 or -1"),
        (
            'id = "moved-out"',
            'id = "housed"',
            line('"moved-out"'),
            "outcomes.1.id: 'housed' is there twice",
        ),
        (
            "stock = true",
            'stock = true\n\n[[figures]]\nid = "lost"\nname = { de = "V", en = "L" }',
            line("stock") + 2,
            "figures.1: no outcome adds up to 'lost'",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(right: str, wrong: str, at: int, said: str) -> None:
    with pytest.raises(SiteFileError) as caught:
        parse(TEXT.replace(right, wrong))

    assert str(caught.value).startswith(f"hbf.toml, line {at}: {said}")


@pytest.mark.parametrize(
    ("spoken", "said"),
    [
        ('["uk", "ro"]', "'ro' is no language of this site"),
        ('["uk", "uk"]', "'uk' is there twice"),
    ],
)
def test_a_counter_speaks_languages_of_the_site_each_once(spoken: str, said: str) -> None:
    counter = '[[counters]]\nid = "speaks"\nstage = "housing"\nlanguages = '

    assert parse(f'{TEXT}\n{counter}["ar", "uk"]').counters[-1].languages == ("ar", "uk")
    with pytest.raises(SiteFileError, match=f"languages: {said}"):
        parse(f"{TEXT}\n{counter}{spoken}")


def test_no_target_is_shorter_than_a_minute() -> None:
    too_short = TEXT.replace('door = "1"', 'door = "1"\ntarget_minutes = 0', 1)
    assert too_short != TEXT
    with pytest.raises(SiteFileError, match=r"target_minutes: .* greater than or equal to 1"):
        parse(too_short)


def test_a_limit_of_no_persons_is_a_mistake() -> None:
    with pytest.raises(SiteFileError, match=r"line 1: most_persons: .* greater than or equal to 1"):
        parse("most_persons = 0\n" + TEXT)


def test_keys_that_a_site_file_does_not_use_leave_its_version_alone() -> None:
    same = SITE_TEXT.replace('id = "hbf"', 'id = "hbf"\ntime_zone = "Europe/Berlin"\nclosures = []')

    assert same != SITE_TEXT
    assert parse(same.replace('time_zone = "Europe/Berlin"\n', "", 1)).version == SITE.version
    assert parse(f"most_persons = 9\n{SITE_TEXT}").version != SITE.version
    assert parse(TEXT).version != SITE.version
