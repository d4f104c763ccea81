"""The queue sheet: the last queue as a page to print and as plain text, in files of its own."""

import textwrap
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

from server_stub.last_queue import LastQueue, QueuedParty, StageQueue
from server_stub.local_time import date_and_time, told
from server_stub.page_rendering import render
from server_stub.page_texts import LANGUAGES, catalogue, language_name
from server_stub.unfinished import in_the_making

WIDTH = 78
"""Signs of a line of text: what every printer takes."""


def sheet_files(folder: Path) -> dict[str, tuple[Path, Path]]:
    """Return where the sheet lies: for each language the page and the text."""
    return {
        language: (folder / f"queue.{language}.html", folder / f"queue.{language}.txt")
        for language in LANGUAGES
    }


def write_sheets(queue: LastQueue, folder: Path) -> None:
    """Write the sheet in every language, each file whole or not at all; readable by its owner.

    Raises:
        OSError: The folder cannot be made, or nothing can be written there.
        StoreError: The same, or another process writes there now.

    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for language, (page, text) in sheet_files(folder).items():
        for path, content in ((page, as_page(queue, language)), (text, as_text(queue, language))):
            with in_the_making(path, replaces=True) as unfinished:
                unfinished.write_text(content, encoding="utf-8")


def as_page(queue: LastQueue, language: str) -> str:
    """Return the sheet as one HTML file that needs no other."""
    return render(
        "queue_sheet.html",
        language,
        queue=queue,
        site=queue.site,
        as_of=date_and_time(queue.as_of, queue.site.time_zone, language=language),
        since=lambda party: _since(party, queue, language),
        last_numbers=_last_numbers(queue),
    )


def as_text(queue: LastQueue, language: str) -> str:
    """Return the sheet as plain text, for any printer and any screen."""
    return "\n".join(_lines(queue, language)) + "\n"


def _lines(queue: LastQueue, language: str) -> Iterator[str]:
    texts = catalogue(language)
    _ = texts.gettext
    as_of = date_and_time(queue.as_of, queue.site.time_zone, language=language)
    yield _("Queue of %(site)s") % {"site": queue.site.name}
    yield _("As of %(time)s") % {"time": as_of}
    yield ""
    for said in (
        _("Only for while the server does not answer."),
        _("Call in this order, stage by stage."),
        _("Then call who has come since, by the time on their slips."),
        _("Note the numbers that you call: afterwards a shift lead marks them as served by hand."),
    ):
        yield from textwrap.wrap(said, WIDTH)
    if queue.last_numbers:
        yield _("Last numbers on this list: %(numbers)s") % {"numbers": _last_numbers(queue)}
    if not (queue.stages or queue.elsewhere):
        yield ""
        yield _("No one is waiting.")
    for stage in queue.stages:
        name, door = stage.stage.name[language], stage.stage.door
        yield ""
        yield f"== {name} · {_('Door %(door)s') % {'door': door}} =="
        yield from _stage(stage, queue, language, texts)
    if queue.elsewhere:
        yield ""
        yield f"== {_('At a stage that is no more')} =="
        yield from _table(queue.elsewhere, queue, language, texts)


def _stage(
    stage: StageQueue, queue: LastQueue, language: str, texts: NullTranslations
) -> Iterator[str]:
    _, waiting = texts.gettext, len(stage.waiting)
    parties = texts.ngettext(
        "%(num)d party is waiting here.", "%(num)d parties are waiting here.", waiting
    )
    for heading, rows in (
        (_("At the counters"), stage.at_counters),
        (parties % {"num": waiting}, stage.waiting),
        (_("Put aside"), stage.parked),
    ):
        if rows:
            yield heading
            yield from _table(rows, queue, language, texts)


def _table(
    parties: tuple[QueuedParty, ...], queue: LastQueue, language: str, texts: NullTranslations
) -> Iterator[str]:
    _ = texts.gettext
    heads = (_("Number"), _("Adults + children"), _("Language"), _("Here since"), "")
    rows = [
        (
            party.number,
            f"{party.adults} + {party.children}" if party.adults + party.children else "?",
            language_name(party.language, language=language) if party.language else "?",
            _since(party, queue, language),
            ", ".join(_remarks(party, texts)),
        )
        for party in parties
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for place, row in enumerate((heads, *rows)):
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield (f"[ ] {place:>3}  {cells}" if place else f"         {cells}").rstrip()


def _remarks(party: QueuedParty, texts: NullTranslations) -> Iterator[str]:
    _ = texts.gettext
    if party.counter:
        yield _("Counter %(counter)s") % {"counter": party.counter}
    if party.priority:
        yield _("Priority")
    if party.carried_over:
        yield _("Earlier day")


def _since(party: QueuedParty, queue: LastQueue, language: str) -> str:
    return told(party.since, queue.site.time_zone, now=queue.as_of, language=language)


def _last_numbers(queue: LastQueue) -> str:
    return ", ".join(f"{last.number} ({last.kiosk})" for last in queue.last_numbers)
