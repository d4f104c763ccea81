"""The notices of the staff pages: what has happened, and what to do next."""

from dataclasses import dataclass
from gettext import NullTranslations
from typing import Literal

from kiosk.contract.site import Site
from server_stub.help_call_rows import HelpCallRow
from server_stub.local_time import clock_time
from server_stub.staff_sessions import TooManyFailuresError


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page says to whoever pressed a button.

    Attributes:
        kind: How it looks: done, nothing to do, or in trouble.
        what: What has happened.
        next_step: What to do now, where that is not plain.
        way: Where to go for it.
        way_name: What the way is called.

    """

    kind: Literal["done", "calm", "trouble"]
    what: str
    next_step: str = ""
    way: str = ""
    way_name: str = ""


def help_answered(call: HelpCallRow, staff: str, texts: NullTranslations) -> Notice:
    """Say who goes to a help call: whoever was first."""
    _ = texts.gettext
    if call.acknowledged_by == staff:
        return Notice("done", _("You are going to %(kiosk)s.") % {"kiosk": call.kiosk})
    return Notice(
        "calm",
        _("%(name)s is already going to %(kiosk)s.")
        % {"name": call.acknowledged_by, "kiosk": call.kiosk},
    )


def help_gone(texts: NullTranslations) -> Notice:
    """Say that a help call is not there any more."""
    _ = texts.gettext
    return Notice("trouble", _("This help call is not open any more."))


def try_again(texts: NullTranslations) -> Notice:
    """Say that nobody knows whether it was stored."""
    _ = texts.gettext
    return Notice(
        "trouble",
        _("The server could not say whether that was stored."),
        _("Press the button again: nothing happens twice."),
    )


def may_not(texts: NullTranslations) -> Notice:
    """Say that the account lacks the right."""
    _ = texts.gettext
    return Notice(
        "trouble",
        _("Your account may not do this."),
        _("Please ask the shift lead."),
    )


def session_over(texts: NullTranslations) -> Notice:
    """Say that nobody is logged in any more."""
    _ = texts.gettext
    return Notice(
        "trouble",
        _("Your session is over."),
        _("Log in again. Nothing was changed."),
        way="/staff/login",
        way_name=_("Log in again"),
    )


def visit_gone(texts: NullTranslations) -> Notice:
    """Say that there is no such visit."""
    _ = texts.gettext
    return Notice(
        "trouble",
        _("This visit is not here any more."),
        _("Its link is of an earlier day, or it was deleted when its time was over."),
    )


def wrong_password(texts: NullTranslations) -> Notice:
    """Say that name and password do not belong together, and not which of them is wrong."""
    _ = texts.gettext
    return Notice(
        "trouble",
        _("Name and password do not match."),
        _("Try again. If you have forgotten it, ask the shift lead for a new one."),
    )


def too_many_failures(error: TooManyFailuresError, site: Site, texts: NullTranslations) -> Notice:
    """Say until when no password is checked."""
    _ = texts.gettext
    return Notice(
        "trouble",
        _("Too many wrong passwords."),
        _("Wait until %(time)s, then try again, or ask the shift lead.")
        % {"time": clock_time(error.until, site.time_zone)},
    )
