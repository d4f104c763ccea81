from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.contract.hours import ALL_DAY, DAY, Closure, Hours, dates, minutes
from kiosk.contract.site import Site
from kiosk.hours import Opening, Timetable, opening
from tests.kiosk.arrivals import SITE

BERLIN = ZoneInfo("Europe/Berlin")
SKIPPED = Hours(every_day=("02:00-03:00",))
"""On one night of the year there is no such hour."""

EIGHT_TO_SIX = Hours(every_day=("08:00-18:00",))


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def site(hours: Hours | None = None, *closures: Closure, **stages: Hours) -> Site:
    kept = [s.model_copy(update={"hours": stages.get(s.id)}) for s in SITE.stages]
    return SITE.model_copy(update={"hours": hours, "closures": closures, "stages": tuple(kept)})


def test_a_site_without_hours_is_always_open() -> None:
    assert opening(SITE, at("2026-11-22 03:00")) == Opening()


@pytest.mark.parametrize(
    ("now", "is_open", "changes_at"),
    [
        ("2026-11-22 07:59:59", False, "2026-11-22 08:00"),
        ("2026-11-22 08:00", True, "2026-11-22 18:00"),
        ("2026-11-22 17:59:59", True, "2026-11-22 18:00"),
        ("2026-11-22 18:00", False, "2026-11-23 08:00"),
        ("2026-11-22 23:30", False, "2026-11-23 08:00"),
    ],
)
def test_a_site_opens_and_closes_at_its_own_time(now: str, is_open: bool, changes_at: str) -> None:  # noqa: FBT001
    found = opening(site(EIGHT_TO_SIX), at(now).astimezone(UTC))

    assert found.is_open is is_open
    assert (found.closes_at if is_open else found.opens_at) == at(changes_at)
    assert (found.opens_at if is_open else found.closes_at) is None


def test_times_are_told_in_the_zone_of_the_site() -> None:
    told = opening(site(EIGHT_TO_SIX), at("2026-11-22 20:00").astimezone(UTC)).opens_at

    assert told
    assert (told.hour, told.tzinfo) == (8, BERLIN)


def test_an_untrusted_clock_locks_nobody_out() -> None:
    assert opening(site(EIGHT_TO_SIX, information=EIGHT_TO_SIX), None) == Opening()


def test_a_closure_holds_instead_of_the_usual_hours() -> None:
    christmas = Closure(days="2026-12-25 to 2026-12-26")
    eve = Closure(days="2026-12-24", hours=("08:00-13:00",))
    place = site(EIGHT_TO_SIX, christmas, eve)

    assert opening(place, at("2026-12-24 12:00")).closes_at == at("2026-12-24 13:00")
    assert opening(place, at("2026-12-24 13:00")).opens_at == at("2026-12-27 08:00")
    assert opening(place, at("2026-12-26 12:00")).opens_at == at("2026-12-27 08:00")


def test_a_site_that_is_always_open_can_close_for_a_day() -> None:
    place = site(None, Closure(days="2026-12-25"))

    assert opening(place, at("2026-12-24 12:00")).closes_at == at("2026-12-25 00:00")
    assert opening(place, at("2026-12-25 12:00")).opens_at == at("2026-12-26 00:00")


def test_what_opened_yesterday_is_open_past_midnight() -> None:
    place = site(Hours(fri=("20:00-02:00 next day",)), Closure(days="2026-11-28"))

    assert opening(place, at("2026-11-28 01:59")).closes_at == at("2026-11-28 02:00")
    assert opening(place, at("2026-11-28 02:00")).opens_at == at("2026-12-04 20:00")


def test_days_without_a_pause_have_no_end() -> None:
    assert opening(site(Hours(every_day=(ALL_DAY,))), at("2026-11-22 03:00")) == Opening()


def test_where_nobody_knows_when_it_opens_nothing_is_promised() -> None:
    place = site(EIGHT_TO_SIX, Closure(days="2026-01-01 to 2029-12-31"))

    assert opening(place, at("2026-11-22 12:00")) == Opening(is_open=False)


def test_a_stage_has_hours_of_its_own_within_those_of_the_site() -> None:
    place = site(
        EIGHT_TO_SIX,
        Closure(days="2026-11-24"),
        housing=Hours(mon=("08:00-12:00",), tue=("08:00-12:00",), thu=("09:00-10:00",)),
    )

    assert opening(place, at("2026-11-23 11:00")).closed_stages == {}
    assert opening(place, at("2026-11-23 12:00")).closed_stages == {
        "housing": at("2026-11-26 09:00")
    }
    assert opening(place, at("2026-11-23 20:00")).closed_stages == {}  # the site is closed anyway


def test_stages_are_closed_together_only_when_all_are() -> None:
    eight, nine = at("2026-11-23 08:00"), at("2026-11-23 09:00")
    found = Opening(closed_stages={"housing": nine, "benefits": eight, "registration": None})

    assert found.opens(("housing", "benefits", "registration")) == (True, eight)
    assert found.opens(("registration",)) == (True, None)
    assert found.opens(("housing", "information")) == (False, None)
    assert found.opens(()) == (False, None)


def test_a_timetable_follows_the_minute_the_site_and_the_trust_in_the_clock() -> None:
    wall: list[datetime | None] = [at("2026-11-22 17:59:59")]
    timetable = Timetable(lambda: wall[0])
    place = site(EIGHT_TO_SIX)

    assert timetable.opening(place).is_open
    assert timetable.opening(place) is timetable.opening(place)
    wall[0] = at("2026-11-22 18:00:01")
    assert not timetable.opening(place).is_open
    assert timetable.opening(SITE).is_open
    assert not timetable.opening(place).is_open
    wall[0] = None
    assert timetable.opening(place).is_open


# --- at the changes of the clock --------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "now", "is_open", "changes_at"),
    [
        # 29 March 2026: 02:00 becomes 03:00. What opens at 02:30 opens half an hour after it.
        ("02:30-04:00", "2026-03-29T01:29:59+00:00", False, "2026-03-29T01:30:00+00:00"),
        ("02:30-04:00", "2026-03-29T01:30:00+00:00", True, "2026-03-29T02:00:00+00:00"),
        ("01:00-03:30", "2026-03-29T01:29:59+00:00", True, "2026-03-29T01:30:00+00:00"),
        # 25 October 2026: 03:00 becomes 02:00. It opens at the first 02:30, closes at the second.
        ("02:30-04:00", "2026-10-25T00:29:59+00:00", False, "2026-10-25T00:30:00+00:00"),
        ("01:00-02:30", "2026-10-25T00:31:00+00:00", True, "2026-10-25T01:30:00+00:00"),
        ("01:00-02:30", "2026-10-25T01:30:00+00:00", False, "2026-10-26T00:00:00+00:00"),
    ],
)
def test_hours_in_the_hour_that_is_skipped_or_comes_twice(
    hours: str,
    now: str,
    is_open: bool,  # noqa: FBT001
    changes_at: str,
) -> None:
    found = opening(site(Hours(every_day=(hours,))), datetime.fromisoformat(now))

    assert found.is_open is is_open
    change = found.closes_at if is_open else found.opens_at
    assert change
    assert change.astimezone(UTC) == datetime.fromisoformat(changes_at)


@pytest.mark.parametrize(
    ("night", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-11-21", 8)]
)
def test_a_night_is_as_long_as_the_clock_makes_it(night: str, hours: int) -> None:
    place = site(Hours(every_day=("22:00-06:00 next day",)))
    evening = at(f"{night} 22:00").astimezone(UTC)

    closes = opening(place, evening).closes_at

    assert closes
    assert closes.astimezone(UTC) - evening == timedelta(hours=hours)


ZONES = st.sampled_from(["Europe/Berlin", "Europe/London", "Africa/Cairo", "America/Santiago"])
CHANGES = st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 24)])
MOMENTS = st.builds(
    lambda day, away: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=away),
    CHANGES | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    st.integers(-3 * DAY, 3 * DAY),
)


@st.composite
def days(draw: st.DrawFn) -> tuple[str, ...]:
    """Up to two spans of a day, which may touch; the last may end after midnight."""
    times = draw(st.lists(st.integers(0, DAY // 15), min_size=0, max_size=4))
    times = sorted(15 * time for time in times)
    spans = [
        f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}"
        for a, b in zip(times[::2], times[1::2], strict=False)
        if a < b
    ]
    return tuple(spans)


WEEKS = st.builds(
    Hours,
    every_day=days().filter(bool),
    mon=st.none() | days(),
    wed=st.none() | days(),
    sat=st.none() | days(),
    sun=st.none() | days(),
)
CLOSURES = st.builds(
    lambda first, length, hours: Closure(
        days=f"{first} to {first + timedelta(days=length)}", hours=hours
    ),
    CHANGES,
    st.integers(0, 5),
    days(),
)


def by_the_wall(place: Site, now: datetime) -> bool:
    """Whether a sign on the door says open, by the clock beside it."""
    wall = now.astimezone(ZoneInfo(place.time_zone))
    of_day = place.hours.on(wall.weekday()) if place.hours else (ALL_DAY,)
    for closure in place.closures:
        first, last = dates(closure.days)
        if first <= wall.date() <= last:
            of_day = closure.hours
    minute = wall.hour * 60 + wall.minute
    return any(opens <= minute < closes for opens, closes in map(minutes, of_day))


def near_a_change(zone: ZoneInfo, moment: datetime) -> bool:
    """Whether the clock changes within two hours: a sign and a clock may then both be right."""
    hours = [moment + timedelta(hours=away) for away in (-2, -1, 0, 1, 2)]
    return len({hour.astimezone(zone).utcoffset() for hour in hours}) > 1


@settings(max_examples=60)
@given(WEEKS, st.lists(CLOSURES, max_size=1), ZONES, MOMENTS)
@example(EIGHT_TO_SIX, [], "Europe/Berlin", datetime(2026, 3, 29, 6, tzinfo=UTC))
@example(EIGHT_TO_SIX, [], "Europe/Berlin", datetime(2026, 10, 25, 7, tzinfo=UTC))
def test_a_site_is_open_when_the_sign_on_its_door_says_so(
    week: Hours, closures: list[Closure], zone: str, now: datetime
) -> None:
    place = site(week, *closures).model_copy(update={"time_zone": zone})
    if near_a_change(ZoneInfo(zone), now):
        return

    assert opening(place, now).is_open is by_the_wall(place, now)


@settings(max_examples=40)
@given(WEEKS, WEEKS, ZONES, MOMENTS)
@example(SKIPPED, EIGHT_TO_SIX, "Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC))
@example(EIGHT_TO_SIX, SKIPPED, "Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC))
def test_what_is_told_to_open_or_close_then_does_so_and_not_before(
    week: Hours, of_stage: Hours, zone: str, now: datetime
) -> None:
    place = site(week, housing=of_stage).model_copy(update={"time_zone": zone})
    found = opening(place, now)
    change = found.closes_at if found.is_open else found.opens_at
    second = timedelta(seconds=1)

    if change:
        assert change > now
        assert opening(place, change).is_open is not found.is_open
        assert opening(place, change.astimezone(UTC) - second).is_open is found.is_open
    if opens := found.closed_stages.get("housing"):
        assert opens > now
        assert opening(place, opens) == Opening(closes_at=opening(place, opens).closes_at)
        assert opening(place, opens.astimezone(UTC) - second) != opening(place, opens)
