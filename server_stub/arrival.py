"""The arrival: when a party came and which service day that is. Set once, at admission; pure."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

DAY_BEGINS = time(4)
"""Local time at which a service day begins: the quietest hour, and one that no zone skips."""

LONGEST_AGE = 60 * 24 * 3600.0
"""Seconds. No kiosk has been up for longer with something to deliver: it is a mistake."""

BELIEVED = timedelta(hours=24)
"""How far back a kiosk's wall clock is believed, where nothing better is known."""

LONGEST = timedelta(hours=48)
"""So long a party may come back with its number, once its day is over."""

STEP_BACK = timedelta(minutes=5)
"""By so much the server's clock may be set back, and the order of a kiosk still stands."""

CLOCK_WAS_AHEAD = timedelta(days=1)
"""What was noted for a moment that is still further ahead was noted by a clock that was wrong."""


def first_id_of(moment: datetime) -> UUID:
    """Return the least id that a kiosk makes at a moment: an UUIDv7 (RFC 9562, section 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def age_in_seconds(header: str | None) -> float | None:
    """Return how old a message was when it was sent; None where it is unknown or absurd."""
    try:
        age = float(header) if header is not None else None
    except ValueError:
        return None
    if age is None or not age <= LONGEST_AGE:  # also refuses what is not a number
        return None
    return max(age, 0.0)


def arrived_at(
    received_at: datetime,
    *,
    age: float | None,
    made_at: datetime | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
) -> datetime:
    """Return when a party arrived: as its kiosk says, but in the order of its kiosk's sequence.

    Args:
        received_at: When the server got the check-in; nobody arrives later, but to keep the order
            of a kiosk after the server's clock was set back a little.
        age: Seconds since it was made, if known: not where the kiosk was started anew since.
        made_at: When it was made by the kiosk's wall clock, if the kiosk trusted that. Counts only
            where no age is known, and not where it is absurd.
        after: When the party before it at the same kiosk arrived.
        before: When the party after it arrived, where that one's check-in came first.

    """
    if age is not None:
        arrived = received_at - timedelta(seconds=age)
    elif made_at is not None and timedelta(0) <= received_at - made_at <= BELIEVED:
        arrived = made_at.astimezone(UTC)
    else:
        arrived = received_at
    if before is not None:
        arrived = min(arrived, before)
    if after is not None:
        arrived = max(arrived, after)
    # The clock of the server was wrong by more when the party before it came: it is not followed.
    return arrived if arrived - received_at <= STEP_BACK else received_at


def service_day(moment: datetime, time_zone: str) -> date:
    """Return the service day of a moment: the local date four hours earlier on the wall clock."""
    local = moment.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    return (local - timedelta(hours=DAY_BEGINS.hour)).date()


def beginning_of(day: date, time_zone: str) -> datetime:
    """Return the moment at which a service day began, in UTC."""
    return datetime.combine(day, DAY_BEGINS, ZoneInfo(time_zone)).astimezone(UTC)


def good_until(day: date, time_zone: str, *, carried_over: datetime | None) -> datetime:
    """Return until when a party may come: 48 hours after it was carried over, or after its day."""
    return (carried_over or beginning_of(day + timedelta(days=1), time_zone)) + LONGEST
