"""The network: a bridge, and machines on it that are network namespaces with one cable each."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

PREFIX = "10.87.0"
BRIDGE = "house"


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of the cluster.

    Attributes:
        name: ``"db1"``.
        address: On the bridge.

    """

    name: str
    address: str

    @property
    def cable(self) -> str:
        """The bridge's end of its cable."""
        return f"to-{self.name}"

    def inside(self, command: Sequence[str]) -> list[str]:
        """Return the command that runs another on this machine."""
        return ["nsenter", f"--net=/run/netns/{self.name}", "--", *command]

    def unplug(self) -> None:
        """Cut its cable: what is sent vanishes, and nobody is told."""
        _ip("link", "set", self.cable, "down")

    def plug_in(self) -> None:
        """Put the cable back."""
        _ip("link", "set", self.cable, "up")


def build(count: int) -> list[Machine]:
    """Return so many machines, ``db1`` and on, on a bridge that this process is on too."""
    _ip("link", "add", BRIDGE, "type", "bridge")
    _ip("address", "add", f"{PREFIX}.1/24", "dev", BRIDGE)
    _ip("link", "set", BRIDGE, "up")
    machines = [Machine(f"db{n}", f"{PREFIX}.{10 + n}") for n in range(1, count + 1)]
    for machine in machines:
        _plug(machine)
    return machines


def _plug(machine: Machine) -> None:
    there = ("netns", machine.name)
    _ip("netns", "add", machine.name)
    _ip("link", "add", machine.cable, "type", "veth", "peer", "name", "eth0", *there)
    _ip("link", "set", machine.cable, "master", BRIDGE, "up")
    for arguments in (
        ("address", "add", f"{machine.address}/24", "dev", "eth0"),
        ("link", "set", "eth0", "up"),
        ("link", "set", "lo", "up"),
    ):
        _ip("-n", machine.name, *arguments)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
