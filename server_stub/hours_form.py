"""The form of the opening hours: what stands in its fields, and what was entered there. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kiosk.contract.hours import WEEKDAYS, Closure, dates
from kiosk.contract.site import Site
from server_stub.hours_editing import HoursError, SiteHours, Week, days_text, spans_of, typed

BLANK_CLOSURES = 2
"""Lines for closed days that are empty, to be filled in."""

LONGEST_REASON = 100

Entered = Mapping[str, str]
"""Field to what stands in it."""


class FieldsError(Exception):
    """Some fields cannot be understood.

    Attributes:
        fields: Each of them to what is wrong.

    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = fields
        super().__init__("; ".join(fields.values()))


@dataclass(frozen=True, slots=True)
class HoursForm:
    """The form as it stands on the page.

    Attributes:
        entered: What stands in the fields.
        closures: How many lines for closed days there are.

    """

    entered: Entered
    closures: int


def form_of(hours: SiteHours) -> HoursForm:
    """Return the form as it is when nobody has touched it."""
    closures = [*hours.closures, *[None] * BLANK_CLOSURES]
    fields = dict(_week_fields("week", hours.week)) | {"always": "" if hours.week else "yes"}
    for stage, week in hours.stages.items():
        fields |= {f"own_{stage}": "yes", **dict(_week_fields(f"stage_{stage}", week))}
    for index, closure in enumerate(closures):
        fields |= _closure_fields(index, closure)
    return HoursForm(fields, len(closures))


def form_as_sent(sent: Entered) -> HoursForm:
    """Return the form as somebody has filled it in."""
    count = 0
    while f"first_{count}" in sent:
        count += 1
    return HoursForm(sent, count)


def _week_fields(prefix: str, week: Week | None) -> Iterator[tuple[str, str]]:
    for day in WEEKDAYS:
        yield f"{prefix}_{day}", typed(week[day]) if week else ""


def _closure_fields(index: int, closure: Closure | None) -> dict[str, str]:
    first, last = dates(closure.days) if closure else (None, None)
    return {
        f"first_{index}": first.isoformat() if first else "",
        f"last_{index}": last.isoformat() if last and last != first else "",
        f"hours_{index}": typed(closure.hours) if closure else "",
        f"reason_{index}": closure.reason if closure else "",
    }


def entered_hours(form: HoursForm, site: Site) -> SiteHours:
    """Return the hours that were entered.

    Raises:
        FieldsError: Some of it cannot be understood.

    """
    reading = _Reading(form.entered)
    week = None if reading.is_on("always") else reading.week("week")
    stages = {
        stage.id: reading.week(f"stage_{stage.id}")
        for stage in site.stages
        if reading.is_on(f"own_{stage.id}")
    }
    closures = [reading.closure(index) for index in range(form.closures)]
    if reading.wrong:
        raise FieldsError(reading.wrong)
    kept = sorted((c for c in closures if c), key=lambda closure: dates(closure.days))
    return SiteHours(week=week, stages=stages, closures=tuple(kept))


class _Reading:
    """Reads fields, and remembers which were not understood."""

    def __init__(self, entered: Entered) -> None:
        self._entered = entered
        self.wrong: dict[str, str] = {}

    def is_on(self, field: str) -> bool:
        return self._entered.get(field) == "yes"

    def week(self, prefix: str) -> Week:
        return {day: self._spans(f"{prefix}_{day}") for day in WEEKDAYS}

    def closure(self, index: int) -> Closure | None:
        fields = {name: f"{name}_{index}" for name in ("first", "last", "hours", "reason")}
        told = {name: self._entered.get(field, "").strip() for name, field in fields.items()}
        if self.is_on(f"gone_{index}") or not any(told.values()):
            return None
        first = self._day(fields["first"], told["first"])
        last = self._day(fields["last"], told["last"]) if told["last"] else first
        spans = self._spans(fields["hours"])
        if first is None or last is None:
            return None
        if last < first:
            self.wrong[fields["last"]] = f"{last} < {first}"
            return None
        reason = told["reason"][:LONGEST_REASON]
        return Closure(days=days_text(first, last), hours=spans, reason=reason)

    def _spans(self, field: str) -> tuple[str, ...]:
        try:
            return spans_of(self._entered.get(field, ""))
        except HoursError as error:
            self.wrong[field] = str(error)
            return ()

    def _day(self, field: str, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.wrong[field] = f"{text!r}: 2026-12-24"
            return None
