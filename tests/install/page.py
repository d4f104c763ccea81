"""A page that is drilled: its commands, each with the mark that says where it is run."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = re.compile(r"<!-- drill: (?P<said>[^>]+?) -->")
BLOCK = re.compile(r"```sh\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


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


def steps(page: str, *, machines: Collection[str]) -> Iterator[Step]:
    """Yield all steps of a page in their order; `machines` are those that it speaks of.

    Raises:
        PageError: Some commands have no mark, or a mark has none.

    """
    marks = list(MARK.finditer(page))
    blocks = list(BLOCK.finditer(page))
    for block in blocks:
        before = [mark for mark in marks if mark.end() < block.start()]
        if not before or page[before[-1].end() : block.start()].strip():
            raise PageError(f"line {_line(page, block.start())}: commands without a mark")
    for mark in marks:
        said = mark["said"].split()
        of_step = tuple(word for word in said if word in machines)
        block = next((each for each in blocks if each.start() == mark.end() + 1), None)
        if of_step and block is None:
            raise PageError(f"line {_line(page, mark.start())}: a mark without commands")
        words = " ".join(word for word in said if not of_step or word not in of_step)
        text = block["text"] if of_step and block else ""
        yield Step(_line(page, mark.start()), of_step, words, text)


def steps_of(path: Path, *, machines: Collection[str]) -> list[Step]:
    """Return all steps of a page; raise PageError."""
    return list(steps(path.read_text(encoding="utf-8"), machines=machines))


def _line(page: str, place: int) -> int:
    return page.count("\n", 0, place) + 1
