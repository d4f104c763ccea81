"""The words of administration: what was done, why something was not, what each thing is called."""

from collections.abc import Mapping
from gettext import NullTranslations

from server_stub import (
    accounts,
    admin_act,
    enrolment_requests,
    fleet_displays,
    fleet_kiosks,
    fleet_letters,
    fleet_names,
    outbox_admission,
    retention_periods,
    site_keys,
)
from server_stub.admin_act import AdministrationError
from server_stub.keys import KeyFileError
from server_stub.retention_periods import Kind
from server_stub.rights import Role
from server_stub.staff_notices import Notice

TABS: dict[str, str] = {
    "overview": "/staff/admin",
    "accounts": "/staff/admin/accounts",
    "kiosks": "/staff/admin/kiosks",
    "displays": "/staff/admin/displays",
    "keys": "/staff/admin/keys",
    "site": "/staff/admin/site",
    "hours": "/staff/admin/hours",
    "signs": "/staff/admin/signs",
    "retention": "/staff/admin/retention",
    "audit": "/staff/admin/audit",
}
"""The pages of administration, and where each is."""


def said_of(done: str, texts: NullTranslations) -> Notice | None:
    """Return what a page says of what was just done; None where nothing was."""
    _ = texts.gettext
    words = {
        "account-role": _("The role is changed. Whoever it was is logged out and logs in again."),
        "account-enabled": _("The account is open again, with the password that it had."),
        "account-disabled": _("The account is shut. All of its sessions have ended."),
        "account-sessions-ended": _("All sessions of this account have ended."),
        "kiosk-enrolled": _("The kiosk is enrolled. It goes on by itself within seconds."),
        "enrolment-refused": _("The machine is refused, and is told so."),
        "kiosk-named": _("The kiosk has its new name."),
        "kiosk-retired": _("The kiosk is retired. What is in its outbox is still taken."),
        "kiosk-revoked": _("The kiosk is revoked. Nothing of it is taken any more."),
        "display-changed": _("The display is changed. It shows so after it was loaded anew."),
        "display-renamed": _("The display has its new name."),
        "display-revoked": _("The display is revoked. It shows nothing any more."),
        "retention-set": _("The period is changed."),
        "key-made": _("The key is made. Copy its file to every server, then put it in force."),
        "key-in-force": _("The key is in force. Kiosks seal to it as soon as they hear of it."),
        "key-destroyed": _("The key is destroyed. Delete the copies of its file too."),
    }
    return Notice("done", words[done]) if done in words else None


def refused(error: AdministrationError, texts: NullTranslations) -> Notice:
    """Say why something was not done, and what to do."""
    what, then = _in_detail(error, texts) or _sentences(texts).get(type(error), (str(error), ""))
    return Notice("trouble", what, then)


def no_key_made(error: KeyFileError, texts: NullTranslations) -> Notice:
    """Say that a key's file could not be written, and where."""
    return Notice("trouble", texts.gettext("No key was made."), str(error))


def _in_detail(error: AdministrationError, texts: NullTranslations) -> tuple[str, str] | None:
    """Return the words for an error that names something; None for any other."""
    _ = texts.gettext
    told: dict[str, str] = {}
    match error:
        case fleet_letters.LetterTakenError():
            words = (
                _("The letter %(letter)s is taken, or was until lately."),
                _("Free are: %(letters)s.") if error.free else _("No letter is free."),
            )
            told = {"letter": error.letter, "letters": ", ".join(error.free)}
        case fleet_displays.UnknownStagesError():
            words = (_("The site has no stage %(stages)s any more."), _("Choose again."))
            told = {"stages": ", ".join(error.unknown)}
        case retention_periods.PeriodError():
            words = (
                _("This period is not possible."),
                _("Between %(least)s and %(most)s are."),
            )
            told = {"least": _length(error.least, texts), "most": _length(error.most, texts)}
        case outbox_admission.OtherSiteError():
            words = (
                _("This outbox is of another site: %(site)s."),
                _("Let it be admitted there."),
            )
            told = {"site": error.site}
        case outbox_admission.StrangeKioskError():
            words = (_("No kiosk %(kiosk)s was ever enrolled here under this enrolment."), "")
            told = {"kiosk": error.kiosk}
        case outbox_admission.BadSignatureError():
            words = (
                _("The file is not signed by the key of %(kiosk)s."),
                _("Export it anew, with the kiosk's own key beside its settings."),
            )
            told = {"kiosk": error.kiosk}
        case _:
            return None
    return words[0] % told, words[1] % told


def _length(hours: int, texts: NullTranslations) -> str:
    """Return a length of time in hours, or in days where it is long."""
    days, more = divmod(hours, 24)
    if days > 2 and not more:
        return texts.ngettext("%(num)d day", "%(num)d days", days) % {"num": days}
    return texts.ngettext("%(num)d hour", "%(num)d hours", hours) % {"num": hours}


def _sentences(texts: NullTranslations) -> Mapping[type[AdministrationError], tuple[str, str]]:
    _ = texts.gettext
    look = _("Look at the list: somebody else may have changed it.")
    return {
        admin_act.DoneBeforeError: (
            _("This was done already, by the same press."),
            _("What is shown only once is not shown again: if it is lost, make a new one."),
        ),
        accounts.BadStaffNameError: (
            _("Nobody can have this name."),
            _("1 to 40 letters in one line, as it is typed when logging in."),
        ),
        accounts.StaffNameTakenError: (
            _("There is an account of this name already."),
            _("Choose another name: what was done under the old one stays in its name."),
        ),
        accounts.UnknownAccountError: (_("There is no such account."), look),
        accounts.LastAdminError: (
            _("This is the last account that can administer the site."),
            _("First make another one an administrator."),
        ),
        accounts.OwnAccountError: (
            _("This is your own account."),
            _("Let another administrator do that, so that nobody locks themselves out."),
        ),
        accounts.UnknownRoleError: (_("There is no such role."), _("Choose again.")),
        fleet_names.BadDeviceNameError: (
            _("No device can have this name."),
            _("Small letters a to z, digits and hyphens, at most 40: entrance-1."),
        ),
        fleet_names.DeviceNameTakenError: (
            _("Another device has this name."),
            _("Choose another name."),
        ),
        fleet_names.BadLabelError: (
            _("This cannot be read in a list."),
            _("At most 40 letters in one line."),
        ),
        fleet_kiosks.NameOfTheDeskError: (
            _("This name stands for the numbers that staff issue by hand."),
            _("Choose another name."),
        ),
        fleet_kiosks.UnknownKioskError: (_("There is no such kiosk in use."), look),
        enrolment_requests.UnknownRequestError: (
            _("This machine does not ask any more."),
            _("It was answered already, or has waited for a day: make a new code."),
        ),
        fleet_letters.NoLetterLeftError: (
            _("All letters are given out."),
            _("Retire a kiosk: its letter is free two days after its last check-in has come."),
        ),
        fleet_letters.NoSuchLetterError: (
            _("No series of numbers may begin with this letter."),
            _("Choose again."),
        ),
        site_keys.UnknownKeyError: (_("There is no such key in this state."), look),
        site_keys.NotSureError: (
            _("Nothing was destroyed."),
            _("Say that you know what is lost with the key."),
        ),
        site_keys.KeyIsHeldError: (
            _("Kiosks may hold check-ins that only this key opens."),
            _("Wait for their report, or revoke those that are lost."),
        ),
        outbox_admission.UnreadableOutboxError: (
            _("This is no outbox, or not all of it has come."),
            _("Send the file that was written at the kiosk; if it is that, export it again."),
        ),
        outbox_admission.FileGoneError: (
            _("The file is not here any more."),
            _("Send it again: nothing is admitted twice."),
        ),
        retention_periods.UnknownKindError: (_("There is no such kind of data."), look),
        fleet_displays.UnknownLookError: (_("There is no such look."), _("Choose again.")),
        fleet_displays.UnknownDisplayError: (_("There is no such display."), look),
    }


def roles(texts: NullTranslations) -> dict[str, tuple[str, str]]:
    """Return what each role is called, and what it may do."""
    _ = texts.gettext
    return {
        Role.HELPER: (
            _("Helper"),
            _("Sees number, language, size and priority of parties. Answers help calls."),
        ),
        Role.COUNTER: (_("Counter staff"), _("Also opens check-ins, calls numbers and serves.")),
        Role.LEAD: (
            _("Shift lead"),
            _("Also sees hall and figures, corrects, stops numbers and closes days."),
        ),
        Role.ADMIN: (
            _("Administrator"),
            _("Also changes accounts, devices, the site file and what is kept for how long."),
        ),
    }


def looks(texts: NullTranslations) -> dict[str, str]:
    """Return what each look of a display is called."""
    _ = texts.gettext
    return {"auto": _("As the device"), "light": _("Light"), "dark": _("Dark")}


def label_of_qr(texts: NullTranslations) -> str:
    """Return what a display's QR code is called, for who cannot see it."""
    return texts.gettext("The address as a QR code")


def acts(texts: NullTranslations) -> dict[str, dict[str, str]]:
    """Return what each act of the audit trail is called, by what it is done with."""
    _ = texts.gettext
    return {
        _("Accounts"): {
            "account-made": _("Account made"),
            "account-role": _("Role changed"),
            "account-password": _("New password"),
            "account-disabled": _("Account shut"),
            "account-enabled": _("Account opened"),
            "account-sessions-ended": _("Sessions ended"),
        },
        _("Devices"): {
            "enrolment-code": _("Code for a kiosk made"),
            "enrolment-asked": _("Machine asks to be a kiosk"),
            "enrolment-contested": _("Second machine with the same code"),
            "enrolment-refused": _("Machine refused"),
            "kiosk-enrolled": _("Kiosk enrolled"),
            "kiosk-named": _("Kiosk renamed"),
            "kiosk-new-series": _("New series"),
            "kiosk-retired": _("Kiosk retired"),
            "kiosk-revoked": _("Kiosk revoked"),
            "outbox-admitted": _("Outbox admitted"),
            "display-made": _("Display made"),
            "display-changed": _("Display changed"),
            "display-renamed": _("Display renamed"),
            "display-new-address": _("New address of a display"),
            "display-revoked": _("Display revoked"),
        },
        _("Site keys"): {
            "key-made": _("Key prepared"),
            "key-in-force": _("Key put in force"),
            "key-destroyed": _("Key destroyed"),
        },
        _("Site"): {
            "site-taken": _("Site file put in force"),
            "retention-set": _("Retention changed"),
            "deleted": _("Deleted for its age"),
        },
        _("Service day"): {
            "stop-numbers": _("Numbers stopped"),
            "close": _("Day closed"),
            "open-again": _("Day opened again"),
            "stock": _("Persons counted"),
            "served-by-hand": _("Served by hand"),
            "by-hand-taken-back": _("Served by hand: taken back"),
            "take-site": _("Parties moved by a new site file"),
        },
        _("Parties"): {
            "visit-opened": _("Check-in opened"),
            "visit-erased": _("Party erased"),
            "call": _("Called"),
            "recall": _("Called again"),
            "no-show": _("Did not come"),
            "serve": _("Serving began"),
            "park": _("Put aside"),
            "readmit": _("Waits again"),
            "outcome": _("Outcome recorded"),
            "forward": _("Sent on"),
            "finish": _("Finished"),
            "leave": _("Has left"),
            "reroute": _("Route changed"),
            "split": _("Party split"),
            "merge": _("Parties merged"),
            "priority": _("Priority changed"),
            "appointment": _("Appointment changed"),
            "correct": _("Corrected"),
            "undo": _("Taken back"),
            "by-hand": _("Number by hand"),
            "carry-over": _("Goes on another day"),
            "move": _("Moved to another stage"),
        },
    }


def kept(texts: NullTranslations) -> dict[Kind, tuple[str, str, str]]:
    """Return what each kind of data is, why it is kept, and from when its period runs."""
    _ = texts.gettext
    after_visit, after_entry = _("after the end of the visit"), _("after it was written")
    return {
        Kind.ANSWERS: (
            _("Answers of parties, sealed"),
            _("So that staff can open a check-in while its party is here, or comes back."),
            _("after the end of the visit, and two days after arrival at the latest"),
        ),
        Kind.TICKETS: (
            _("Tokens of tickets, and what became of slips"),
            _("So that a phone can follow its number, and a slip can be printed again."),
            after_visit,
        ),
        Kind.VISITS: (
            _("Visits: number, language, size, route, times, steps"),
            _("So that parties are called in order, can come back, and the day can be corrected."),
            after_visit,
        ),
        Kind.HELP_CALLS: (
            _("Help calls"),
            _("So that it can be seen who was called, and whether somebody went."),
            after_entry,
        ),
        Kind.AUDIT: (
            _("Audit log: who of the staff did what"),
            _("So that misuse can be found. It names no party that is no longer kept."),
            after_entry,
        ),
    }
