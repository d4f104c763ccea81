"""A target of the fuzzing: a parser, what it is fed with first, and what it must hold."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.fuzz.mutation import LONGEST

Feed = Callable[[bytes], None]
"""Takes one input; raises nothing but what the parser says it raises, which it swallows itself."""


@dataclass(frozen=True, slots=True)
class Target:
    """One parser.

    Attributes:
        name: In the table.
        holds: What is held of every input, in words, for the table.
        corpus: Inputs to begin with; given a folder of its own, for what needs files.
        open: Prepares what takes the inputs, in that folder.
        modules: Whose lines are counted: an input that reaches a new one is worth changing further.
        seconds: Longer than this is too long for one input.
        longest: Bytes of an input; more never comes in one piece.
        longest_traced: Bytes of an input whose lines are noted, which takes many times as long.

    """

    name: str
    holds: str
    corpus: Callable[[Path], Sequence[bytes]]
    open: Callable[[Path], AbstractContextManager[Feed]]
    modules: tuple[str, ...]
    seconds: float = 1.0
    longest: int = LONGEST
    longest_traced: int = 16 * 1024


def feeding(feed: Feed) -> Callable[[Path], AbstractContextManager[Feed]]:
    """Return the `open` of a target that needs nothing prepared."""
    return partial(_always, feed)


def _always(feed: Feed, _: Path) -> AbstractContextManager[Feed]:
    return nullcontext(feed)


def some(inputs: Iterable[bytes]) -> Callable[[Path], Sequence[bytes]]:
    """Return the `corpus` of a target whose inputs are known beforehand."""
    known = tuple(inputs)
    return lambda _: known


def held(is_so: bool, otherwise: str) -> None:  # noqa: FBT001  # what is held, as in an assert
    """Break the promise unless something is so."""
    if not is_so:
        raise AssertionError(otherwise)
