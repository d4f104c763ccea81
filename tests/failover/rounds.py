"""The rounds: each fault in turn, while everybody goes on; what it cost, and what it lost."""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.failover import network
from tests.failover.cluster import Cluster, ClusterError, Node
from tests.failover.faults import FAULTS, Fault
from tests.failover.house import House, house
from tests.failover.ledgers import (
    acknowledged,
    calls_twice,
    come_to_rest,
    events_missing,
    lost,
    numbers_twice,
)
from tests.failover.people import longest_gap, longest_wait

MACHINES = 3
NOTICED_SECONDS = 25.0
"""How long to look at least: what a lease has to do with shows within its 20 seconds."""

OVER_SECONDS = 120.0
"""In which every counter must have been answered again."""

CALM_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Row:
    """What one fault came to.

    Attributes:
        fault: Its name.
        postgresql: Version, and whether its lines were encrypted.
        counters_outage: Seconds in which the counter that fared worst was not answered.
        kiosks_wait: Seconds that a party waited for its number at most, until all was well again.
        numbers: Given out by kiosks while counters were not answered.
        slips: Printed meanwhile.
        led_after: Seconds until another machine took changes; None where none had to.
        check_ins_lost: Confirmed to a kiosk, and not there when a machine led again.
        presses_lost: Confirmed to a counter, likewise.
        numbers_twice: Issued by hand to two parties.
        calls_twice: Parties that were called to a stage twice.
        events_missing: Not told to a follower, or told and not so.

    """

    fault: str
    postgresql: str
    counters_outage: float
    kiosks_wait: float
    numbers: int
    slips: int
    led_after: float | None
    check_ins_lost: int
    presses_lost: int
    numbers_twice: int
    calls_twice: int
    events_missing: int


@dataclass(frozen=True, slots=True)
class Run:
    """One cluster's run, through all of its rounds.

    Attributes:
        seed: Of the parties, and of the order of faults.
        synchronous: Strictly; else what was confirmed may be lost.
        rows: In the order in which they were lived.
        check_ins: Made by the kiosks in all.
        presses: Confirmed to counters in all.
        disagreements: What the books said at the end, a sentence each.

    """

    seed: int
    synchronous: bool
    rows: tuple[Row, ...]
    check_ins: int
    presses: int
    disagreements: tuple[str, ...]


class Rounds:
    """One cluster and one house, and what befalls them.

    Args:
        cluster: It runs.
        house: Everybody is at work.

    """

    def __init__(self, cluster: Cluster, house: House) -> None:
        self._cluster = cluster
        self._house = house
        ((version,),) = cluster.leader().tell("SHOW server_version_num")
        tls = "TLS" if cluster.tls else "no TLS"
        self._postgresql = f"{int(version) // 10000}, {tls}"

    def live_through(self, fault: Fault) -> Row:
        """Do it, and return what it came to when all is well again."""
        told_twice = numbers_twice(self._house), calls_twice(self._house.counters)
        cluster, before = self._cluster, self._cluster.leader().name
        begin = time.monotonic()
        fault.do(cluster, self._house)
        told = acknowledged(self._house)
        leader = self._new_leader(fault, before)
        led_after = time.monotonic() - begin
        gone = lost(told, leader)
        self._wait_until_all_are_answered(since=time.monotonic())
        over = time.monotonic()
        time.sleep(max(0.0, begin + NOTICED_SECONDS - over))
        cluster.heal()
        time.sleep(CALM_SECONDS)
        end = time.monotonic()
        missing = events_missing(list(self._house.log.heard), cluster.leader())
        return Row(
            fault=fault.name,
            postgresql=self._postgresql,
            counters_outage=self._worst_counter(begin, end),
            kiosks_wait=self._longest_wait(begin, end),
            numbers=self._numbers_between(begin, over),
            slips=self._slips_between(begin, over),
            led_after=led_after if fault.another_leads else None,
            check_ins_lost=len(gone.check_ins),
            presses_lost=len(gone.presses),
            numbers_twice=numbers_twice(self._house) - told_twice[0],
            calls_twice=calls_twice(self._house.counters) - told_twice[1],
            events_missing=missing,
        )

    def _new_leader(self, fault: Fault, before: str) -> Node:
        if not fault.another_leads:
            return self._cluster.leader()
        others = [node for node in self._cluster.nodes if node.name != before]
        self._cluster.wait_for(lambda: any(node.leads() for node in others), seconds=OVER_SECONDS)
        return next(node for node in others if node.leads())

    def _wait_until_all_are_answered(self, *, since: float) -> None:
        def answered() -> bool:
            return all(
                counter.answers and counter.answers[-1].asked > since
                for counter in self._house.counters
            )

        give_up = since + OVER_SECONDS
        while not answered():
            if time.monotonic() > give_up:
                raise ClusterError(f"counters are not answered for {OVER_SECONDS:.0f} s")
            time.sleep(0.1)

    def _worst_counter(self, begin: float, end: float) -> float:
        return max(
            longest_gap(counter.answers, begin=begin, end=end) for counter in self._house.counters
        )

    def _longest_wait(self, begin: float, end: float) -> float:
        return max(
            longest_wait(kiosk.answers, begin=begin, end=end) for kiosk, _ in self._house.kiosks
        )

    def _numbers_between(self, begin: float, end: float) -> int:
        return sum(
            begin < one.answered < end for kiosk, _ in self._house.kiosks for one in kiosk.answers
        )

    def _slips_between(self, begin: float, end: float) -> int:
        return sum(
            begin < moment < end
            for _, printer in self._house.kiosks
            for moment in printer.sheets.moments
        )


def run(
    folder: Path,
    faults: list[Fault],
    *,
    programs: Path,
    synchronous: bool,
    seed: int,
    between: float,
    say: Callable[[str], None],
) -> Run:
    """Live through faults, with one cluster and one house; return what they came to."""
    mode = "synchronous, strict" if synchronous else "asynchronous"
    (folder / "house").mkdir()
    (folder / "cluster").mkdir()
    cluster = Cluster(
        folder / "cluster", network.build(MACHINES), programs=programs, synchronous=synchronous
    )
    try:
        cluster.start()
        say(f"{mode}: {cluster.leader().name} leads, {cluster.standbys()}")
        dice = random.Random(seed)  # noqa: S311  # the same parties each time
        with house(folder / "house", database_url=cluster.url, dice=dice, between=between) as at:
            at.people.begin()
            time.sleep(CALM_SECONDS)
            rounds = Rounds(cluster, at)
            rows = []
            for number, fault in enumerate(faults, 1):
                rows.append(rounds.live_through(fault))
                say(f"{number}/{len(faults)} {fault.name}: {_brief(rows[-1])}")
            found = come_to_rest(at)
            return Run(
                seed,
                synchronous,
                tuple(rows),
                check_ins=sum(len(kiosk.given) for kiosk, _ in at.kiosks),
                presses=sum(len(counter.acknowledged) for counter in at.counters),
                disagreements=tuple(found),
            )
    finally:
        cluster.end()


def _brief(row: Row) -> str:
    lost = row.check_ins_lost + row.presses_lost
    twice = row.numbers_twice + row.calls_twice
    return (
        f"counters {row.counters_outage:.1f} s, kiosks {row.kiosks_wait:.2f} s,"
        f" {row.numbers} numbers and {row.slips} slips meanwhile,"
        f" lost {lost}, twice {twice}, events {row.events_missing}"
    )


def main() -> int:
    """Run inside the world that `ground.run_inside` makes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--result", type=Path, required=True)
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--faults", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--between", type=float, required=True)
    parser.add_argument("--asynchronous", action="store_true")
    options = parser.parse_args()
    try:
        done = run(
            options.folder,
            [FAULTS[name] for name in options.faults.split(",")],
            programs=options.programs,
            synchronous=not options.asynchronous,
            seed=options.seed,
            between=options.between,
            say=lambda text: print(text, flush=True),
        )
    except KeyboardInterrupt:
        return 130
    except ClusterError as error:
        print(f"the run broke off: {error}", file=sys.stderr)
        return 1
    options.result.write_text(json.dumps(asdict(done)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
