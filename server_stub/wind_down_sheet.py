"""The sheet of a wind-down: its record as one HTML file, to be printed on A4 and signed."""

from gettext import NullTranslations

from server_stub.local_time import date_and_time
from server_stub.page_rendering import render
from server_stub.page_texts import catalogue
from server_stub.wind_down_record import Record


def file_name(language: str) -> str:
    """Return what the sheet is called in the folder of what is kept."""
    return f"record.{language}.html"


def as_page(record: Record, language: str, *, is_draft: bool = False) -> str:
    """Return the record as one HTML file that needs no other.

    Args:
        record: What was done, or would be.
        language: One of the languages of the staff pages.
        is_draft: Nothing was done: it says what would be.

    """

    def when(moment: object) -> str:
        return date_and_time(moment, record.time_zone, language=language)  # type: ignore[arg-type]  # a template's

    return render(
        "wind_down_record.html",
        language,
        record=record,
        is_draft=is_draft,
        when=when,
        words=deleted_words(catalogue(language)),
    )


def deleted_words(texts: NullTranslations) -> dict[str, str]:
    """Return what each group of what is deleted is called."""
    _ = texts.gettext
    return {
        "visits": _("Visits: numbers, languages, sizes, routes, times, outcomes"),
        "answers": _("Answers of parties, sealed"),
        "slips": _("What became of slips"),
        "help-calls": _("Help calls"),
        "ledger": _("Which check-ins came: ids and hashes"),
        "steps": _("Steps of staff, audit log, log of changes"),
        "accounts": _("Accounts, sessions, failed logins"),
        "kiosks": _("Kiosks: enrolments, keys, tokens, codes, reports"),
        "displays": _("Call displays and their tokens"),
        "figures": _("Daily figures with small counts, counts of persons, closed days"),
        "site": _("The site: its file in force, versions, public keys, periods"),
        "keys": _("Files of private keys, overwritten"),
        "queue": _("Files of the last queue, overwritten"),
        "backups": _("Backups in the data directory, overwritten"),
    }
