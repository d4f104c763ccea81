from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.contract.hours import WEEKDAYS, Closure, minutes
from kiosk.contract.site_file import SiteFileError, parse_site
from server_stub.hours_editing import (
    HoursError,
    NotWrittenError,
    SiteHours,
    closed_from,
    hours_of,
    on_day,
    open_at,
    spans_of,
    typed,
    usual_on,
    written,
)

SITES = Path(__file__).parents[2] / "assets" / "sites"
TOML = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SITES.glob("*.toml"))}
MONDAY = date(2026, 11, 23)


def hours_in(toml: str) -> SiteHours:
    return hours_of(parse_site(toml, source=""))


def week_of(*spans: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(WEEKDAYS, spans)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("08:00-18:00", ("08:00-18:00",)),
        ("8-12, 13.30 – 18 Uhr", ("08:00-12:00", "13:30-18:00")),  # noqa: RUF001  # what people type
        ("8 bis 12 und 14 bis 17", ("08:00-12:00", "14:00-17:00")),
        ("20-2", ("20:00-02:00 next day",)),
        ("20:00-02:00 next day", ("20:00-02:00 next day",)),
        ("24 h", ("24 h",)),
        ("0-24", ("24 h",)),
        ("", ()),
        (" ; ", ()),
    ],
)
def test_hours_are_understood_as_people_type_them(text, spans):
    assert spans_of(text) == spans
    assert spans_of(typed(spans)) == spans


@pytest.mark.parametrize("text", ["morning", "8-", "25-26", "8-12-14", "08:70-09:00", "8"])
def test_what_says_no_hours_is_told(text):
    with pytest.raises(HoursError):
        spans_of(text)


spans = st.sampled_from(["", "8-12", "8-12, 13-18", "10:30-17", "24 h", "20-23"]).map(spans_of)
weeks = st.fixed_dictionaries(dict.fromkeys(WEEKDAYS, spans)).filter(lambda w: any(w.values()))
days = st.integers(0, 40).map(lambda n: (MONDAY + timedelta(days=n)).isoformat())
closures = st.lists(
    st.builds(Closure, days=days, hours=spans, reason=st.sampled_from(["", 'a "quoted" day', "ü"])),
    max_size=3,
    unique_by=lambda closure: closure.days,
).map(tuple)
some_hours = st.builds(SiteHours, week=st.none() | weeks, stages=st.just({}), closures=closures)


@settings(deadline=None, max_examples=20)
@given(name=st.sampled_from(sorted(TOML)), first=some_hours, then=some_hours)
def test_whatever_is_entered_stands_in_the_file_and_every_remark_stays(name, first, then):
    toml = TOML[name]

    once = written(toml, first)
    twice = written(once, then)

    for text, hours in ((once, first), (twice, then)):
        found = hours_in(text)
        assert found.week == hours.week
        assert {c.days: c for c in found.closures} == {c.days: c for c in hours.closures}
        assert remarks(text) == remarks(toml)
        assert written(text, found) == text


def remarks(toml: str) -> list[str]:
    return [line for line in toml.splitlines() if line.lstrip().startswith("#")]


def test_hours_of_a_stage_are_written_beside_it_and_go_again():
    toml = TOML["duesseldorf"]
    mornings = week_of() | {"mon": ("09:00-12:00",), "thu": ("09:00-12:00",)}
    hours = replace(
        hours_in(toml), stages={"housing": mornings, "benefits": week_of("10:00-11:00")}
    )

    text = written(toml, hours)

    assert hours_in(text) == hours
    assert 'hours = { mon = ["09:00-12:00"], thu = ["09:00-12:00"] }' in text
    assert written(text, hours_in(toml)) == toml


def test_one_change_changes_one_line():
    toml = TOML["duesseldorf"]
    hours = replace(hours_in(toml), week=week_of("09:00-18:00"))

    assert written(toml, hours) == toml.replace('["08:00-18:00"]', '["09:00-18:00"]')


def test_hours_that_cannot_be_are_refused_like_in_a_file():
    toml = TOML["duesseldorf"]
    outside = replace(hours_in(toml), stages={"housing": week_of("07:00-09:00")})
    never = replace(hours_in(toml), week=week_of())

    with pytest.raises(SiteFileError, match="the site is not open then"):
        written(toml, outside)
    with pytest.raises(SiteFileError, match="never open"):
        written(toml, never)


@pytest.mark.parametrize(
    "unusual",
    [
        'hours.every_day = ["08:00-18:00"]\n',
        'closures = [\n  { days = "2026-12-24" },\n]\nhours = { every_day = ["08:00-18:00"] }\n',
    ],
)
def test_a_file_that_writes_its_hours_otherwise_is_never_broken(unusual):
    toml = TOML["one-queue"]
    toml = unusual + toml
    hours = replace(
        hours_in(toml), week=week_of("09:00-17:00"), closures=(Closure(days="2026-12-31"),)
    )

    with suppress(NotWrittenError):
        assert hours_in(written(toml, hours)) == hours


def test_a_stage_whose_hours_are_a_table_of_their_own_is_left_to_the_editor():
    toml = TOML["one-queue"].replace(
        "[[counters]]", '[stages.hours]\nmon = ["09:00-10:00"]\n\n[[counters]]', 1
    )
    stage = parse_site(toml, source="").stages[0].id
    hours = replace(hours_in(toml), stages={stage: week_of("11:00-12:00")})

    with pytest.raises(NotWrittenError):
        written(toml, hours)


def test_today_is_what_a_closure_says_or_its_weekday():
    hours = SiteHours(
        week=week_of("08:00-18:00") | {"mon": ("20:00-02:00 next day",)},
        stages={},
        closures=(Closure(days="2026-11-25 to 2026-11-27", hours=("10:00-12:00",)),),
    )

    assert on_day(hours, MONDAY) == ("20:00-02:00 next day",)
    assert on_day(hours, date(2026, 11, 26)) == ("10:00-12:00",)
    assert on_day(replace(hours, week=None), MONDAY) == ("24 h",)
    tuesday = MONDAY + timedelta(days=1)
    assert [open_at(hours, tuesday, m) for m in (0, 119, 120, 480, 1079, 1080)] == [
        *(True, True, False),
        *(True, True, False),
    ]


@pytest.mark.parametrize(
    ("before", "minute", "after"),
    [
        (("08:00-18:00",), 16 * 60, ("08:00-16:00",)),
        (("08:00-12:00", "13:00-18:00"), 13 * 60, ("08:00-12:00",)),
        (("08:00-18:00",), 7 * 60, ()),
        (("24 h",), 16 * 60, ("00:00-16:00",)),
        (("20:00-02:00 next day",), 22 * 60, ("20:00-22:00",)),
        (("08:00-18:00",), 20 * 60, ("08:00-18:00",)),
    ],
)
def test_a_day_ends_early_and_only_that_day(before, minute, after):
    hours = SiteHours(week=week_of(*before), stages={}, closures=())

    closed = closed_from(hours, MONDAY, minute, reason="meeting")

    assert closed.closures == (Closure(days="2026-11-23", hours=after, reason="meeting"),)
    assert on_day(closed, MONDAY + timedelta(days=1)) == before
    assert usual_on(closed, MONDAY) == hours


def test_a_day_within_other_closed_days_ends_early_and_those_stay():
    holidays = Closure(days="2026-11-22 to 2026-11-24", hours=("10:00-14:00",), reason="holidays")
    hours = SiteHours(week=week_of("08:00-18:00"), stages={}, closures=(holidays,))

    closed = closed_from(hours, MONDAY, 12 * 60, reason="")

    assert [(c.days, c.hours) for c in closed.closures] == [
        ("2026-11-22", ("10:00-14:00",)),
        ("2026-11-23", ("10:00-12:00",)),
        ("2026-11-24", ("10:00-14:00",)),
    ]


@given(minute=st.integers(0, 1439), spans=spans)
def test_after_its_early_end_a_day_is_never_open(minute, spans):
    hours = SiteHours(week=week_of(*spans), stages={}, closures=())

    closed = closed_from(hours, MONDAY, minute, reason="")

    assert all(minutes(span)[1] <= minute for span in on_day(closed, MONDAY))
