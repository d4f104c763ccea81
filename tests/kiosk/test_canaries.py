"""What parties answered stands in no file of a kiosk: not after they left, not after a crash.

The parties answer with texts that nothing else has; then every byte of every file that the kiosk
has is searched, in every way in which a text may be written. A kiosk that leaks on purpose, and a
database that does not overwrite, prove that the search would find it.
"""

import base64
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from kiosk.contract.messages import CheckInContent, RefusalCode
from printer.virtual_printer import VirtualPrinter
from tests.kiosk.arrivals import SETTINGS
from tests.kiosk.canary_process import Life
from tests.kiosk.central import Central, refusal
from tests.kiosk.leaks import leaks, writings
from tests.kiosk.loopback import Loopback
from tests.stand.warm import ROOT

pytestmark = pytest.mark.slow

SITE_FILE = ROOT / "assets" / "sites" / "own-questions.toml"
SITE_ID, FORMER_ID = 'id = "own-questions"', 'id = "hbf"'

TOWN, LETTER = "Kanarienvögelburg-Жовтеньське", "718293"

CONTENT = CheckInContent(
    language="uk",
    adults=17,
    children=19,
    answers={"before": ("no",), "town": (TOWN,)},
    route=("information", "onward-travel"),
    priority=True,
    ticket_token="A" * 22,
)

SHAPES = (
    '"language":"uk"',
    '"adults":17',
    '"children":19',
    '"answers":{',
    '"before":["no"]',
    '"route":["information"',
    '"ticket_token"',
)
"""How a content names what is in no way unusual: language, size, needs."""

LINES_BETWEEN_DEATHS = 29
"""Of journal and reception, from the kiosk's start to what is noted of the slip."""


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.kiosk.canary_process"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        yield running
        assert running.stdin
        running.stdin.close()


@dataclass
class Kiosk:
    """A kiosk's folder, and the lives that it has there."""

    process: subprocess.Popen[str]
    settings: Path
    central: Central

    def live(self, **life: Any) -> tuple[list[str], int]:
        """Return the tokens of the tickets that parties got, and how the kiosk ended."""
        order = Life(f"{self.settings}", TOWN, LETTER, **life)
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{order.to_line()}\n")
        self.process.stdin.flush()
        tokens: list[str] = []
        for line in self.process.stdout:
            told = json.loads(line)
            if "ended" in told:
                return tokens, told["ended"]
            tokens.append(told["token"])
        raise AssertionError("the process has gone")

    def leaks(self, *tokens: str) -> list[tuple[str, str, str]]:
        return leaks([self.settings.parent], [TOWN, TOWN[:12], LETTER, *SHAPES, *tokens])

    def log(self) -> str:
        return (self.settings.parent / "log").read_text()

    def states(self) -> list[str]:
        with closing(sqlite3.connect(self.settings.parent / "data" / "journal.db")) as journal:
            return [s for (s,) in journal.execute("SELECT state FROM outbox ORDER BY sequence")]


@pytest.fixture
def kiosk(
    process: subprocess.Popen[str], folder: Path, server: Loopback, central: Central
) -> Iterator[Kiosk]:
    """A kiosk that asks questions of its own, with a virtual printer and a server."""
    site = SITE_FILE.read_text(encoding="utf-8").replace(SITE_ID, FORMER_ID)
    address = 'public_address = "https://ankunft.example/"\n'
    (folder / "hbf.toml").write_text(address + site, encoding="utf-8")
    with VirtualPrinter() as printer:
        settings = SETTINGS.replace("tcp://127.0.0.1:9", printer.address)
        settings = settings.replace("http://127.0.0.1:9", server.url)
        (folder / "kiosk.toml").write_text(settings, encoding="utf-8")
        yield Kiosk(process, folder / "kiosk.toml", central)


def test_nothing_that_parties_answered_stays_whether_it_was_delivered_or_not(kiosk: Kiosk) -> None:
    delivered, ended = kiosk.live(parties=3)
    assert (len(delivered), ended) == (3, 0)
    kiosk.central.fail = lambda _: refusal(503, RefusalCode.TRY_AGAIN)
    waiting, ended = kiosk.live(parties=2)
    assert (len(waiting), ended) == (2, 0)

    assert kiosk.states() == ["confirmed"] * 3 + ["waiting"] * 2
    assert "PUT /v1/check-ins/" in kiosk.log()  # it tells more than a kiosk's ever does
    assert {len(token) for token in (*delivered, *waiting)} == {22}
    assert kiosk.leaks(*delivered, *waiting) == []


def test_nothing_stays_of_a_party_in_whose_dialogue_the_kiosk_was_killed(kiosk: Kiosk) -> None:
    assert kiosk.live(in_dialogue=True) == ([], -9)

    assert kiosk.leaks() == []
    assert (kiosk.settings.parent / "data" / "journal.db").exists()


def test_nothing_stays_wherever_the_kiosk_is_killed_while_a_party_gets_its_number(
    kiosk: Kiosk,
) -> None:
    tokens, deaths = [], 0
    for line in count(LINES_BETWEEN_DEATHS, LINES_BETWEEN_DEATHS):
        got, ended = kiosk.live(parties=1, die_at=line)
        tokens += got
        assert kiosk.leaks(*tokens) == []
        if ended == 0:
            break
        assert ended == -9
        deaths += 1

    assert deaths >= 5
    assert len(kiosk.states()) >= 2  # some died after their party's number was written down


@pytest.mark.parametrize(
    ("how", "file", "canary"),
    [("log", "log", TOWN), ("unsealed", "journal.db", TOWN), ("unsealed", "journal.db", SHAPES[1])],
)
def test_a_kiosk_that_leaked_would_be_found_out(
    kiosk: Kiosk, how: str, file: str, canary: str
) -> None:
    kiosk.live(parties=1, leaks=how)

    assert (file, canary) in {(name, what) for name, what, _ in kiosk.leaks()}


# ---- the search itself ----


def test_the_shapes_that_are_sought_are_those_of_a_content() -> None:
    written = CONTENT.to_bytes().decode()

    assert [shape for shape in SHAPES if shape not in written] == []


@pytest.mark.parametrize("way", writings(TOWN))
@pytest.mark.parametrize("around", [b"", b"\0\0x", b"{\xff"])
def test_a_text_is_found_in_every_writing_wherever_it_stands(
    tmp_path: Path, way: str, around: bytes
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(around + writings(TOWN)[way] + around)

    assert ("file", TOWN, way) in leaks([tmp_path], [TOWN])
    assert leaks([tmp_path], ["another text"]) == []


def test_a_text_is_found_in_the_middle_of_base64_at_any_place(tmp_path: Path) -> None:
    for before in range(7):
        (tmp_path / "file").write_bytes(base64.b64encode(b"." * before + TOWN.encode() + b"..."))
        assert leaks([tmp_path], [TOWN]), before


def test_a_text_in_the_name_of_a_file_is_found(tmp_path: Path) -> None:
    (tmp_path / TOWN).touch()

    assert leaks([tmp_path], [TOWN])


@pytest.mark.parametrize(("overwrites", "found"), [("OFF", True), ("ON", False)])
def test_what_a_database_has_deleted_is_found_where_it_does_not_overwrite(
    tmp_path: Path, overwrites: str, *, found: bool
) -> None:
    with closing(sqlite3.connect(tmp_path / "it.db", isolation_level=None)) as database:
        database.execute(f"PRAGMA secure_delete = {overwrites}")
        database.execute("CREATE TABLE told (what TEXT)")
        database.execute("BEGIN")
        database.executemany("INSERT INTO told VALUES (?)", [(f"{TOWN} {n}",) for n in range(500)])
        database.execute("COMMIT")
        database.execute("DELETE FROM told")

    assert bool(leaks([tmp_path], [TOWN])) is found


def test_what_a_cut_off_transaction_has_left_beside_a_database_is_found(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "it.db", isolation_level=None)) as database:
        database.execute("CREATE TABLE told (what TEXT)")
        database.execute("INSERT INTO told VALUES (?)", (TOWN,))
        database.execute("PRAGMA cache_size = 1")
        database.execute("BEGIN")
        database.execute("UPDATE told SET what = 'nothing'")
        database.executemany("INSERT INTO told VALUES (?)", [("x" * 900,) for _ in range(50)])

        assert ("it.db-journal", TOWN, "UTF-8") in leaks([tmp_path], [TOWN])
