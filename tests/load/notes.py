"""The notes of one part of a load: how long each action took, and whatever was not as it should."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.load.line import Answer

MOST_ERRORS_TOLD = 20


@dataclass
class Notes:
    """What a part writes down.

    Attributes:
        took: Seconds that each action took, by its name.
        errors: How many answers were not those that had to come, by action.
        told: The first of them, in words.
        counted: What else was counted.
        seen: What else was seen, for the books.

    """

    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    seen: dict[str, Any] = field(default_factory=dict)

    def answered(self, action: str, answer: Answer, *, expected: tuple[int, ...] = (200,)) -> bool:
        """Note an answer; return whether it is one that had to come."""
        self.took[action].append(answer.seconds)
        if answer.status in expected:
            return True
        self.wrong(action, f"{answer.status} {answer.body[:120]!r}")
        return False

    def wrong(self, action: str, what: str) -> None:
        """Note what had not to be."""
        self.errors[action] += 1
        if len(self.told) < MOST_ERRORS_TOLD:
            self.told.append(f"{action}: {what}")

    def write(self, file: Path) -> None:
        """Keep them for the parent."""
        kept = {
            "took": self.took,
            "errors": self.errors,
            "told": self.told,
            "counted": self.counted,
            "seen": self.seen,
        }
        file.write_text(json.dumps(kept), encoding="utf-8")

    def take_in(self, file: Path) -> None:
        """Add what a part has written."""
        told = json.loads(file.read_text(encoding="utf-8"))
        for action, seconds in told["took"].items():
            self.took[action] += seconds
        self.errors.update(told["errors"])
        self.told += told["told"]
        self.counted.update(told["counted"])
        self.seen |= told["seen"]
