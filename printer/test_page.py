"""The test page: numbered trials on one sheet, for a person to say which of them look right."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count, groupby

from printer.artwork import Artwork
from printer.compact import LETTER
from printer.escpos_codec import cut_off, done_question
from printer.marks import Box, Mark, Style, Text
from printer.plain_text import printable
from printer.profile import Profile
from printer.raster_commands import feed
from printer.trials import (
    ABILITIES,
    ESC,
    FIRST_SLOT,
    INDENT,
    SPECIMENS,
    Ability,
    Sheet,
    Slot,
    slot_label,
    slot_line,
    trial_commands,
)

Trial = Ability | Slot


@dataclass(frozen=True, slots=True)
class TrialPage:
    """What one page tries.

    Attributes:
        title: The printer's name, at the top.
        paper_dots: Printable dots of a line.
        trials: From top to bottom; code pages last, those of one page together.

    """

    title: str
    paper_dots: int
    trials: tuple[Trial, ...]


def page_of_everything(
    title: str, paper_dots: int, code_pages: Mapping[str, Iterable[int]]
) -> TrialPage:
    """Return the page that tries every ability, and each code page in each of those slots."""
    numbers = count(FIRST_SLOT)
    slots = (Slot(next(numbers), page, slot) for page in code_pages for slot in code_pages[page])
    return TrialPage(title, paper_dots, (*ABILITIES, *slots))


def page_of_claims(profile: Profile) -> TrialPage:
    """Return the page that tries what a profile claims, and its paper."""
    pages = {page: (slot,) for page, slot in profile.code_pages.items()}
    everything = page_of_everything(profile.name, profile.paper_dots, pages)
    claimed = (
        trial
        for trial in everything.trials
        if isinstance(trial, Slot) or getattr(profile, trial.setting)
    )
    return TrialPage(profile.name, profile.paper_dots, tuple(claimed))


def encode_page(page: TrialPage, profile: Profile, artwork: Artwork, *, job_id: bytes) -> bytes:
    """Return the page as one whole job: trials, cut, and the question whether it is done.

    Args:
        page: What to try.
        profile: How the printer says that it is done; nothing else of it is relied on.
        artwork: Fonts.
        job_id: Four printable ASCII bytes that the printer echoes, where it can.

    """
    # What is certain: GS v 0. Without a cutter 12 mm more are fed, and a cutter cuts all the same.
    certain = Profile(page.title, page.paper_dots, cutter=False)
    parts = _parts(page, Sheet(certain, artwork))
    return b"".join(parts) + cut_off(certain) + done_question(profile, job_id)


def _parts(page: TrialPage, sheet: Sheet) -> Iterator[bytes]:
    """Yield the commands from top to bottom.

    Each trial stands between two ESC @: what a printer did not understand of one, it drops
    before the next.
    """
    air = feed(14, sheet.profile)
    yield ESC + b"@" + _head(page.title, sheet)
    for trial in page.trials:
        if isinstance(trial, Ability):
            yield air + _heading(trial, sheet) + trial_commands(trial, sheet) + ESC + b"@"
    slots = [trial for trial in page.trials if isinstance(trial, Slot)]
    for name, same_page in groupby(slots, lambda slot: slot.page):
        yield air + _code_page(name, list(same_page), sheet)


def _head(title: str, sheet: Sheet) -> bytes:
    style, small = Style(34, bold=True), Style(22)
    name = sheet.wrapped(printable(title), small, sheet.width)[:2]
    marks: list[Mark] = [sheet.text(0, 34, "Test page", style)]
    marks += [sheet.text(0, 66 + 28 * n, line, small) for n, line in enumerate(name)]
    bottom = 52 + 28 * len(name)
    question = "Which numbers look right?"
    marks += [
        Box(0, bottom + 4, sheet.width, 4),
        sheet.text(0, bottom + 36, question, Style(24, bold=True)),
    ]
    return sheet.drawn(bottom + 46, *marks)


_TAG = 48
"""Width of the black tag with the number."""


def _heading(trial: Ability, sheet: Sheet) -> bytes:
    """Return the number white on black, beside it what is tried and what it should look like."""
    bold, plain = Style(24, bold=True), Style(20)
    lines = sheet.wrapped(trial.right, plain, sheet.width - INDENT)
    height = 34 + 24 * len(lines)
    return sheet.drawn(
        height + 8,
        *_tag(trial.number, sheet),
        sheet.text(INDENT, 22, trial.title, bold),
        *(sheet.text(INDENT, 50 + 24 * n, line, plain) for n, line in enumerate(lines)),
    )


def _tag(number: int, sheet: Sheet) -> tuple[Mark, ...]:
    style = Style(26, bold=True)
    text = sheet.text(0, 27, str(number), style, white=True)
    return Box(0, 0, _TAG, 36, radius=6), replace(text, x=(_TAG - text.width) // 2)


def _code_page(page: str, trials: list[Slot], sheet: Sheet) -> bytes:
    """Return the letters of a page as a picture, and beneath it as each slot prints them."""
    title = sheet.text(0, 24, f"{page}: right if like this", Style(24, bold=True))
    letters = enumerate(SPECIMENS[page])
    specimen = (_above(n, letter, sheet) for n, letter in letters if letter != " ")
    head = sheet.drawn(64, title, *specimen)
    return head + b"".join(map(slot_line, trials)) + ESC + b"@"


def _above(place: int, letter: str, sheet: Sheet) -> Text:
    """Return a letter in the column where the printer's own will stand beneath it."""
    text = sheet.text(0, 56, letter, Style(24))
    column = len(slot_label(Slot(0, "", 0))) + place
    return replace(text, x=column * LETTER + (LETTER - text.width) // 2)
