"""The ground: a small world of namespaces in which a cluster runs, and all that it needs.

Everything inside is gone when its first process is, however that ends: the kernel ends the other
processes, and takes down the networks with them. Nothing of it is seen from outside, and root is
not needed: within it, the user who started it stands for root.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from tests.stand.server import ROOT

PATRONI = ROOT / "build" / "failover" / "patroni"
"""Where `.ci/set-up failover` puts Patroni, apart from what the program itself uses."""

ADMINISTRATION = ("/usr/sbin", "/sbin")
"""Where `ip` is, which is not on everyone's path."""

CANNOT_RUN = 3
"""Exit code where the machine does not allow it."""

WORLD = ("--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc")
ENDS_WITH_US = "--kill-child"
REAPS = 'mount -t tmpfs none /run && mkdir /run/netns && ip link set lo up && "$@"; exit $?'
"""What the first process does: a shell, which buries the children of whoever is killed."""

NOT_ROOT = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
"""Runs a program of ours as somebody else than root, for PostgreSQL refuses to serve root."""


class CannotRunError(Exception):
    """This machine does not have what it takes. The message says what, in one sentence."""


def require() -> None:
    """Raise CannotRunError where anything is missing."""
    for program, package in (
        ("unshare", "util-linux"),
        ("ip", "iproute2"),
        ("etcd", "etcd-server"),
    ):
        if shutil.which(program, path=_path()) is None:
            raise CannotRunError(
                f"{program} is not installed; on Debian: apt-get install {package}"
            )
    if not (PATRONI / "patroni").is_dir():
        raise CannotRunError("Patroni is not installed; run: .ci/set-up failover")
    tried = subprocess.run(
        ["unshare", *WORLD, ENDS_WITH_US, "sh", "-c", REAPS, "sh", "ip", "netns", "add", "trial"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode:
        said = " ".join(tried.stderr.split()) or f"exit code {tried.returncode}"
        raise CannotRunError(f"this machine allows no namespaces of our own ({said})")


def run_inside(arguments: Sequence[str]) -> int:
    """Run a module of Python in a world of its own; return its exit code."""
    command = [sys.executable, "-m", *arguments]
    # It ends when we do, also where we are killed.
    inside = ["unshare", *WORLD, ENDS_WITH_US, "sh", "-c", REAPS, "sh", *command]
    with subprocess.Popen(
        ["setpriv", "--pdeathsig=KILL", "--", *inside], cwd=ROOT, env=environment()
    ) as world:
        try:
            return world.wait()
        except KeyboardInterrupt:
            return world.wait(30)  # it was told as well


def environment() -> dict[str, str]:
    """Return the environment, with what administrators find on their path."""
    return {**os.environ, "PATH": _path(), "PYTHONUNBUFFERED": "1"}


def _path() -> str:
    return os.pathsep.join((os.environ.get("PATH", os.defpath), *ADMINISTRATION))
