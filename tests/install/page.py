"""The page that is drilled: its commands, each with the mark that says where it is run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.stand.server import ROOT

PAGE = ROOT / "docs" / "install.md"
MARK = re.compile(r"<!-- drill: (?P<said>[^>]+?) -->")
BLOCK = re.compile(r"```sh\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
MACHINES = ("server", "kiosk")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Attributes:
        line: Where it stands on the page.
        machines: On which the commands are run; none where people do something.
        words: What else the mark says: ``"net"``, or what people do.
        text: The commands.

    """

    line: int
    machines: tuple[str, ...]
    words: str
    text: str


class PageError(Exception):
    """A block of commands that nobody runs. The message names its line."""


def steps(page: str) -> Iterator[Step]:
    """Yield all steps of a page in their order."""
    marks = list(MARK.finditer(page))
    blocks = list(BLOCK.finditer(page))
    for block in blocks:
        before = [mark for mark in marks if mark.end() < block.start()]
        if not before or page[before[-1].end() : block.start()].strip():
            raise PageError(f"line {_line(page, block.start())}: commands without a mark")
    for mark in marks:
        said = mark["said"].split()
        machines = tuple(word for word in said if word in MACHINES)
        block = next((each for each in blocks if each.start() == mark.end() + 1), None)
        if machines and block is None:
            raise PageError(f"line {_line(page, mark.start())}: a mark without commands")
        words = " ".join(word for word in said if not machines or word not in machines)
        text = block["text"] if machines and block else ""
        yield Step(_line(page, mark.start()), machines or (), words, text)


def steps_of(path: Path = PAGE) -> list[Step]:
    """Return all steps of the page."""
    return list(steps(path.read_text(encoding="utf-8")))


def _line(page: str, place: int) -> int:
    return page.count("\n", 0, place) + 1
