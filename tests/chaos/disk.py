"""Bad disks: full, read-only, slow, with errors on writing and on flushing; kiosk and server.

Each fault comes while the program runs, and goes again. While it is there nobody gets a number
that is not on the disk, and who asks is told what is wrong; when it has gone, all goes on without
a hand. In between the power is cut. A full disk is also tried for real, on a file system of its
own, where this machine lets one be mounted.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import requests

from tests.chaos import kiosk_process
from tests.chaos.books import accounts_of, read_store
from tests.chaos.ending import undelivered
from tests.chaos.forgetful_disk import built
from tests.chaos.kills import let_calm_come
from tests.chaos.part import Bound, run_part
from tests.chaos.power import Power
from tests.chaos.results import Promise, Result, promise
from tests.chaos.scene import PASSWORD, Place, Scene, scene

ROUNDS = 2
"""Of all faults, for kiosk and server."""

STOPS = ("full", "read-only", "broken", "unflushable")
SLOW = ("slow 4", "slow 100", "slow 2000")
PARTIES = 3
PATIENCE_SECONDS = 60.0

IMAGE_MEGABYTES = 24


@dataclass
class Found:
    """What one fault came to, for the table.

    Attributes:
        given: Numbers given out while it was there.
        refused: Parties that got none.
        said: What the program said was wrong.
        wrong: What must not be, a sentence each.
        mended_seconds: How long it took to go on, once the fault had gone.

    """

    given: int = 0
    refused: int = 0
    said: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    mended_seconds: list[float] = field(default_factory=list)

    def figure(self) -> str:
        """Return it as a cell of the table."""
        said = ", ".join(sorted(self.said)) or "nothing"
        longest = max(self.mended_seconds, default=0.0)
        return (
            f"{self.given} numbers, {self.refused} refused; says {said}; "
            f"goes on after {longest:.1f} s"
        )


def until(
    condition: Callable[[], object], what: str, *, seconds: float = PATIENCE_SECONDS
) -> float:
    """Return how many seconds it took, or raise TimeoutError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def send_parties(place: Place, dice: Random, found: Found, *, seconds: float) -> None:
    """Let parties come, one after the other, and count what they get."""
    before, refused = len(place.kiosk.given), len(place.kiosk.refused)
    for _ in range(PARTIES):
        place.kiosk.party(f"{dice.random()}")
        if not place.kiosk.wait_for_answers(seconds):
            found.wrong.append(f"a party got no answer in {seconds:.0f} s")
            return
    found.given += len(place.kiosk.given) - before
    found.refused += len(place.kiosk.refused) - refused


def gets_a_number(place: Place, dice: Random) -> bool:
    """Whether a party that comes now gets one."""
    before = len(place.kiosk.given)
    place.kiosk.party(f"{dice.random()}")
    place.kiosk.wait_for_answers(PATIENCE_SECONDS)
    return len(place.kiosk.given) > before


def health(one: Scene) -> str:
    """Return what is wrong with the server, by its own words; "" where nothing is."""
    try:
        answer = requests.get(f"{one.servers[0].address}/healthz", timeout=10)
    except requests.RequestException as error:
        return type(error).__name__
    told = answer.json()
    return "" if answer.status_code == 200 else str(told["trouble"])


def log_in(one: Scene) -> int:
    """Return the status of an answer to somebody of staff who logs in, which is written down."""
    told = {"name": "anna", "password": PASSWORD}
    address = f"{one.servers[0].address}/staff/v1/sessions"
    try:
        return requests.post(address, json=told, timeout=30).status_code
    except requests.RequestException:
        return 0


class BadDisks:
    """A kiosk and a server whose disks can go bad."""

    def __init__(self, power: Power) -> None:
        self._power, self._one = power, power.one
        self._place = power.one.places[0]
        self.unnoted = 0

    def try_kiosk(self, fault: str, dice: Random, found: Found) -> None:
        """Let the kiosk's disk go bad for a while."""
        place, disk = self._place, self._power.disk_of(self._place)
        stops = fault in STOPS
        if not gets_a_number(place, dice):
            found.wrong.append("no number before the fault")
        self.unnoted += 1  # of this party the slip may be on its way: nobody can note it any more
        disk.suffer(fault)
        send_parties(place, dice, found, seconds=PATIENCE_SECONDS)
        if stops:
            until(place.kiosk.trouble, f"the kiosk says nothing of {fault}")
            found.said.add(place.kiosk.trouble())
            if dice.random() < 0.5:
                self._cut_kiosk(place, dice, found)
                self._start_kiosk(place, dice, found)
        disk.suffer(None)
        if not place.kiosk.is_open:
            place.kiosk.start()
        took = until(lambda: gets_a_number(place, dice), f"no number after {fault}")
        took += until(lambda: not place.kiosk.trouble(), f"still in trouble after {fault}")
        found.mended_seconds.append(took)
        self._cut_kiosk(place, dice, found)
        place.kiosk.start()

    def _start_kiosk(self, place: Place, dice: Random, found: Found) -> None:
        """Start it on a bad disk: it says so at once, or when the first party comes."""
        place.kiosk.start()
        if place.kiosk.is_open:
            send_parties(place, dice, found, seconds=PATIENCE_SECONDS)
            until(place.kiosk.trouble, "the kiosk says nothing after its start")
        found.said.add(f"{place.kiosk.trouble()} at its start")
        place.kiosk.not_opened.clear()

    def _cut_kiosk(self, place: Place, dice: Random, found: Found) -> None:
        place.kiosk.kill()
        self._power.lose_kiosk(place, dice)
        self._take_losses(found)

    def try_server(self, fault: str, dice: Random, found: Found) -> None:
        """Let the server's disk go bad for a while; kiosks go on meanwhile."""
        place, disk = self._place, self._power.server_disk
        disk.suffer(fault)
        send_parties(place, dice, found, seconds=PATIENCE_SECONDS)
        if found.refused:
            found.wrong.append("a kiosk gave out no number because of the server's disk")
        if fault in STOPS:
            until(lambda: health(self._one), f"the server says nothing of {fault}")
            found.said.add(health(self._one))
            if (status := log_in(self._one)) != 503:
                found.wrong.append(f"who logs in is answered {status}")
        disk.suffer(None)
        took = until(lambda: not health(self._one), f"the server is not well after {fault}")
        found.mended_seconds.append(took)
        until(lambda: not undelivered(place.journal), f"not delivered after {fault}")
        self._power.lose_server(dice)
        self._take_losses(found)
        self._power.start_server()

    def _take_losses(self, found: Found) -> None:
        found.wrong += self._power.cuts.lost
        self._power.cuts.lost = []


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Lend a file system of some megabytes; None where nothing can be mounted here."""
    image, mounted = folder / "disk.img", folder / "mounted"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(IMAGE_MEGABYTES * 2**20)
    try:
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True, capture_output=True)
        command = ["mount", "-o", "loop", str(image), str(mounted)]
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=False, capture_output=True)


def fill(mounted: Path) -> Path:
    """Fill a file system to its last block; return the file that does."""
    filler = mounted / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    return filler


def fill_for_real(folder: Path, *, seed: int) -> Promise:
    """Fill the disk that kiosk and server lie on, and make room again."""
    what = "an ext4 file system that is really full"
    dice, found = Random(f"{seed} real"), Found()  # noqa: S311  # to be thrown again
    with small_disk(folder) as mounted:
        if mounted is None:
            return Promise(what, "not tried: nothing can be mounted here", kept=True)
        with scene(mounted / "scene", postgresql=False, kiosks=1) as one:
            place = one.places[0]
            one.servers[0].start()
            place.printer.start()
            place.kiosk.start()
            until(lambda: gets_a_number(place, dice), "no number at first")
            until(lambda: not undelivered(place.journal), "not delivered")
            filler = fill(mounted)
            send_parties(place, dice, found, seconds=PATIENCE_SECONDS)
            until(place.kiosk.trouble, "the kiosk does not say that the disk is full")
            until(lambda: health(one), "the server does not say that the disk is full")
            found.said |= {f"kiosk {place.kiosk.trouble()}", f"server {health(one)}"}
            filler.unlink()
            took = until(lambda: gets_a_number(place, dice), "no number after room was made")
            took += until(lambda: not place.kiosk.trouble(), "still in trouble")
            found.mended_seconds.append(took)
            until(lambda: not health(one), "the server is not well")
            let_calm_come(one)
            one.servers[0].stop()
            found.wrong += disagreements(one, unnoted=PARTIES)
    return promise(what, found.figure(), wrong=found.wrong)


def disagreements(one: Scene, *, unnoted: int) -> list[str]:
    """Return what the books of a scene that has come to rest disagree in."""
    stored = read_store(one.servers[0].data)
    wrong = [*stored.findings]
    for place in one.places:
        accounts = accounts_of(place.kiosk, place.printer, stored, unnoted=unnoted)
        wrong += [*accounts.disagreements(), *place.kiosk.stumbled]
    return wrong


def work(folder: Path, options: argparse.Namespace) -> Result:
    """Let every fault come and go."""
    bound: Bound = options.bound
    faults = options.fault or (*STOPS, *SLOW)
    of_kiosk = {fault: Found() for fault in faults}
    of_server = {fault: Found() for fault in faults}
    with built() as library:
        os.environ["LD_PRELOAD"] = str(library)
        kiosk_process.load()
        del os.environ["LD_PRELOAD"]
        with scene(folder / "scene", postgresql=False, kiosks=1) as one:
            power = Power(one, library, lies=False)
            with power.running():
                disks = BadDisks(power)
                tried = 0
                for number in bound.rounds():
                    dice = Random(f"{options.seed} {number}")  # noqa: S311  # to be thrown again
                    for fault in faults:
                        disks.try_kiosk(fault, dice, of_kiosk[fault])
                        disks.try_server(fault, dice, of_server[fault])
                        tried += 2
                        bound.tell(number + 1, f"{tried} faults")
                let_calm_come(one)
            one.servers[0].stop()
            wrong = disagreements(one, unnoted=disks.unnoted)
            numbers = len(one.places[0].kiosk.given)
        real = [] if options.fault else [fill_for_real(folder, seed=options.seed)]
    return Result(
        "disk",
        options.seed,
        (
            *promises_of("kiosk", of_kiosk),
            *promises_of("server", of_server),
            *real,
            promise(f"after {tried} faults all books agree", f"{numbers} numbers", wrong=wrong),
        ),
        {"faults": tried, "numbers": numbers, "power_cuts": dict(power.cuts.of)},
    )


def promises_of(side: str, found: dict[str, Found]) -> Iterator[Promise]:
    """Yield a row for each fault."""
    for fault, one in found.items():
        what = f"{fault} ms a flush" if fault in SLOW else fault
        yield promise(f"{side}'s disk: {what}", one.figure(), wrong=one.wrong)


def main() -> int:
    """Let disks go bad; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.disk", description=__doc__)
    parser.add_argument(
        "--fault", action="append", choices=(*STOPS, *SLOW), help="this one, or these; else all"
    )
    return run_part(parser, work, count=ROUNDS)


if __name__ == "__main__":
    sys.exit(main())
