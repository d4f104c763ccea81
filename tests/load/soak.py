"""`make soak`: a kiosk and a server over 10,000 parties, and what grows in either of them."""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import requests
from uuid_utils.compat import uuid7

from server_stub.staff_api import paths
from tests.chaos.results import RunOf
from tests.day.office import LEAD, PASSWORD
from tests.load.page import put_into_page
from tests.load.soak_kiosk import PARTIES_A_DAY, Told
from tests.load.watching import Growth, Held, growth, held_by
from tests.stand.server import ROOT, ServerStand, run_server

RESULT = ROOT / "build" / "soak.json"
PARTIES = 10_000
PIECES = 10
REST_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Moment:
    """Kiosk and server after so many parties."""

    kiosk: Told
    server: Held


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of a soak.

    Attributes:
        moments: In order; the first is of a kiosk and a server that were warm.
        seconds: How long it took.
        served: Parties that counters finished.
        check: What `check` said at its end.
        is_sound: Whether it found nothing.

    """

    moments: tuple[Moment, ...]
    seconds: float
    served: int
    check: str
    is_sound: bool

    @property
    def last(self) -> Moment:
        """When all was delivered."""
        return self.moments[-1]

    def growth_of_kiosk(self) -> Growth:
        """Return how its memory grew, after the first of ten pieces."""
        return growth([(m.kiosk.parties, m.kiosk.held.mb) for m in self._warm()])

    def growth_of_server(self) -> Growth:
        """Return the same of the server."""
        return growth([(m.kiosk.parties, m.server.mb) for m in self._warm()])

    def _warm(self) -> Sequence[Moment]:
        return self.moments[max(1, len(self.moments) // 5) :]


def soak(folder: Path, *, parties: int, every: int) -> Soaked:
    """Soak in an empty folder; look at both after each `every` parties."""
    began = time.monotonic()
    with ExitStack() as stack:
        server = ServerStand(folder / "server")
        server.set_up()
        server.add_staff(LEAD, PASSWORD)
        address = stack.enter_context(_printer())
        settings = server.add_kiosk("soak-1", folder / "kiosk", printer=address)
        stack.enter_context(server)
        (folder / "kiosk" / "site.toml").write_bytes(server.site_file.read_bytes())
        counters = stack.enter_context(_Counters(server.address))
        moments = tuple(
            Moment(told, held_by(server.pid)) for told in _kiosk(settings, parties, every)
        )
        counters.finish()
        said = run_server("check", "--data", str(server.data))
    return Soaked(
        moments=moments,
        seconds=time.monotonic() - began,
        served=counters.finished,
        check=(said.stdout + said.stderr).strip().splitlines()[-1],
        is_sound=said.returncode == 0,
    )


def table(soaked: Soaked, run: RunOf) -> str:
    """Return it as a part of a page."""
    head = ("parties", "kiosk", "files, threads", "journal", "entries, waiting")
    more = ("check-in p50, p99", "slip out p50", "server", "files, threads")
    grew = (
        f"After the first fifth the kiosk grew by {_grew(soaked.growth_of_kiosk())}, "
        f"the server by {_grew(soaked.growth_of_server())}, for each thousand parties. "
        f"{soaked.served:,} parties were served to the end; `check`: {soaked.check}"
    )
    lines = (
        f"Commit {run.commit}, {run.date}; {run.machine}; {soaked.seconds / 60:.0f} minutes.",
        "",
        f"| {' | '.join((*head, *more))} |",
        f"|{'---|' * 9}",
        *map(_row, soaked.moments),
        "",
        grew,
    )
    return "\n".join(lines)


def _grew(grew: Growth) -> str:
    return f"{grew.slope:+.2f} ± {grew.spread:.2f} MB"


def _row(moment: Moment) -> str:
    kiosk, server = moment.kiosk, moment.server
    cells = (
        f"{kiosk.parties:,}",
        f"{kiosk.held.mb:.1f} MB",
        f"{kiosk.held.files}, {kiosk.held.threads}",
        f"{kiosk.journal_kb:,.0f} kB",
        f"{kiosk.kept:,}, {kiosk.waiting}",
        f"{kiosk.p50:.1f}, {kiosk.p99:.1f} ms",
        f"{kiosk.paper_p50:.0f} ms",
        f"{server.mb:.1f} MB",
        f"{server.files}, {server.threads}",
    )
    return f"| {' | '.join(cells)} |"


@contextmanager
def _printer() -> Iterator[str]:
    """Lend the address of a printer in a process of its own."""
    command = [sys.executable, "-m", "tests.load.soak_printer"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _kiosk(settings: Path, parties: int, every: int) -> Iterator[Told]:
    """Yield what a kiosk tells that takes in so many parties."""
    command = [sys.executable, "-m", "tests.load.soak_kiosk", str(settings)]
    with (
        (settings.parent / "kiosk.log").open("w") as log,
        subprocess.Popen(
            [*command, str(parties), str(every)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout
        for line in process.stdout:
            said: dict[str, Any] = json.loads(line)
            told = Told(**said | {"held": Held(**said["held"])})
            print(f"  {told.parties} parties, kiosk {told.held.mb:.1f} MB", flush=True)
            yield told
    if process.returncode:
        raise AssertionError((settings.parent / "kiosk.log").read_text(encoding="utf-8")[-2000:])


class _Counters:
    """Staff who call, serve and let go whoever waits, at every stage; each counter has a thread.

    Attributes:
        finished: Parties that went home.

    """

    def __init__(self, address: str) -> None:
        self.finished = 0
        self._address = address
        self._over = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        session = requests.Session()
        login = {"name": LEAD, "password": PASSWORD}
        answer = session.post(self._address + paths.SESSIONS, json=login, timeout=60)
        answer.raise_for_status()
        self._headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        session.close()
        self._threads = [
            threading.Thread(target=self._work, args=(str(counter),)) for counter in range(1, 8)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def finish(self) -> None:
        """Serve whoever still waits, and go home."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, counter: str) -> None:
        session = requests.Session()
        session.headers.update(self._headers)
        alone = 0
        while alone < 3:  # a party that was just sent on may come to this stage once more
            came = self._press(session, {"step": "call-next", "counter": counter})["visit"]
            if came is None:
                alone += self._over.is_set()
                time.sleep(REST_SECONDS * (1 + 10 * self._over.is_set()))
                continue
            alone = 0
            seen = {"visit": came["id"], "counter": counter}
            came = self._press(session, {**seen, "step": "serve", "seen": came["version"]})["visit"]
            step = "finish" if came["stage"] == came["route"][-1] else "forward"
            self._press(session, {**seen, "step": step, "seen": came["version"]})
            with self._lock:
                self.finished += step == "finish"
        session.close()

    def _press(self, session: requests.Session, body: dict[str, object]) -> dict[str, Any]:
        url = f"{self._address}{paths.ACTIONS}/{uuid7()}"
        answer = session.put(url, json=body, timeout=60)
        if answer.status_code not in {200, 201}:
            raise AssertionError(f"{body}: {answer.status_code} {answer.text}")
        told: dict[str, Any] = answer.json()
        return told


def main() -> int:
    """Soak, and print the table; return 1 where something was not delivered or served."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--parties", type=int, default=PARTIES, help=f"default: {PARTIES}")
    parser.add_argument("--write", action="store_true", help="put the table into docs/load.md")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ankunft-soak-", dir=ROOT / "build") as folder:
        every = max(1, options.parties // (2 * PIECES))
        soaked = soak(Path(folder), parties=options.parties, every=every)
    ran = RunOf.now(minutes=(time.monotonic() - began) / 60)
    text = f"{options.parties:,} parties, {PARTIES_A_DAY} a day.\n\n{table(soaked, ran)}"
    print(f"\n{text}")
    RESULT.write_text(json.dumps(asdict(soaked) | {"commit": ran.commit}, indent=1) + "\n", "utf-8")
    if options.write:
        put_into_page("soak", text)
    all_served = soaked.served == options.parties and not soaked.last.kiosk.waiting
    return 0 if soaked.is_sound and all_served else 1


if __name__ == "__main__":
    sys.exit(main())
