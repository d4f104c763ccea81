"""The two APIs under schemathesis: a server is asked all that its documents allow, and more."""

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.stand.server import ROOT

TEST = "tests/server_stub/test_fuzzed.py"
SECONDS_FOR_TEN = 20.0
"""About what ten examples for each operation take, on a quiet machine."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking one API.

    Attributes:
        name: Of the API.
        operations: That its document has.
        cases: Requests that were made up and sent.
        broken: What schemathesis says is broken; empty where nothing is.

    """

    name: str
    operations: int
    cases: int
    broken: str


def ask_apis(*, seed: int, seconds: float) -> list[Asked]:
    """Run the tests of both documents with as many examples as the time allows."""
    examples = max(4, int(10 * seconds / 2 / SECONDS_FOR_TEN))
    with tempfile.TemporaryDirectory(prefix="ankunft-apis-") as folder:
        said = Path(folder) / "said"
        said.mkdir()
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", TEST, "-p", "no:cacheprovider"],
            cwd=ROOT,
            env=os.environ
            | {"FUZZ_EXAMPLES": f"{examples}", "FUZZ_SEED": f"{seed}", "FUZZ_SAID": str(said)},
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.monotonic() - began
        print(f"  APIs: {examples} examples each, {took:.0f} s", flush=True)
        broken = "" if done.returncode == 0 else done.stdout[-4000:]
        found = [_asked(file, broken) for file in sorted(said.iterdir())]
    return found or [Asked("both", 0, 0, broken or "nothing was asked")]


def _asked(file: Path, broken: str) -> Asked:
    words = file.read_text(encoding="utf-8")
    operations = re.search(r"Operations:\s+(\d+) selected", words) or re.search(
        r"(\d+) / (\d+)", words
    )
    cases = re.search(r"(\d+) generated", words)
    return Asked(
        name=file.stem,
        operations=int(operations[1]) if operations else 0,
        cases=int(cases[1]) if cases else 0,
        broken=broken if "failures" in words.lower() else "",
    )
