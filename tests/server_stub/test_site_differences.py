from pathlib import Path

import pytest

from kiosk.contract.site_file import parse_site
from server_stub.site_differences import MOST_LINES, Change, Difference, diff_lines, differences
from tests.server_stub.site_drafts import with_keys, without_counters, without_stages

TOML = (Path(__file__).parents[2] / "assets" / "sites" / "duesseldorf.toml").read_text("utf-8")


def told(after: str, before: str = TOML) -> list[Difference]:
    return differences(parse_site(before, source=""), parse_site(after, source=""))


def test_a_file_differs_from_itself_in_nothing():
    assert told(TOML) == []
    assert told(f"# a remark\n{TOML}") == []
    assert diff_lines(TOML, TOML) == []


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        (
            'name = "Info-Point"',
            'name = "Hafen"',
            Difference("site", "changed", "", (Change("name", "Info-Point", "Hafen"),)),
        ),
        (
            'door = "4"',
            'door = "5"',
            Difference("stages", "changed", "registration", (Change("door", "4", "5"),)),
        ),
        ('"az", "vi"', '"az"', Difference("languages", "removed", "vi")),
        (
            '["08:00-18:00"]',
            '["09:00-18:00"]',
            Difference(
                "hours", "changed", "", (Change("every_day", "08:00-18:00", "09:00-18:00"),)
            ),
        ),
        (
            'id = "7"\nstage = "onward-travel"',
            'id = "7"\nstage = "onward-travel"\nlanguages = ["uk", "ru"]',
            Difference("counters", "changed", "7", (Change("languages", None, "uk, ru"),)),
        ),
        (
            'detail = "Vogelsanger Weg, Düsseldorf"',
            'detail = "Am Hafen 1"',
            Difference(
                "site",
                "changed",
                "",
                (Change("when_closed.1.detail", "Vogelsanger Weg, Düsseldorf", "Am Hafen 1"),),
            ),
        ),
    ],
)
def test_one_change_is_told_as_one_difference(old, new, difference):
    after = TOML.replace(old, new, 1)
    assert after != TOML

    assert told(after) == [difference]


def test_a_stage_that_is_gone_is_told_with_all_that_goes_with_it():
    gone = told(without_stages(TOML, "housing"))

    assert Difference("stages", "removed", "housing") in gone
    assert Difference("counters", "removed", "3") in gone
    assert {d.part for d in gone} == {"stages", "counters", "questions", "outcomes", "figures"}
    assert {d.part for d in told(TOML, without_stages(TOML, "housing"))} == {d.part for d in gone}


def test_what_is_new_is_told_with_all_it_says():
    (new,) = told(TOML, without_counters(TOML, "7"))

    assert new == Difference("counters", "added", "7", (Change("stage", None, "onward-travel"),))


def test_another_order_of_stages_is_told():
    site = parse_site(TOML, source="")
    turned = site.model_copy(update={"stages": tuple(reversed(site.stages))})

    (moved,) = differences(site, turned)

    assert (moved.part, moved.sign) == ("stages", "moved")
    assert moved.changes[0].before.startswith("information, ")
    assert moved.changes[0].after.endswith(", information")


def test_another_order_of_counters_means_nothing():
    site = parse_site(TOML, source="")

    assert (
        differences(site, site.model_copy(update={"counters": tuple(reversed(site.counters))}))
        == []
    )


def test_lines_are_laid_side_by_side():
    lines = diff_lines("a\nb\nc\n", "a\nx\nc\n")

    assert [(line.sign, line.text) for line in lines if line.sign != "@"] == [
        *((" ", "a"), ("-", "b")),
        *(("+", "x"), (" ", "c")),
    ]


def test_a_new_public_address_is_a_change_of_the_site():
    (one,) = told(with_keys(TOML, public_address="https://ankunft.example"))

    assert one.changes == (Change("public_address", None, "https://ankunft.example"),)


def test_of_a_file_that_is_quite_another_only_the_first_lines_are_told():
    lines = diff_lines("a\n", "b\n" * 100_000)

    assert len(lines) == MOST_LINES + 1
    assert lines[-1].sign == "@"
