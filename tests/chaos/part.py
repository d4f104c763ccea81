"""One part of a chaos run, in a process of its own: its folder, its seed, its result."""

import argparse
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.chaos.results import Result, table
from tests.stand.server import ROOT


def run_part(
    parser: argparse.ArgumentParser, work: Callable[[Path, argparse.Namespace], Result]
) -> int:
    """Do a part's work as its command line says; return 1 where a promise is broken."""
    parser.add_argument("--seed", type=int, default=1, help="of the dice")
    parser.add_argument("--result", type=Path, help="write what was found to this file, as JSON")
    options = parser.parse_args()
    for name, value in (("SDL_VIDEODRIVER", "offscreen"), ("SDL_AUDIODRIVER", "dummy")):
        os.environ.setdefault(name, value)
    logging.basicConfig(level=logging.CRITICAL)
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="chaos-", dir=ROOT / "build") as folder:
        result = work(Path(folder), options)
    if options.result:
        result.write(options.result)
    else:
        print(table([result]))
    return 0 if result.kept else 1
