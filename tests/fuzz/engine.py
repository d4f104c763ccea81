"""The engine of the fuzzing: feeds one target with ever other inputs, and keeps those that tell.

It is guided by lines: an input that reaches a line of the target's modules which none before it
has reached joins the corpus. That is what coverage-guided fuzzers do, in plain Python.
"""

import gc
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, Self

from tests.fuzz.mutation import mutated
from tests.fuzz.target import Feed, Target
from tests.load.watching import resident_mb

MOST_FAULTS = 20
UNTRACED = 0.75
"""Of the inputs, which are only tried: to note lines takes several times as long."""

MOST_MB = 100.0
"""More than a target may hold at the end than at the beginning."""


@dataclass
class Fuzzed:
    """What came of fuzzing a target.

    Attributes:
        target: Its name.
        holds: What was held of each input.
        inputs: How many were tried.
        kept: Of them, those that reached a new line, the first ones too.
        lines: Of the target's modules that were reached.
        slowest: Seconds that the slowest input took.
        grown_mb: What the process held more at the end.
        seconds: How long it was fuzzed.
        faults: What broke, with the input in Python's notation, cut short.

    """

    target: str
    holds: str
    inputs: int = 0
    kept: int = 0
    lines: int = 0
    slowest: float = 0.0
    grown_mb: float = 0.0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Lines:
    """Notes which lines of some modules are reached, while it is entered."""

    def __init__(self, modules: Sequence[str]) -> None:
        self.reached: set[tuple[str, int]] = set()
        self._modules = frozenset(modules)
        self._ours: dict[Any, str | None] = {}

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _call(self, frame: FrameType, _event: str, _arg: object) -> Any:
        code = frame.f_code
        name = self._ours.get(code, "")
        if name == "":
            module = str(frame.f_globals.get("__name__", ""))
            name = self._ours[code] = module if module in self._modules else None
        return None if name is None else self._line

    def _line(self, frame: FrameType, event: str, _arg: object) -> Any:
        if event == "line":
            self.reached.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


def fuzz(
    target: Target, folder: Path, *, seed: int, seconds: float, most: int | None = None
) -> Fuzzed:
    """Fuzz one target, for so many seconds or inputs, whichever is over first.

    The corpus itself is tried first and whole. What a wall clock ends differs from run to run;
    the inputs before that do not: the same seed gives the same ones in the same order.
    """
    chance = Random(f"{seed} {target.name}")  # noqa: S311  # inputs to be had again
    corpus = list(target.corpus(folder))
    result, lines = Fuzzed(target.name, target.holds), Lines(target.modules)
    gc.collect()
    held, began = resident_mb("self"), time.monotonic()
    first = len(corpus)
    with target.open(folder) as feed:
        while result.inputs < first or time.monotonic() - began < seconds:
            if result.inputs == most or len(result.faults) >= MOST_FAULTS:
                break
            known = result.inputs < first
            data = corpus[result.inputs] if known else _next(corpus, chance)[: target.longest]
            traced = (known or chance.random() >= UNTRACED) and len(data) <= target.longest_traced
            before = len(lines.reached)
            if known or not traced:
                _try(target, feed, data, None, result)
            if traced:
                _try(target, feed, data, lines, result)
            result.inputs += 1
            if len(lines.reached) > before and not known:
                corpus.append(data)
    gc.collect()
    result.kept, result.lines = len(corpus), len(lines.reached)
    result.seconds = time.monotonic() - began
    result.grown_mb = resident_mb("self") - held
    if result.grown_mb > MOST_MB:
        result.faults.append(f"holds {result.grown_mb:.0f} MB more than at first")
    return result


def _next(corpus: Sequence[bytes], chance: Random) -> bytes:
    return mutated(chance.choice(corpus), corpus, chance)


def _try(target: Target, feed: Feed, data: bytes, lines: Lines | None, result: Fuzzed) -> None:
    began = time.process_time()
    try:
        if lines is None:
            feed(data)
        else:
            with lines:
                feed(data)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is a fault
        at = traceback.extract_tb(error.__traceback__)[-1]
        words = f"{type(error).__name__}: {error}"[:200]
        _note(result, f"{words} at {Path(at.filename).name}:{at.lineno}", data)
    took = time.process_time() - began  # not the clock on the wall: others work here too
    if lines is None:
        result.slowest = max(result.slowest, took)
    if took > target.seconds * (1 if lines is None else 10):
        _note(result, "too slow", data)


def _note(result: Fuzzed, what: str, data: bytes) -> None:
    """Note a fault; of many that are the same the first."""
    if not any(fault.startswith(what) for fault in result.faults):
        result.faults.append(f"{what} of {_short(data)}")


def _short(data: bytes) -> str:
    return f"{data!r}" if len(data) <= 300 else f"{data[:300]!r}… ({len(data)} bytes)"
