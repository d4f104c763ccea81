"""A part of a load, in a process of its own: `python -m tests.load.part FOLDER kiosks`.

It reads the plan in the folder, waits until the load begins, and writes its notes at the end.
"""

import gc
import resource
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from tests.bench.processor import own_processor_seconds
from tests.load.counters import work
from tests.load.hour_glass import HourGlass
from tests.load.kiosks import deliver
from tests.load.notes import Notes
from tests.load.onlookers import look
from tests.load.plan import Plan

PARTS: dict[str, Callable[[Plan, HourGlass, Notes], Awaitable[None]]] = {
    "kiosks": deliver,
    "counters": work,
    "onlookers": look,
}


def notes_of(part: str, folder: Path) -> Path:
    """Return where a part writes its notes."""
    return folder / f"{part}.json"


def main(folder: Path, part: str) -> None:
    """Do what the part does, to its end."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    plan, notes = Plan.read(folder), Notes()
    notes.counted["milliseconds of the load's processor"] -= _milliseconds()
    gc.freeze()  # a plan of thousands of parties is not garbage, and is not looked through
    uvloop.run(PARTS[part](plan, HourGlass(folder), notes))  # type: ignore[arg-type]
    notes.counted["milliseconds of the load's processor"] += _milliseconds()
    notes.write(notes_of(part, folder))


def _milliseconds() -> int:
    return round(own_processor_seconds() * 1000)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
