"""The printer: every fault of docs/printer-faults.md in any order, on a line that fails as well.

A whole kiosk but its window prints at a virtual printer in a process of its own. While parties
come, the printer has faults, is switched off and on within slips, the line between is cut, silent
or drips, and the kiosk is killed. Then all is mended and what lies there is counted.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from printer.virtual.condition import Fault
from tests.chaos import kiosk_process
from tests.chaos.accounts import Accounts
from tests.chaos.books import accounts_of, read_journal, read_store
from tests.chaos.ending import undelivered, unended
from tests.chaos.fates import OF_CONNECTIONS, Dice
from tests.chaos.part import run_part
from tests.chaos.proxy import Network
from tests.chaos.results import Promise, Result
from tests.chaos.scene import Place, scene

ROUNDS = 150
SETTLE_SECONDS = 120.0
ANSWER_SECONDS = 30.0

FAULTS = tuple(fault for fault in Fault if fault is not Fault.CABLE_CUT)
"""What the printer can have; that the line breaks is the network's business here."""

PROMISES = (
    "no slip comes out twice, but for a second one with its 2",
    "what is said to be printed is on paper, what is said to have failed is not",
    "every slip has an end",
    "once all is mended the next party gets its slip",
)


@dataclass
class Workshop:
    """A kiosk, its printer, the line between them, and what happened.

    Attributes:
        happened: How often each thing did.

    """

    place: Place
    network: Network
    dice: Random
    happened: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        """Let something happen, and a party come."""
        what = self.dice.choice(
            (self.fault, self.fault, self.mend, self.mend, self.power_cut, self.kill, self.line)
        )
        if self.dice.random() < 0.5:  # within the slip of the party
            self.party()
            time.sleep(self.dice.uniform(0.0, 0.4))
            what()
        else:
            what()
            self.party()
            time.sleep(self.dice.uniform(0.0, 0.8))

    def party(self) -> None:
        """Let a party come to the kiosk."""
        self.place.kiosk.party(f"{self.dice.random()}")
        self.place.kiosk.wait_for_answers(ANSWER_SECONDS)

    def fault(self) -> None:
        """Let the printer have any fault."""
        fault = self.dice.choice(FAULTS)
        self.place.printer.suffer(fault)
        self.happened[f"fault: {fault.value}"] += 1

    def mend(self) -> None:
        """Let the printer have no fault, and the line be good."""
        self.place.printer.suffer(None)
        self.network.calm()
        self.happened["all mended"] += 1

    def power_cut(self) -> None:
        """Switch the printer off and on."""
        self.place.printer.kill()
        self.place.printer.start()
        self.happened["printer switched off and on"] += 1

    def kill(self) -> None:
        """Kill the kiosk, and start it again."""
        self.place.kiosk.kill()
        self.place.kiosk.start()
        self.happened["kiosk killed"] += 1

    def line(self) -> None:
        """Let the line be bad, until it is mended."""
        self.network.storm()
        self.happened["bad line"] += 1

    def settle(self) -> bool:
        """Mend all; return whether every slip comes to its end."""
        self.mend()
        ended = _comes_true(lambda: not unended(self.place.journal))
        self.place.kiosk.kill()  # its courier may rest
        self.place.kiosk.start()
        return ended and _comes_true(lambda: not undelivered(self.place.journal))

    def last_party_gets_its_slip(self) -> bool:
        """Let one more party come, to a printer without a fault."""
        self.party()
        _comes_true(lambda: not unended(self.place.journal))
        return read_journal(self.place.journal)[-1].slip == "printed"


@contextmanager
def workshop(folder: Path, seed: str) -> Iterator[Workshop]:
    """Lend a kiosk in service, with everything right."""
    kiosk_process.load()
    dice = Dice(int.from_bytes(seed.encode()), share=0.7, kinds=OF_CONNECTIONS)
    with (
        Network(dice, silence=3.0) as network,
        scene(folder, postgresql=False, kiosks=1) as one,
    ):
        network.calm()
        (place,) = one.places
        line = network.lay(place.printer.port)
        settings = place.kiosk.settings
        told = settings.read_text("utf-8")
        settings.write_text(told.replace(f":{place.printer.port}", f":{line.port}"), "utf-8")
        one.servers[0].start()
        place.printer.start()
        place.kiosk.start()
        yield Workshop(place, network, Random(seed))  # noqa: S311  # to be thrown again
        place.kiosk.close()
        one.servers[0].stop()


def judge(shop: Workshop, data: Path) -> tuple[dict[str, list[str]], Accounts]:
    """Return what breaks each promise, and the books."""
    wrong: dict[str, list[str]] = {name: [] for name in PROMISES}
    if not shop.settle():
        wrong[PROMISES[2]].append("some have not, two minutes after all was mended")
    if not shop.last_party_gets_its_slip():
        wrong[PROMISES[3]].append("it did not")
    shop.settle()
    accounts = accounts_of(shop.place.kiosk, shop.place.printer, read_store(data))
    for found in accounts.disagreements():
        says_printed = "never came out" in found or ("came out" in found and "sent 0" in found)
        wrong[PROMISES[1 if says_printed else 0]].append(found)
    wrong[PROMISES[1]] += shop.place.kiosk.stumbled
    return wrong, accounts


def _comes_true(condition: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + SETTLE_SECONDS
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def work(folder: Path, options: argparse.Namespace) -> Result:
    """Let something befall printer, line or kiosk in every round."""
    with workshop(folder / "shop", f"{options.seed}") as shop:
        for number in options.bound.rounds():
            shop.step()
            options.bound.tell(number + 1, f"{len(shop.place.printer.sheets)} pieces of paper")
        wrong, accounts = judge(shop, folder / "shop" / "server")
    states = Counter(entry.slip for entry in accounts.journal)
    ends = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    copies = sum(entry.copies > 1 for entry in accounts.journal)
    figures = (
        f"{len(accounts.journal)} numbers, {accounts.printed} slips, {copies} sent twice",
        f"{states['printed']} printed, {states['failed']} failed",
        ends,
        f"{sum(shop.happened.values())} misfortunes",
    )
    promises = tuple(
        Promise(what, figure if not found else f"{figure}; {found[0]}"[:300], kept=not found)
        for (what, found), figure in zip(wrong.items(), figures, strict=True)
    )
    befell = {kind.value: count for kind, count in shop.network.struck.items()}
    raw = {"happened": dict(shop.happened), "on the line": befell, "slips": dict(states)}
    return Result("printer", options.seed, promises, raw)


def main() -> int:
    """Run the part by its command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.printer", description=__doc__)
    return run_part(parser, work, count=ROUNDS)


if __name__ == "__main__":
    sys.exit(main())
