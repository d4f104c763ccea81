"""``make install-drill``: whether the commands of ``docs/install.md`` do what the page says.

``make install-drill DRILL=scaling`` does those of ``docs/scaling.md``, on four machines.

It needs root, Debian's debootstrap and systemd-container, and a machine that may run containers;
without them it says so and ends with 3. Nothing outside ``build/install-drill`` is changed: all
runs in namespaces of its own, which are gone with their first process.
"""

import argparse
import os
import shutil
import subprocess
import sys

from tests.failover.ground import CANNOT_RUN, ENDS_WITH_US, REAPS, environment
from tests.stand.server import ROOT

WORLD = ("--mount", "--pid", "--fork", "--mount-proc")
NEEDED = {"debootstrap": "debootstrap", "systemd-nspawn": "systemd-container", "ip": "iproute2"}


def main() -> int:
    """Run the drill in a world of its own; return its exit code."""
    parser = argparse.ArgumentParser(prog="tests.install", description=__doc__)
    parser.add_argument("page", nargs="?", choices=["install", "scaling"], default="install")
    page = parser.parse_args().page
    if (lack := _lack()) is not None:
        print(f"make install-drill cannot run here: {lack}", file=sys.stderr)
        return CANNOT_RUN
    (ROOT / "build" / "install-drill").mkdir(parents=True, exist_ok=True)
    inside = ["sh", "-c", REAPS, "sh", sys.executable, "-m", "tests.install.drill", page]
    with subprocess.Popen(
        ["setpriv", "--pdeathsig=KILL", "--", "unshare", *WORLD, ENDS_WITH_US, *inside],
        cwd=ROOT,
        env=environment(),
    ) as world:
        try:
            return world.wait()
        except KeyboardInterrupt:
            return world.wait(30)  # it was told as well


def _lack() -> str | None:
    """Return what is missing, in one sentence, or None."""
    if os.getuid():
        return "only root may boot machines; run it as root"
    for program, package in NEEDED.items():
        if shutil.which(program, path=environment()["PATH"]) is None:
            return f"{program} is not installed; on Debian: apt-get install {package}"
    return None


if __name__ == "__main__":
    sys.exit(main())
