"""Times as people at the site read them: by its own clocks, with the day where it is another."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from server_stub.arrival import service_day

DAYS = {"de": "EEE dd.MM.", "en": "EEE d MMM"}
"""How a day is written; not by the locale's own order, for 3/11 is March to some readers."""

DAYS_AND_YEARS = {"de": "EEE dd.MM.yyyy", "en": "EEE d MMM yyyy"}


WHOLE_DAYS = {"de": "EEEE, d. MMMM yyyy", "en": "EEEE, d MMMM yyyy"}


def day_name(day: date, *, language: str) -> str:
    """Return ``"Montag, 23. November 2026"``: for the heading of a day."""
    return format_date(day, WHOLE_DAYS[language], locale=language)


def clock_time(at: datetime, zone: str) -> str:
    """Return hour and minute as the site's clocks show them."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def day_and_time(at: datetime, zone: str, *, language: str) -> str:
    """Return ``"Mo. 23.11. 12:00"``: for what may be of another day than its reader's."""
    return _written(at, zone, language, DAYS)


def told(at: datetime, zone: str, *, now: datetime, language: str) -> str:
    """Return the time, and the day before it where that is not the present service day.

    A moment of another year has its year too, for then it is old, or a clock was wrong.
    """
    here = ZoneInfo(zone)
    if at.astimezone(here).year != now.astimezone(here).year:
        return _written(at, zone, language, DAYS_AND_YEARS)
    if service_day(at, zone) == service_day(now, zone):
        return clock_time(at, zone)
    return day_and_time(at, zone, language=language)


def day_and_second(at: datetime, zone: str, *, language: str) -> str:
    """Return ``"Mo. 23.11. 12:00:07"``: for what must be told apart that happened in one minute."""
    local = at.astimezone(ZoneInfo(zone))
    return format_datetime(local, f"{DAYS[language]} HH:mm:ss", locale=language)


def _written(at: datetime, zone: str, language: str, patterns: dict[str, str]) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return format_datetime(local, f"{patterns[language]} HH:mm", locale=language)


def date_and_time(at: datetime, zone: str, *, language: str) -> str:
    """Return ``"Mo. 23.11.2026 12:00"``: for paper, which lies around."""
    return _written(at, zone, language, DAYS_AND_YEARS)
