"""The notices of the hall's pages: what a lead's step has come to, and what to do next."""

from gettext import NullTranslations

from kiosk.contract.site import Site
from server_stub.closing import DayAfter, DayStepError, UndecidedError
from server_stub.erasure import Erased
from server_stub.served_by_hand import MarkedRange, RangeError, UnknownRangeError
from server_stub.service_days import DayState
from server_stub.staff_notices import Notice
from server_stub.step_errors import DayClosedError
from server_stub.step_notices import StepNotices
from server_stub.visit import StepError

SOME = 8
"""Numbers that are named; the rest is counted."""


class NotANumberError(StepError):
    """What was entered is no count of persons."""


class NotSureError(StepError):
    """The box that says that the party asks for it was not ticked."""


class FormError(StepError):
    """The form sent something that no form of ours sends, or one of an older version."""


def day_is(after: DayAfter, texts: NullTranslations) -> Notice:
    """Say how far a day is now."""
    _, ngettext = texts.gettext, texts.ngettext
    match after.state:
        case DayState.OPEN:
            return Notice(
                "done",
                _("The day is open again."),
                _("Kiosks give out numbers within 15 seconds. Who was carried over stays so."),
            )
        case DayState.CLOSING:
            return Notice(
                "done",
                _("Kiosks give out no more numbers."),
                _("They hear it within 15 seconds. Who is here is called as before."),
            )
        case DayState.CLOSED:
            carried = ngettext(
                "%(num)d party goes on tomorrow",
                "%(num)d parties go on tomorrow",
                after.carried_over,
            ) % {"num": after.carried_over}
            left = ngettext("%(num)d visit has ended", "%(num)d visits have ended", after.left) % {
                "num": after.left
            }
            return Notice("done", _("The day is closed."), f"{carried}, {left}.")


def counted(persons: int, texts: NullTranslations) -> Notice:
    """Say that a count is stored."""
    said = texts.ngettext("%(num)d person is counted.", "%(num)d persons are counted.", persons)
    next_step = texts.gettext("What is achieved from now on is added to it.")
    return Notice("done", said % {"num": persons}, next_step)


def marked(what: MarkedRange, texts: NullTranslations) -> Notice:
    """Say what became of a range that was marked."""
    _ = texts.gettext
    said = texts.ngettext(
        "%(num)d number is marked as served by hand.",
        "%(num)d numbers are marked as served by hand.",
        what.numbers,
    ) % {"num": what.numbers}
    ended = texts.ngettext(
        "%(num)d visit is finished by it.", "%(num)d visits are finished by it.", what.visits
    ) % {"num": what.visits}
    return Notice("done", said, ended)


def taken_back(what: MarkedRange, texts: NullTranslations) -> Notice:
    """Say what became of a range that was taken back."""
    _ = texts.gettext
    opened = texts.ngettext(
        "%(num)d party waits again.", "%(num)d parties wait again.", what.visits
    ) % {"num": what.visits}
    return Notice("done", _("The range is taken back."), opened)


def erased(what: Erased, texts: NullTranslations) -> Notice:
    """Say that a party was erased."""
    _ = texts.gettext
    if not what.numbers:
        return Notice("done", _("This was done already, by the same press."))
    numbers = ", ".join(what.numbers)
    return Notice(
        "done",
        _("All that was kept of %(numbers)s is deleted.") % {"numbers": numbers},
        _("Tell the party that its slip is worth nothing any more."),
    )


def refused(error: StepError, site: Site, *, texts: NullTranslations, language: str) -> Notice:
    """Say why a step was not taken, and what to do."""
    _ = texts.gettext
    if isinstance(error, UndecidedError):
        numbers = ", ".join(error.numbers[:SOME]) + (" …" if len(error.numbers) > SOME else "")
        return Notice(
            "trouble",
            _("Nobody has said what becomes of these parties: %(numbers)s.") % {"numbers": numbers},
            _("Choose it for each of them, or for all others. Nothing has changed."),
        )
    as_it_stands = _("This page now shows how it stands.")
    words: dict[type[StepError], tuple[str, str]] = {
        DayStepError: (
            _("The day does not allow that now: somebody was faster, or it is another day."),
            as_it_stands,
        ),
        DayClosedError: (_("That day is closed."), _("Open it again first, then repeat this.")),
        RangeError: (
            _("These numbers are no range of one kiosk or desk."),
            _("Enter the first and the last number as printed, such as D214 and D231."),
        ),
        UnknownRangeError: (_("This range was taken back already."), as_it_stands),
        NotSureError: (_("Nothing was deleted."), _("Tick that the party asks for it.")),
        NotANumberError: (_("That is no number of persons."), _("Enter digits only, such as 250.")),
    }
    if type(error) in words:
        return Notice("trouble", *words[type(error)])
    return StepNotices(site, texts, language).refused(error)
