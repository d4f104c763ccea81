"""The disk: how many flushes it does by itself, and a slower one made of it by preloading.

python -m tests.bench.disk FOLDER SECONDS
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stand.server import ROOT

PAGE = b"\0" * 4096


def flushes(folder: Path, *, seconds: float) -> float:
    """Return how often per second a page can be appended to a file and flushed, one by one."""
    name = folder / "flushed"
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            os.write(file, PAGE)
            os.fdatasync(file)
            done += 1
        return done / (time.perf_counter() - began)
    finally:
        os.close(file)
        name.unlink()


def flushes_with(environment: dict[str, str], folder: Path, *, seconds: float) -> float:
    """Return `flushes` of a process of its own, in which a slower disk can be preloaded."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.disk", str(folder), str(seconds)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )
    return float(json.loads(done.stdout))


@contextmanager
def slower_disk(milliseconds: float) -> Iterator[dict[str, str] | None]:
    """Lend what a process needs in its environment for flushes that take that much longer.

    None where no C compiler is at hand: then the slower disk is left out.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        yield None
        return
    source = Path(__file__).with_name("slow_fsync.c")
    # Where the user can read it as whom PostgreSQL runs.
    with tempfile.TemporaryDirectory(prefix="ankunft-slow-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        library = Path(folder) / "slow_fsync.so"
        command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", str(source), "-ldl"]
        subprocess.run([*command, "-o", str(library)], check=True)
        yield {
            "LD_PRELOAD": str(library),
            "SLOW_FSYNC_MICROSECONDS": str(round(milliseconds * 1000)),
        }


if __name__ == "__main__":
    print(json.dumps(flushes(Path(sys.argv[1]), seconds=float(sys.argv[2]))))
