"""The forms of the counter page, as the bodies of the staff API that say the same."""

from collections.abc import Mapping
from datetime import datetime, time
from json import dumps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.datastructures import FormData

from server_stub.staff_api.presses import STAFF_ACTION, StaffAction
from server_stub.step_errors import NothingChosenError
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
LISTS = {"reroute": "later", "by-hand": "route"}
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

    """
    if step not in STEPS:
        raise ButtonError("this is no button of the present page")
    sent = {name: value for name, value in form.items() if isinstance(value, str)}
    said: dict[str, Any] = {"step": step}
    said |= {name: sent[name] for name in NAMES if sent.get(name)}
    said |= {name: _whole(sent[name]) for name in NUMBERS if sent.get(name)}
    if step in LISTS:
        said[LISTS[step]] = [str(value) for value in form.getlist(LISTS[step])]
    match step:
        case "outcome":
            said["outcomes"] = _outcomes(sent)
        case "priority" | "by-hand":
            said["priority"] = sent.get("priority") == "yes"
        case "appointment":
            said["appointment_at"] = _moment(sent, ZoneInfo(zone), now=now)
        case "correct":
            said |= _corrected(sent, form)
    try:
        return STAFF_ACTION.validate_json(dumps(said))
    except ValidationError:
        raise ButtonError("this is no button of the present page") from None


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
    route = [str(value) for value in form.getlist("route")]
    said["route"] = route if route and " ".join(route) != sent.get(WAS + "route") else None
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
