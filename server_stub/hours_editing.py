"""Opening hours as a form: read from a site, and written into its file with all else left alone."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kiosk.contract.hours import ALL_DAY, WEEKDAYS, Closure, Hours, dates, minutes
from kiosk.contract.site import Site
from kiosk.contract.site_file import parse_site
from server_stub.site_file_lines import FileLines, toml_list, toml_table, toml_text

Week = Mapping[str, tuple[str, ...]]
"""Each of `WEEKDAYS` to its spans; none where it is closed."""


class HoursError(Exception):
    """The hours cannot be written as they were entered. The message says why, for staff."""


class NotWrittenError(Exception):
    """The file is written in a way that the form cannot change; the editor can."""


@dataclass(frozen=True, slots=True)
class SiteHours:
    """When a site and its stages are open.

    Attributes:
        week: Of the site; None where it is always open.
        stages: Those that have hours of their own, by name.
        closures: Days on which other hours hold, in the order of the file.

    """

    week: Week | None
    stages: Mapping[str, Week]
    closures: tuple[Closure, ...]


def hours_of(site: Site) -> SiteHours:
    """Return the hours of a site."""
    return SiteHours(
        week=_week(site.hours),
        stages={stage.id: week for stage in site.stages if (week := _week(stage.hours))},
        closures=site.closures,
    )


def _week(hours: Hours | None) -> Week | None:
    return {name: hours.on(day) for day, name in enumerate(WEEKDAYS)} if hours else None


_CLOCK = r"(\d{1,2})(?:[:.](\d\d))?(?: ?(?:Uhr|h))?"
_SPAN = re.compile(rf"{_CLOCK} ?(?:-|–|bis|to) ?{_CLOCK}(?: next day)?", re.IGNORECASE)  # noqa: RUF001  # what people type


def spans_of(text: str) -> tuple[str, ...]:
    """Return what somebody has typed as spans: ``"8-12, 13:30-18"``; none for nothing.

    What closes before it opens is open past midnight.

    Raises:
        HoursError: It is not understood.

    """
    return tuple(
        _span(one.strip()) for one in re.split(r"[,;]|\bund\b|\band\b", text) if one.strip()
    )


def _span(text: str) -> str:
    if text.lower().replace(" ", "") in ("24h", "0-24", "00:00-24:00"):
        return ALL_DAY
    read = _SPAN.fullmatch(text)
    if read is None:
        raise HoursError(f"{text!r}: 08:00-18:00")
    opens, closes = (f"{int(read[h]):02}:{read[h + 1] or '00'}" for h in (1, 3))
    span = f"{opens}-{closes}" + (" next day" if closes <= opens else "")
    try:
        minutes(span)
    except ValueError as error:
        raise HoursError(str(error)) from None
    return span


def typed(spans: Sequence[str]) -> str:
    """Return spans as they are typed."""
    return ", ".join(span.removesuffix(" next day") for span in spans)


def written(toml: str, hours: SiteHours) -> str:
    """Return a site file with these hours, and every other line as it was.

    Raises:
        SiteFileError: The hours cannot be; the message says why.
        NotWrittenError: The file writes its hours in a way that only the editor can change.

    """
    now = hours_of(parse_site(toml, source="site.toml"))
    file = FileLines(toml)
    if hours.closures != now.closures:
        _write_closures(file, hours.closures, now.closures)
    if hours.week != now.week:
        _write_week(file, hours.week)
    headers = reversed(file.tables("stages"))  # from the end: lines before stay where they are
    for name, header in zip(_stages(toml), headers, strict=False):
        week = hours.stages.get(name)
        if week != now.stages.get(name):
            file.set_key(header, "hours", toml_table(_keys(week)) if week else None)
    if not _says(file.text, hours):
        raise NotWrittenError
    return file.text


def _stages(toml: str) -> list[str]:
    return [stage.id for stage in reversed(parse_site(toml, source="site.toml").stages)]


def _says(text: str, hours: SiteHours) -> bool:
    """Tell whether a file really has these hours; raise SiteFileError where they cannot be."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    found = hours_of(parse_site(text, source="site.toml"))
    same = {c.days: c for c in found.closures} == {c.days: c for c in hours.closures}
    return same and (found.week, found.stages) == (hours.week, hours.stages)


def _keys(week: Week) -> dict[str, str]:
    """Return a week as a site file writes it: what most days have, and the others by name."""
    usual = Counter(week.values()).most_common(1)[0][0]
    keys = {"every_day": toml_list(usual)} if usual else {}
    return keys | {day: toml_list(spans) for day, spans in week.items() if spans != usual}


def _write_week(file: FileLines, week: Week | None) -> None:
    header = next(iter(file.tables("hours")), None)
    if week is None:
        if header is not None:
            file.remove(header)
        file.remove_top_key("hours")
    elif header is not None:
        file.set_keys(header, _keys(week))
    else:
        file.remove_top_key("hours")
        file.insert("[hours]", _keys(week), behind=None)


def _write_closures(
    file: FileLines, closures: Sequence[Closure], before: Sequence[Closure]
) -> None:
    """Change those that are other, take out those that are gone, put new ones behind all."""
    wanted = {closure.days: closure for closure in closures}
    headers = file.tables("closures")
    if len(headers) != len(before):  # written in one line, at the top
        file.remove_top_key("closures")
        headers, before = [], ()
    for header, closure in reversed(list(zip(headers, before, strict=True))):
        if closure.days not in wanted:
            file.remove(header)
        elif wanted[closure.days] != closure:
            file.set_keys(header, _closure_keys(wanted[closure.days]))
    there = {closure.days for closure in before}
    for closure in closures:
        if closure.days not in there:
            last = [*file.tables("hours"), *file.tables("closures")][-1:]
            behind = last[0] if last else None
            file.insert("[[closures]]", _closure_keys(closure), behind=behind)


def _closure_keys(closure: Closure) -> dict[str, str]:
    keys = {"days": toml_text(closure.days)}
    if closure.hours:
        keys["hours"] = toml_list(closure.hours)
    if closure.reason:
        keys["reason"] = toml_text(closure.reason)
    return keys


def on_day(hours: SiteHours, day: date) -> tuple[str, ...]:
    """Return the spans of one day: those of a closure where one names it, else of its weekday."""
    for closure in hours.closures:
        first, last = dates(closure.days)
        if first <= day <= last:
            return closure.hours
    return hours.week[WEEKDAYS[day.weekday()]] if hours.week else (ALL_DAY,)


def open_at(hours: SiteHours, day: date, minute: int) -> bool:
    """Tell whether it is open at a minute of a day, by the clock on the wall."""
    yesterday = on_day(hours, day - timedelta(days=1))
    today = any(begins <= minute < ends for begins, ends in map(minutes, on_day(hours, day)))
    return today or any(minute < minutes(span)[1] - 24 * 60 for span in yesterday)


def closed_from(hours: SiteHours, day: date, minute: int, *, reason: str) -> SiteHours:
    """Return the hours with a day that ends at a minute, whatever it had; all else as it was."""
    left = []
    for span in on_day(hours, day):
        begins, ends = minutes(span)
        if begins < minute:
            left.append(_between(begins, min(ends, minute)))
    today = Closure(days=day.isoformat(), hours=tuple(left), reason=reason)
    others = [part for closure in hours.closures for part in _without(closure, day)]
    closures = sorted([*others, today], key=lambda closure: dates(closure.days))
    return replace(hours, closures=tuple(closures))


def usual_on(hours: SiteHours, day: date) -> SiteHours:
    """Return the hours with a day that is as its weekday usually is."""
    closures = [part for closure in hours.closures for part in _without(closure, day)]
    return replace(hours, closures=tuple(closures))


def _between(begins: int, ends: int) -> str:
    past = " next day" if ends > 24 * 60 else ""
    closes = ends - 24 * 60 if past else ends
    if (begins, ends) == (0, 24 * 60):
        return ALL_DAY
    return f"{begins // 60:02}:{begins % 60:02}-{closes // 60:02}:{closes % 60:02}{past}"


def _without(closure: Closure, day: date) -> list[Closure]:
    """Return what is left of a closure when one of its days is taken out."""
    first, last = dates(closure.days)
    if not first <= day <= last:
        return [closure]
    one = timedelta(days=1)
    parts = [(first, day - one), (day + one, last)]
    return [
        closure.model_copy(update={"days": days_text(begins, ends)})
        for begins, ends in parts
        if begins <= ends
    ]


def days_text(first: date, last: date) -> str:
    """Return days as a site file writes them."""
    return first.isoformat() if first == last else f"{first.isoformat()} to {last.isoformat()}"
