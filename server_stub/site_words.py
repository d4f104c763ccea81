"""The words of the site pages: what was done with a site file, and why something was not."""

from gettext import NullTranslations

from server_stub.site_versions import SiteVersion
from server_stub.staff_notices import Notice


def taken(number: int, texts: NullTranslations) -> Notice:
    """Say that a version is in force."""
    _ = texts.gettext
    return Notice(
        "done",
        _("Version %(number)d is in force.") % {"number": number},
        _("Kiosks take it with their next report, between two parties."),
    )


def taken_meanwhile(version: SiteVersion, texts: NullTranslations) -> Notice:
    """Say who was faster, and that nothing is lost."""
    _ = texts.gettext
    who = version.staff or _("the command line")
    return Notice(
        "trouble",
        _("Version %(number)d was put in force meanwhile, by %(name)s.")
        % {"number": version.number, "name": who},
        _("Nothing of yours is lost. Below is what your file has otherwise than that one."),
        way=f"/staff/admin/site/versions/{version.number}",
        way_name=_("What version %(number)d has changed") % {"number": version.number},
    )


def not_confirmed(texts: NullTranslations) -> Notice:
    """Say that nothing happens without a tick."""
    _ = texts.gettext
    return Notice(
        "calm",
        _("Nothing was changed."),
        _("Tick that you have read what changes, then put it in force."),
    )


def no_text(name: str, texts: NullTranslations) -> Notice:
    """Say that a file cannot be read."""
    _ = texts.gettext
    return Notice(
        "trouble",
        _("%(name)s is no text.") % {"name": name},
        _("A site file is text in UTF-8, as every editor writes it."),
    )


def no_such_version(texts: NullTranslations) -> Notice:
    """Say that there is no such version."""
    _ = texts.gettext
    return Notice("trouble", _("There is no such version."), _("Here are all that there are."))


def hours_taken(number: int, texts: NullTranslations) -> Notice:
    """Say that other hours hold."""
    _ = texts.gettext
    return Notice(
        "done",
        _("These hours hold now."),
        _("Kiosks hear of them within 15 seconds. It is version %(number)d of the site file.")
        % {"number": number},
    )


def hours_as_before(texts: NullTranslations) -> Notice:
    """Say that nothing was changed."""
    _ = texts.gettext
    return Notice("calm", _("Nothing was changed."), _("These hours hold already."))


def hours_not_understood(texts: NullTranslations) -> Notice:
    """Say that fields were filled in in a way that says nothing."""
    _ = texts.gettext
    return Notice(
        "trouble",
        _("Nothing was changed: some hours were not understood."),
        _("They are marked below. Write them like 08:00-12:00, 13:30-18:00."),
    )


def hours_refused(error: Exception, texts: NullTranslations) -> Notice:
    """Say why hours cannot hold; the reason is the one that a site file is refused with."""
    _ = texts.gettext
    reason = str(error).partition(": ")[2] if ", line " in str(error) else str(error)
    return Notice("trouble", _("Nothing was changed: these hours cannot hold."), reason)


def hours_not_written(texts: NullTranslations) -> Notice:
    """Say that the file is written in a way that a form cannot change."""
    _ = texts.gettext
    return Notice(
        "trouble",
        _("Nothing was changed: the site file writes its hours in an unusual way."),
        _("Change them in the file itself."),
        way="/staff/admin/site/edit",
        way_name=_("Rewrite the site file"),
    )


def hours_meanwhile(version: SiteVersion, texts: NullTranslations) -> Notice:
    """Say who was faster, and that what was entered is still there."""
    _ = texts.gettext
    who = version.staff or _("the command line")
    told = {"number": version.number, "name": who}
    return Notice(
        "trouble",
        _("Version %(number)d was put in force meanwhile, by %(name)s.") % told,
        _("What you have entered stands below. Look what has changed, then press again."),
        way=f"/staff/admin/site/versions/{version.number}",
        way_name=_("What version %(number)d has changed") % told,
    )
