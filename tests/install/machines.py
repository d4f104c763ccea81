"""Machines: fresh Debian 12 systems, each booted with systemd of its own in a container."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.stand.server import ROOT

BASE = ROOT / "build" / "install-drill" / "base"
NETWORK = "drill"
SUITE = "bookworm"
ALREADY_THERE = "systemd,systemd-sysv,dbus,ca-certificates,iproute2,procps,less"
"""What any Debian has that boots; the page asks for all else."""

BOOT_SECONDS = 60.0
PASSED_ON = ("PIP_", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE")
"""Of our environment, where a machine looks for packages as this one does."""


class MachineError(Exception):
    """A machine did not do what it was told; its own words are in the message."""


def make_base() -> None:
    """Make the system that all machines begin with, where it was not made before."""
    if (BASE / "etc" / "debian_version").exists():
        return
    shutil.rmtree(BASE, ignore_errors=True)
    BASE.mkdir(parents=True)
    _run("debootstrap", "--variant=minbase", f"--include={ALREADY_THERE}", SUITE, str(BASE))


def make_network(addresses: Iterable[str]) -> None:
    """Make the network that the machines are on, with all their addresses, and nothing else."""
    _run("ip", "netns", "add", NETWORK)
    _run("ip", "-n", NETWORK, "link", "set", "lo", "up")
    _run("ip", "-n", NETWORK, "link", "add", "house", "type", "bridge")
    for address in addresses:
        _run("ip", "-n", NETWORK, "address", "add", f"{address}/24", "dev", "house")
    _run("ip", "-n", NETWORK, "link", "set", "house", "up")


@dataclass
class Machine:
    """One machine.

    Attributes:
        name: As the page calls it: ``"server"``.
        folder: Empty; what it changes of the base is written there.

    """

    name: str
    folder: Path
    _container: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _leader: int = 0

    @property
    def root(self) -> Path:
        """Its files, seen from outside."""
        return self.folder / "root"

    def boot(self) -> None:
        """Switch it on; return when systemd says that all has started."""
        for name in ("changes", "work", "root"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        layers = f"lowerdir={BASE},upperdir={self.folder}/changes,workdir={self.folder}/work"
        _run("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        (self.root / "etc" / "hostname").write_text(f"{self.name}\n")
        with (self.folder / "console.log").open("ab") as console:
            self._container = subprocess.Popen(
                [
                    *("systemd-nspawn", "--quiet", f"--directory={self.root}"),
                    *(f"--machine={self.name}", "--register=no", "--keep-unit"),
                    *(f"--network-namespace-path=/run/netns/{NETWORK}", "--resolv-conf=off"),
                    "--capability=CAP_NET_ADMIN",  # of that network alone: a firewall of its own
                    "--boot",
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        self._wait_until_booted()

    def _wait_until_booted(self) -> None:
        give_up = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < give_up:
            with suppress(FileNotFoundError, IndexError):
                assert self._container
                pid = self._container.pid
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                self._leader = int(children[0])
                state = self._inside(["systemctl", "is-system-running"]).stdout.strip()
                if state in {"running", "degraded"}:
                    return
            time.sleep(0.2)
        said = (self.folder / "console.log").read_text(errors="replace")
        raise MachineError(f"{self.name} does not boot: {said[-3000:]}")

    def run(self, commands: str, *, net: bool = False) -> str:
        """Run a shell's commands as root; return what they printed.

        Args:
            commands: The first that fails ends them.
            net: With this machine's way to packages, which the other machines never have.

        Raises:
            MachineError: One failed.

        """
        done = self._inside(["/bin/bash", "-euo", "pipefail", "-c", commands], net=net)
        if done.returncode:
            journal = self._inside(
                ["journalctl", "--no-pager", "--lines=60", "--unit=ankunft*", "--unit=chrony*"]
            ).stdout
            raise MachineError(
                f"on {self.name}: exit {done.returncode}\n{done.stdout}\nits journal:\n{journal}"
            )
        return done.stdout

    def start(self, commands: str) -> subprocess.Popen[str]:
        """Begin a shell's commands; what they print can be read."""
        return subprocess.Popen(
            self._way_in(["/bin/bash", "-euo", "pipefail", "-c", commands], net=False),
            env=_environment(net=False),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def off(self) -> None:
        """Switch it off, as a power cut does; what it has written is there at the next boot."""
        if self._container is not None:
            with suppress(ProcessLookupError):
                os.kill(self._leader, signal.SIGKILL)  # and with its first process all others
            self._container.wait()
            self._container = None
            subprocess.run(["umount", "--lazy", str(self.root)], check=False)

    def _inside(
        self, command: Sequence[str], *, net: bool = False
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._way_in(command, net=net),
            env=_environment(net=net),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def _way_in(self, command: Sequence[str], *, net: bool) -> list[str]:
        spaces = ["--mount", "--uts", "--ipc", "--pid", *([] if net else ["--net"])]
        return ["nsenter", f"--target={self._leader}", *spaces, "--wdns=/", "--", *command]


def let_in_packages(machine: Machine) -> None:
    """Let a machine find packages where this one finds them."""
    for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
        source, target = Path("/") / name, machine.root / name
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copy(source, target)


def _environment(*, net: bool) -> dict[str, str]:
    plain = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/" + "root",
        "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
    }
    if not net:
        return plain
    passed_on = {n: v for n, v in os.environ.items() if n.startswith(PASSED_ON)}
    return plain | {n: v for n, v in passed_on.items() if "FIND_LINKS" not in n}


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MachineError(f"{' '.join(command)}: {done.stderr or done.stdout}")
