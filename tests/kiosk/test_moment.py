from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.language import LANGUAGES
from kiosk.moment import told

NOW = datetime(2026, 12, 28, 19, 0, tzinfo=ZoneInfo("Europe/Berlin"))
MORNING = datetime(2026, 12, 31, 8, 5, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "Donnerstag, 08:05"), ("uk", "четвер, 08:05"), ("ar", "الخميس، 08:05")],
)
def test_a_moment_soon_is_a_weekday_and_a_time(language: str, said: str) -> None:
    assert told(MORNING, language, now=NOW) == said


def test_a_moment_far_away_has_its_date() -> None:
    assert told(MORNING + timedelta(days=7), "de", now=NOW) == "Donnerstag, 7. Jan., 08:05"


@pytest.mark.parametrize("language", LANGUAGES)
def test_digits_are_0_to_9_in_every_language(language: str) -> None:
    for days in (0, 7):
        said = told(MORNING + timedelta(days=days), language, now=NOW)
        assert said.endswith("08:05")
        assert not [sign for sign in said if sign.isdigit() and not sign.isascii()]
