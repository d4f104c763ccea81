"""Whether a site and its stages are open, and when that changes. Pure.

A clock that is not trusted says nothing, and then all is open: one that is known to be wrong locks
nobody out. One that was never compared is believed: a kiosk without a network knows its hours too.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk.contract.hours import Closure, Hours, dates, minutes
from kiosk.contract.site import Site

LOOK_AHEAD_DAYS = 366
"""What opens or closes later than this is not told."""

Span = tuple[datetime, datetime]
"""From opening to closing, in UTC."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What is open at one moment. All times are aware and in the site's time zone.

    Attributes:
        is_open: Whether the site is.
        opens_at: When it opens next, while it is closed; None where that is not known.
        closes_at: When it closes, while it is open; None where it always is.
        closed_stages: The stages that are closed while the site is open, each with when it opens
            next, or None where that is not known.
        at: The moment of all this; None where all is open whatever the time.

    """

    is_open: bool = True
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    closed_stages: Mapping[str, datetime | None] = field(default_factory=dict)
    at: datetime | None = field(default=None, compare=False)

    def opens(self, stages: tuple[str, ...]) -> tuple[bool, datetime | None]:
        """Return whether all of these stages are closed, and when the first of them opens."""
        if not stages or not all(stage in self.closed_stages for stage in stages):
            return False, None
        known = [moment for stage in stages if (moment := self.closed_stages[stage])]
        return True, min(known, default=None)


def opening(site: Site, now: datetime | None) -> Opening:
    """Return what is open at an aware time; everything where the time is not known (None)."""
    if now is None or not _has_hours(site):
        return Opening()
    zone = ZoneInfo(site.time_zone)
    today = now.astimezone(zone).date()
    current = _now_or_next(_site_spans(site, today, zone), now)
    if current is None or current[0] > now:
        opens = current and current[0].astimezone(zone)
        return Opening(is_open=False, opens_at=opens, at=now)
    return Opening(
        closes_at=None if _is_endless(current, now) else current[1].astimezone(zone),
        closed_stages=dict(_closed_stages(site, now, today, zone)),
        at=now,
    )


def closed_until(site: Site, until: datetime, *, now: datetime) -> Opening:
    """Return that a site is closed, whatever its hours say, and when it opens from `until` on."""
    later = opening(site, until)
    opens = until.astimezone(ZoneInfo(site.time_zone)) if later.is_open else later.opens_at
    return Opening(is_open=False, opens_at=opens, at=now)


class Timetable:
    """What is open now, worked out anew only when the minute or the site is another.

    Args:
        now: The time, aware; None where the clock is not trusted.

    """

    def __init__(self, now: Callable[[], datetime | None]) -> None:
        self._now = now
        self._site: Site | None = None
        self._minute: datetime | None = None
        self._opening = Opening()

    def opening(self, site: Site) -> Opening:
        """Return what is open now. Hours are whole minutes, so within one nothing changes."""
        now = self._now()
        minute = now and now.replace(second=0, microsecond=0)
        if site is not self._site or minute != self._minute:
            self._opening = opening(site, minute)
            self._site, self._minute = site, minute
        return self._opening


def _has_hours(site: Site) -> bool:
    return bool(site.hours or site.closures or any(stage.hours for stage in site.stages))


def _closed_stages(
    site: Site, now: datetime, today: date, zone: ZoneInfo
) -> Iterator[tuple[str, datetime | None]]:
    for stage in site.stages:
        if stage.hours is None:
            continue
        open_then = _both(_spans(stage.hours, (), today, zone), _site_spans(site, today, zone))
        current = _now_or_next(open_then, now)
        if current is None:
            yield stage.id, None
        elif current[0] > now:
            yield stage.id, current[0].astimezone(zone)


def _now_or_next(spans: Iterator[Span], now: datetime) -> Span | None:
    """Return the first of the spans that has not ended."""
    return next((span for span in spans if span[1] > now), None)


def _is_endless(span: Span, now: datetime) -> bool:
    return span[1] - now > timedelta(days=LOOK_AHEAD_DAYS - 1)


def _site_spans(site: Site, today: date, zone: ZoneInfo) -> Iterator[Span]:
    return _spans(site.hours, site.closures, today, zone)


def _spans(
    hours: Hours | None, closures: tuple[Closure, ...], today: date, zone: ZoneInfo
) -> Iterator[Span]:
    """Yield when it is open from yesterday on, in order; what touches is one."""
    special = [(*dates(closure.days), closure.hours) for closure in closures]
    held: Span | None = None
    for ahead in range(-1, LOOK_AHEAD_DAYS + 1):
        day = today + timedelta(days=ahead)
        usual = ("24 h",) if hours is None else hours.on(day.weekday())
        of_day = next((own for first, last, own in special if first <= day <= last), usual)
        for opens, closes in sorted(map(minutes, of_day)):
            span = _instant(day, opens, zone), _instant(day, closes, zone, last=True)
            if span[1] <= span[0]:  # in the hour that the clock skips
                continue
            if held and span[0] <= held[1]:
                held = held[0], max(held[1], span[1])
                continue
            if held:
                yield held
            held = span
    if held:
        yield held


def _instant(day: date, minute: int, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """Return when a clock on the wall shows that minute of a day, in UTC.

    A time that the clock skips counts by the offset before the change, as RFC 5545 section 3.3.5
    says; of a time that comes twice it is the first, or the last where something closes then:
    what a sign on the door says is kept, and nobody is sent away early.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(first, second) if last else first


def _both(one: Iterator[Span], other: Iterator[Span]) -> Iterator[Span]:
    """Yield when both are open; each comes in order."""
    a, b = next(one, None), next(other, None)
    while a and b:
        opens, closes = max(a[0], b[0]), min(a[1], b[1])
        if opens < closes:
            yield opens, closes
        if a[1] < b[1]:
            a = next(one, None)
        else:
            b = next(other, None)
