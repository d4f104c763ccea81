"""The forms of the counter page, as the bodies of the staff API that say the same."""

from collections.abc import Mapping
from datetime import datetime, time
from json import dumps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.datastructures import FormData

from server_stub.hindrances import Hindrance, Reason
from server_stub.staff_api.presses import STAFF_ACTION, StaffAction
from server_stub.step_errors import NothingChosenError, NotOfThisSiteError
from server_stub.visit import StepError

STEPS = frozenset(
    {
        *("call-next", "call", "recall", "no-show", "serve", "park", "readmit", "forward"),
        *("finish", "leave", "undo", "outcome", "reroute", "split", "merge", "priority"),
        *("appointment", "correct", "by-hand"),
    }
)
"""What the page has buttons for."""

NAMES = ("counter", "visit", "into", "language", "ticket_token")
NUMBERS = ("seen", "into_seen", "adults", "children")
OUTCOME = "outcome."
"""Fields that tell an outcome's persons begin so."""

WAS = "was."
"""Fields that tell how a form's fields stood begin so: what has not changed is not corrected."""


class ButtonError(StepError):
    """The button sent something that no button of ours sends, or one of an older version."""


def action_of(form: FormData) -> UUID:
    """Return the id that was made with the button."""
    try:
        return UUID(str(form["action"]))
    except (KeyError, ValueError):
        raise ButtonError("this is no button of the present page") from None


def asked_by(step: str, form: FormData, *, zone: str, now: datetime) -> StaffAction:
    """Return what a form says.

    Args:
        step: The form's own, one of `STEPS`.
        form: Its fields.
        zone: The site's time zone: times are said by its clocks.
        now: For what is said of today.

    Raises:
        ButtonError: No form of the page says that.
        NothingChosenError: Nothing was filled in.
        NotOfThisSiteError: A number by hand was to go nowhere.

    """
    if step not in STEPS:
        raise ButtonError("this is no button of the present page")
    sent = {name: value for name, value in form.items() if isinstance(value, str)}
    said: dict[str, Any] = {"step": step}
    said |= {name: sent[name] for name in NAMES if sent.get(name)}
    said |= {name: _whole(sent[name]) for name in NUMBERS if sent.get(name)}
    said |= _told(step, sent, form, zone=ZoneInfo(zone), now=now)
    try:
        return STAFF_ACTION.validate_json(dumps(said))
    except ValidationError:
        raise ButtonError("this is no button of the present page") from None


def _told(
    step: str, sent: Mapping[str, str], form: FormData, *, zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    """Return what only this step's form says."""
    told: dict[str, Any] = {}
    match step:
        case "outcome":
            told = {"outcomes": _outcomes(sent)}
        case "priority":
            told = {"priority": sent.get("priority") == "yes"}
        case "by-hand":
            told = _by_hand(sent, form)
        case "reroute":
            told = {"later": _in_order(_stages(form, "later"), sent.get(f"{WAS}later", ""))}
        case "appointment":
            told = {"appointment_at": _moment(sent, zone, now=now)}
        case "correct":
            told = _corrected(sent, form)
    return told


def _stages(form: FormData, name: str) -> list[str]:
    return [str(value) for value in form.getlist(name)]


def _in_order(chosen: list[str], was: str) -> list[str]:
    """Return stages, ticked in the site's order, in the order in which they were until now.

    Only where somebody has once said another order; whoever is added is then passed last.
    """
    kept = [stage for stage in was.split() if stage in chosen]
    if kept == [stage for stage in chosen if stage in kept]:
        return chosen
    return [*kept, *(stage for stage in chosen if stage not in kept)]


def _by_hand(sent: Mapping[str, str], form: FormData) -> dict[str, Any]:
    route = _stages(form, "route")
    if not route:
        raise NotOfThisSiteError("route", Reason(Hindrance.NO_ROUTE))
    return {"route": route, "priority": sent.get("priority") == "yes"}


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ButtonError("this is no button of the present page") from None


def _outcomes(sent: Mapping[str, str]) -> dict[str, int]:
    persons = {
        name.removeprefix(OUTCOME): _whole(value)
        for name, value in sent.items()
        if name.startswith(OUTCOME) and value
    }
    chosen = {name: n for name, n in persons.items() if n}
    if not chosen:
        raise NothingChosenError("no outcome is chosen")
    return chosen


def _moment(sent: Mapping[str, str], zone: ZoneInfo, *, now: datetime) -> str | None:
    if sent.get("appointment") == "none":
        return None
    try:
        at = time.fromisoformat(sent.get("time", ""))
    except ValueError:
        raise NothingChosenError("no time is chosen") from None
    today = now.astimezone(zone).date()
    return datetime.combine(today, at.replace(tzinfo=None), zone).isoformat()


def _corrected(sent: Mapping[str, str], form: FormData) -> dict[str, Any]:
    """Return only what differs from what the form showed."""
    said: dict[str, Any] = {}
    for name in ("adults", "children"):
        changed = sent.get(name, "") != sent.get(WAS + name, "")
        said[name] = _whole(sent[name]) if changed and sent.get(name) else None
    was = sent.get(f"{WAS}route", "")
    route = _in_order(_stages(form, "route"), was)
    said["route"] = route if route and route != was.split() else None
    said["stage"] = sent.get("stage") or None
    said["outcomes"] = {
        name.removeprefix(OUTCOME): by
        for name, value in sent.items()
        if name.startswith(OUTCOME)
        and (by := _whole(value or "0") - _whole(sent.get(WAS + name, "0")))
    }
    if all(not value and value != 0 for value in said.values()):
        raise NothingChosenError("nothing is corrected")
    return said
