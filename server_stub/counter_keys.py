"""The keys of the counter page, as its help lists them; the buttons themselves name theirs."""

from gettext import NullTranslations


def keys(texts: NullTranslations) -> list[tuple[tuple[str, ...], str]]:
    """Return the keys, and what each does."""
    _ = texts.gettext
    return [
        (("N",), _("Call next")),
        (("S",), _("Is here")),
        (("R",), _("Call again")),
        (("A",), _("Did not come, after three calls")),
        (("F",), _("Send on")),
        (("E",), _("Finish")),
        (("P",), _("Put back for now")),
        (("O",), _("Note the outcomes that are filled in")),
        (("U",), _("Take back your last step")),
        (("M",), _("More")),
        (("0", "…", "9"), _("Find a number: type its digits")),
        (("T",), _("Ticket by hand")),
        (("?",), _("These keys")),
        (("Esc",), _("Close")),
    ]
