"""The kiosk without a graphics card: first picture, touches, the idle processor, memory."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles

from printer.virtual_printer import VirtualPrinter
from tests.bench.figures import Figure
from tests.stand.server import ROOT, ServerStand

SCREEN = "width = 1080\nheight = 1920\n"

STARTS = 7
"""Of each kind; the first pair only warms the disk's cache."""

HANDS, ROUNDS = 3, 3
"""Processes of each kind, and in each so many times two arrivals."""

IDLES, SETTLED_SECONDS, IDLE_SECONDS = 3, 15.0, 10.0

KIOSK = ("kiosk",)
IMPORTS_FIRST = ("tests.bench.kiosk_variants", "imports-first")
ALWAYS_QUICK = ("tests.bench.kiosk_variants", "always-quick")


def measure_kiosk_speed(folder: Path) -> list[Figure]:
    """Measure fresh processes on 1080 by 1920 pixels, each beside its alternative by turns."""
    with ExitStack() as stack:
        server = ServerStand(folder / "server")
        server.set_up()
        printer = stack.enter_context(VirtualPrinter())
        settings = server.add_kiosk(
            "bench-1", folder / "kiosk", printer=printer.address, screen=SCREEN
        )
        shutil.copy(server.site_file, settings.parent / "site.toml")
        stack.enter_context(server)
        return [*_first_pictures(settings), *_touches(settings), *_idle(settings)]


def _first_pictures(settings: Path) -> Iterator[Figure]:
    ours, other = [], []
    for _ in range(STARTS + 1):
        for program, times in ((KIOSK, ours), (IMPORTS_FIRST, other)):
            began = time.monotonic()
            with _shown(program, settings):
                times.append(time.monotonic() - began)
    yield Figure(
        "process start to first picture",
        tuple(ours[1:]),
        "s",
        tuple(other[1:]),
        "printing and HTTP libraries imported first",
    )


def _touches(settings: Path) -> Iterator[Figure]:
    ours, other = [], []
    for _ in range(HANDS):
        for multisamples, told in ((0, ours), (2, other)):
            command = [sys.executable, "-m", "tests.bench.kiosk_hand"]
            done = subprocess.run(
                [*command, str(settings), str(ROUNDS), str(multisamples)],
                cwd=ROOT,
                env=_environment(),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            told.append(json.loads(done.stdout.splitlines()[-1]))
    than = "Kivy's 2 samples for each pixel"
    yield Figure("touch to redrawn screen", _all(ours), "ms", _all(other), than)
    yield Figure("the same, 95 of 100 touches within", _p95(ours), "ms", _p95(other), than)
    yield Figure(
        f"memory after {2 * ROUNDS} arrivals",
        tuple(hand["last"] for hand in ours),
        "MB",
        tuple(hand["first"] for hand in ours),
        "the same before the first arrival",
    )


def _idle(settings: Path) -> Iterator[Figure]:
    ours, other = [], []
    for _ in range(IDLES):
        for program, shares in ((KIOSK, ours), (ALWAYS_QUICK, other)):
            with _shown(program, settings) as process:
                time.sleep(SETTLED_SECONDS)
                before = _used(process.pid)
                time.sleep(IDLE_SECONDS)
                shares.append((_used(process.pid) - before) / IDLE_SECONDS * 100)
    yield Figure(
        "idle, of one processor", tuple(ours), "%", tuple(other), "60 turns a second always"
    )


@contextmanager
def _shown(program: tuple[str, ...], settings: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a kiosk; the block begins when its first picture is shown."""
    command = [sys.executable, "-m", *program, "run", "--window", "--settings", str(settings)]
    with subprocess.Popen(
        command, cwd=ROOT, env=_environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr
            told = []
            for line in process.stderr:
                told.append(line)
                if "first picture" in line:
                    break
            else:
                raise AssertionError(f"the kiosk did not start: {''.join(told)}")
            yield process
        finally:
            process.terminate()
            process.communicate()


def _environment() -> dict[str, str]:
    drivers = {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
    return {**os.environ, **drivers}


def _used(process: int) -> float:
    """Return the processor time that a process has used, in seconds (proc_pid_stat(5))."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _all(hands: list[dict[str, list[float]]]) -> tuple[float, ...]:
    return tuple(touch for hand in hands for touch in hand["touches"])


def _p95(hands: list[dict[str, list[float]]]) -> tuple[float, ...]:
    return tuple(quantiles(hand["touches"], n=20)[-1] for hand in hands)
