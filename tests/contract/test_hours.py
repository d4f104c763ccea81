import pytest

from kiosk.contract.hours import Hours, dates, minutes
from kiosk.contract.site import Site, SiteAnswer
from kiosk.contract.site_file import SiteFileError, parse_site
from tests.kiosk.arrivals import KEY, SITE, SITE_TEXT

STAGE = 'id = "housing"'

OPEN = SITE_TEXT.replace(STAGE, f'{STAGE}\nhours = {{ mon = ["09:00-12:00"] }}') + (
    """
[hours]
every_day = ["08:00-18:00"]
sat = ["10:00-14:00", "15:00-18:00"]
sun = []

[[closures]]
days = 2026-12-25
reason = "Christmas Day"

[[closures]]
days = "2026-12-31 to 2027-01-01"
hours = ["10:00-12:00"]

[[when_closed]]
icon = "bed"
text = "A place to sleep tonight"
detail = "Ludwig-Beck-Straße 23"

[[when_closed]]
icon = "rest"
text = { de = "Warmer Raum", en = "A warm room", uk = "Тепла кімната" }
place = { landmark = "star", door = "10" }
"""
)


def parse(text: str) -> Site:
    return parse_site(text, source="hbf.toml")


def line(of: str, text: str = OPEN) -> int:
    return next(n for n, content in enumerate(text.splitlines(), 1) if of in content)


def test_a_site_file_without_hours_is_as_it_was() -> None:
    assert (SITE.hours, SITE.closures, SITE.when_closed) == (None, (), ())
    assert SITE.stages[0].hours is None


def test_hours_are_read_as_a_shift_lead_writes_them() -> None:
    site = parse(OPEN)

    assert site.hours
    assert [site.hours.on(day) for day in (0, 5, 6)] == [
        ("08:00-18:00",),
        ("10:00-14:00", "15:00-18:00"),
        (),
    ]
    assert [closure.days for closure in site.closures] == [
        "2026-12-25",
        "2026-12-31 to 2027-01-01",
    ]
    assert [line.detail for line in site.when_closed] == ["Ludwig-Beck-Straße 23", ""]


def test_hours_travel_to_the_kiosk_and_stay_the_same_site() -> None:
    site = parse(OPEN)
    told = SiteAnswer(version=site.version, key_id="key-1", public_key=KEY.to_text(), site=site)

    heard = SiteAnswer.model_validate_json(told.to_bytes()).site

    assert heard == site
    assert heard.version == site.version


def test_what_is_open_past_midnight_says_so() -> None:
    assert minutes("20:00-02:00 next day") == (20 * 60, 26 * 60)
    assert minutes("24 h") == minutes("00:00-24:00") == (0, 24 * 60)
    assert dates("2026-12-24 to 2026-12-26")[1].day == 26


def test_spans_that_touch_are_one() -> None:
    hours = Hours(every_day=("00:00-12:00", "12:00-24:00"))

    assert hours.week() == [(-1440, 7 * 1440)]


# What is replaced by what -> the line's text, the place and the reason that staff read.
MISTAKES = [
    ('"08:00-18:00"', '"8-18"', "hours.every_day.0: '8-18' are no hours: write them like"),
    ('"08:00-18:00"', "8", "hours.every_day.0: Input should be a valid string"),
    ('"08:00-18:00"', '"08:00-25:00"', "hours.every_day.0: '08:00-25:00': no clock shows 25:00"),
    ('"08:00-18:00"', '"08:60-18:00"', "hours.every_day.0: '08:60-18:00': no clock shows 08:60"),
    ('"08:00-18:00"', '"24:00-24:00"', "hours.every_day.0: '24:00-24:00': opens at 24:00, which"),
    (
        '"08:00-18:00"',
        '"18:00-08:00"',
        "hours.every_day.0: '18:00-08:00': closes before it opens; what is open past midnight is",
    ),
    (
        '"08:00-18:00"',
        '"08:00-09:00 next day"',
        "hours.every_day.0: '08:00-09:00 next day': is open for more than 24 hours",
    ),
    (
        '"10:00-14:00", "15:00-18:00"',
        '"10:00-14:00", "13:00-18:00"',
        "hours.sat: '10:00-14:00' and '13:00-18:00' overlap",
    ),
    (
        "sun = []",
        'sun = ["20:00-09:00 next day"]',
        "hours.sun: sun is still open when '08:00-18:00' of the day after is",
    ),
    (
        "sun = []",
        'sunday = ["08:00-09:00"]',
        "hours.sunday: no day 'sunday'; there are: every_day, mon, tue",
    ),
    ("days = 2026-12-25", 'days = "25.12.2026"', "closures.0.days: '25.12.2026' are no days:"),
    ("days = 2026-12-25", "days = 2026-12-25T08:00:00", "closures.0.days: '2026-12-25T08:00:00'"),
    ("days = 2026-12-25", 'days = "2026-02-30"', "closures.0.days: '2026-02-30' are no days:"),
    (
        "2026-12-31 to 2027-01-01",
        "2027-01-01 to 2026-12-31",
        "closures.1.days: '2027-01-01 to 2026-12-31': ends before it begins",
    ),
    (
        "days = 2026-12-25",
        'days = "2026-12-20 to 2026-12-31"',
        "closures.1.days: '2026-12-31 to 2027-01-01' has a day that '2026-12-20 to 2026-12-31'",
    ),
    (
        'mon = ["09:00-12:00"]',
        'mon = ["07:00-12:00"]',
        "stages.1.hours.mon: '07:00-12:00' on mon: the site is not open then (08:00-18:00)",
    ),
    (
        'mon = ["09:00-12:00"]',
        'sun = ["09:00-12:00"]',
        "stages.1.hours.sun: '09:00-12:00' on sun: the site is not open then (closed)",
    ),
    ('mon = ["09:00-12:00"]', "mon = []", "stages.1.hours: never open: name hours, or leave"),
    ('icon = "rest"', 'icon = "moon"', "when_closed.1.icon: no icon 'moon'"),
    ("Beck-Straße", "Бек-Straße", "when_closed.0.detail: 'Б' is no Latin letter, and this is"),
    ("Beck-Straße", r"Beck\nStraße", "when_closed.0.detail: has a sign in it that cannot be"),
    (
        'landmark = "star", door',
        'landmark = "fish", door',
        "when_closed.1.place: 'fish' is already at door 2",
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "reason"), MISTAKES, ids=[mistake[2][:50] for mistake in MISTAKES]
)
def test_a_mistake_in_hours_is_told_with_file_line_and_reason(
    before: str, after: str, reason: str
) -> None:
    assert before in OPEN
    text = OPEN.replace(before, after, 1)
    at = line("2026-12-31 to" if reason.startswith("closures.1.days: '2026-12-31") else after, text)

    with pytest.raises(SiteFileError) as raised:
        parse(text)

    assert f"{raised.value}".startswith(f"hbf.toml, line {at}: {reason}")
    assert "\n" not in f"{raised.value}"


def test_more_lines_than_fit_on_a_slip_are_refused() -> None:
    line = '\n[[when_closed]]\nicon = "bed"\ntext = "A place to sleep"\n'

    assert len(parse(SITE_TEXT + 4 * line).when_closed) == 4
    with pytest.raises(SiteFileError, match="when_closed: Tuple should have at most 4 items"):
        parse(SITE_TEXT + 5 * line)


def test_a_night_shelter_is_open_over_the_end_of_the_week() -> None:
    text = SITE_TEXT.replace(STAGE, f'{STAGE}\nhours = {{ sun = ["22:00-05:00 next day"] }}')

    site = parse(text + '\n[hours]\nevery_day = ["20:00-06:00 next day"]\n')

    assert site.hours
    assert site.hours.on(6) == ("20:00-06:00 next day",)
