"""A moment as people say it: the weekday and the time, in any language."""

from datetime import datetime, timedelta

from babel.dates import format_date, format_skeleton

from kiosk.language import Catalogue

FAR = timedelta(days=6)
"""From so long on a weekday alone could be taken for an earlier one."""


def told(moment: datetime, language: str, *, now: datetime | None) -> str:
    """Return ``"Montag, 08:00"``, or with its date where that is not clear: ``"4. Jan."``.

    Args:
        moment: What to tell; in the time zone to tell it in.
        language: The reader's, ``"uk"``.
        now: The present, aware; None where `moment` is known to be near.

    """
    parts = [format_date(moment, "cccc", locale=language)]
    if now and moment - now > FAR:
        parts.append(format_skeleton("MMMd", moment, locale=language))
    parts.append(f"{moment:%H:%M}")  # in digits 0 to 9 everywhere, like numbers and doors
    return ("، " if language in {"ar", "fa"} else ", ").join(parts)


def closed_until(words: Catalogue, moment: datetime | None, *, now: datetime | None) -> str:
    """Return that something is closed, and when it opens where that is known; `now` as above."""
    if moment is None:
        return words.text("Closed now")
    when = told(moment, words.language, now=now)
    return words.text("Closed. Opens: {when}").format(when=when)


def opens(words: Catalogue, moment: datetime, *, now: datetime | None) -> str:
    """Return ``"Öffnet: Montag, 08:00"``; `now` as above."""
    return words.text("Opens: {when}").format(when=told(moment, words.language, now=now))
