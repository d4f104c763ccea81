"""The mark on English texts that are translated later, where they are shown."""


def _(message: str) -> str:
    """Return the text as it is; `assets/locales/update.py` finds it by this call."""
    return message
