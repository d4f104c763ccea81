"""The drill: the commands of a page on fresh machines, from top to bottom."""

import importlib
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from tests.install.machines import Machine, MachineError, let_in_packages, make_base, make_network
from tests.install.page import Step, steps_of
from tests.stand.server import ALWAYS_OPEN, ROOT, SITE_FILE

PROGRAM = "/opt/ankunft"
OTHER_CLOCK = """[Unit]
ConditionCapability=

[Service]
ExecStart=
ExecStart=!/usr/sbin/chronyd -x -F 1
"""
"""A container has no clock of its own: chronyd does all but set it."""


class Drill(ABC):
    """Machines, and who does what the page says.

    Args:
        folder: For the machines' changes.

    Attributes:
        page: The page that is drilled.
        addresses: Of its machines, by their names.
        ways: What else than ``"net"`` a mark may say of how commands are run.

    """

    page: ClassVar[Path]
    addresses: ClassVar[Mapping[str, str]]
    ways: ClassVar[tuple[str, ...]] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machines = {name: Machine(name, folder / name) for name in self.addresses}

    @abstractmethod
    def people(self) -> dict[str, Callable[[], str]]:
        """Return what people do between the commands, by the page's words for it."""

    def prepare(self) -> None:
        """Boot all, with the tree unpacked and nothing else."""
        tree = subprocess.run(
            ["git", "archive", "--format=tar", "HEAD"], cwd=ROOT, capture_output=True, check=True
        ).stdout
        for machine in self.machines.values():
            machine.boot()
            let_in_packages(machine)
            (machine.root / PROGRAM[1:]).mkdir(parents=True)
            unpacked = machine.root / PROGRAM[1:]
            subprocess.run(["tar", "-x", "-C", str(unpacked)], input=tree, check=True)
            with (unpacked / SITE_FILE.relative_to(ROOT)).open("a") as site_file:
                site_file.write(ALWAYS_OPEN)  # somebody may drill at night

    def steps(self) -> list[Step]:
        """Return what the page says, in its order."""
        return steps_of(self.page, machines=tuple(self.addresses))

    def do(self, step: Step) -> str:
        """Do one step; return what was said."""
        return self.run(step) if step.machines else self.people()[step.words]()

    def run(self, step: Step) -> str:
        """Run the commands of a step; return what was said."""
        said = "".join(
            self.machines[name].run(step.text, net=step.words == "net") for name in step.machines
        )
        if "chrony" in step.text and "apt-get install" in step.text:
            for name in step.machines:
                self.replace(name, "chrony.service", OTHER_CLOCK)
        return said

    def replace(self, machine: str, unit: str, lines: str) -> None:
        """Replace some lines of a unit, which name what no container has."""
        folder = self.machines[machine].root / "etc/systemd/system" / f"{unit}.d"
        folder.mkdir(parents=True)
        (folder / "in-a-container.conf").write_text(lines)
        self.machines[machine].run("systemctl daemon-reload")

    def off(self) -> None:
        """Switch all off."""
        for machine in self.machines.values():
            machine.off()


def drill_of(page: str) -> type[Drill]:
    """Return the drill of ``"install"`` or ``"scaling"``."""
    module = importlib.import_module(f"tests.install.{page}_drill")
    found: type[Drill] = getattr(module, f"{page.capitalize()}Drill")
    return found


def _remove_groups() -> None:
    """Remove the empty control groups that systemd-nspawn leaves where no systemd runs.

    The next machine would not boot: of a group that is there it makes only one half.
    """
    kinds, names = ("systemd", "unified"), ("payload", "supervisor")
    for top in (Path("/sys/fs/cgroup", kind, name) for kind in kinds for name in names):
        for group in [*sorted(top.rglob("*/"), reverse=True), top]:
            with suppress(OSError):
                group.rmdir()


def main(page: str) -> int:
    """Do the drill of a page; return 1 where a command fails."""
    began = time.monotonic()
    kind = drill_of(page)
    _remove_groups()  # of a drill that was killed
    make_base()
    make_network(kind.addresses.values())
    with tempfile.TemporaryDirectory(prefix="drill-", dir=ROOT / "build" / "install-drill") as name:
        drill = kind(Path(name))
        try:
            drill.prepare()
            for step in drill.steps():
                first = step.text.strip().splitlines()[0] if step.text else step.words
                print(f"line {step.line}, {' and '.join(step.machines) or 'people'}: {first} …")
                said = drill.do(step)
                print("".join(f"    {line}\n" for line in said.splitlines()[-6:]), flush=True)
        except MachineError as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
        finally:
            drill.off()
            _remove_groups()
    print(f"every command of the page was run, in {(time.monotonic() - began) / 60:.1f} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
