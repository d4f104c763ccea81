"""The files of a kiosk: what a disk may make of them, and what a person may write into them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from kiosk.contract.messages import SlipState
from kiosk.journal import Journal, JournalError
from kiosk.leftovers import Leftovers
from kiosk.private_key import KeyFileError, make_key, read_key
from kiosk.settings import SettingsError, read_settings
from tests.fuzz.contract import HOSTILE_TOML
from tests.fuzz.mutation import LONGEST
from tests.fuzz.target import Feed, Target, held, some
from tests.kiosk.arrivals import check_in

ENROLMENT = UUID("019aaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa")
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
CANARY = "AQIDBAUGBwgJCgsMDQ4PEA"
"""A token as settings hold it: no message may quote it."""

SETTINGS = f"""
data = "data"

[kiosk]
name = "entrance-1"
enrolment = "{ENROLMENT}"
letter = "D"
skip_numbers = [200, 300, 666]

[server]
url = "http://127.0.0.1:8080"
token = "{CANARY}"

[site]
id = "duesseldorf"
key_id = "k1"
public_key = "{"A" * 43}="
file = "site.toml"

[printer]
address = "tcp://127.0.0.1:9100"
""".encode()


def journals(folder: Path) -> list[bytes]:
    """Return the bytes of a journal that was lived in, and of one that is new."""
    found = []
    for parties in (0, 12):
        path = folder / f"journal-{parties}.db"
        journal = Journal(path, enrolment=ENROLMENT)
        for _ in range(parties):
            made = journal.issue(check_in, boot="boot", made=1.0)
            journal.set_slip(made.id, SlipState.SENDING)
            journal.set_slip(made.id, SlipState.PRINTED)
            if made.sequence % 3:
                journal.confirm(made.id)
        journal.count("abandoned")
        journal.close()
        found.append(path.read_bytes())
    return found


@contextmanager
def damaged_journals(folder: Path) -> Iterator[Feed]:
    """Lend what opens a journal of any bytes and does with it all that a kiosk does.

    Told as damaged, or sound: a sequence never goes back, and no number comes a second time.
    """
    path = folder / "fuzzed.db"

    def feed(data: bytes) -> None:
        path.write_bytes(data)
        for beside in folder.glob("fuzzed.db-*"):
            beside.unlink()
        try:
            journal = Journal(path, enrolment=ENROLMENT)
        except JournalError as error:
            held(bool(str(error)), "the error says nothing of use")
            return
        try:
            _live(journal)
        except JournalError as error:
            held(bool(str(error)), "the error says nothing of use")
        finally:
            journal.close()

    yield feed


def _live(journal: Journal) -> None:
    before = journal.sequence
    made = journal.issue(check_in, boot="boot", made=1.0)
    assert made.sequence == before + 1 == journal.sequence
    journal.set_slip(made.id, SlipState.SENDING)
    journal.depth, journal.refused, journal.undelivered, journal.counters()
    entry = journal.next_waiting()
    if entry is not None:
        journal.put_back(entry.id)
        journal.confirm(entry.id)
    journal.send_again([1, 2, 3])
    slip = journal.next_unreported_slip()
    if slip is not None:
        journal.slip_reported(slip.id, revision=slip.revision)
    journal.unsettled()
    journal.forget_confirmed(now=NOW)
    journal.site()
    journal.prove_writable()


@contextmanager
def settings_files(folder: Path) -> Iterator[Feed]:
    """Lend what reads a settings file of any bytes; no message quotes a secret."""
    path = folder / "kiosk.toml"

    def feed(data: bytes) -> None:
        path.write_bytes(data)
        try:
            settings = read_settings(path)
        except SettingsError as error:
            held(str(path) in f"{error}", "the error says nothing of use")
            held(CANARY not in f"{error}", "the message quotes a secret")
        else:
            assert CANARY not in f"{settings!r}", "it shows a secret"

    yield feed


@contextmanager
def words_of_staff(folder: Path) -> Iterator[Feed]:
    """Lend what reads the small files of leftovers, whatever is in them."""

    def feed(data: bytes) -> None:
        (folder / "printer-empty").write_bytes(data)
        leftovers = Leftovers(folder)
        said = leftovers.staff_said_since(3)
        assert said in (True, False)
        assert not leftovers.noted(0)
        leftovers.staff_say_empty(sequence=5)
        assert leftovers.staff_said_since(5)
        assert not leftovers.staff_said_since(6)

    yield feed


def key_files_corpus(folder: Path) -> list[bytes]:
    """Return a key file as a kiosk makes it."""
    path = folder / "made.key"
    make_key(path)
    return [path.read_bytes()]


@contextmanager
def key_files(folder: Path) -> Iterator[Feed]:
    """Lend what reads a kiosk's key file, whatever is in it."""
    path = folder / "kiosk.key"

    def feed(data: bytes) -> None:
        path.touch(mode=0o600)
        path.write_bytes(data)
        try:
            read_key(path)
        except KeyFileError as error:
            secret = data.decode("utf-8", "replace").strip().splitlines()[1:2]
            held(
                all(len(line) < 20 or line not in f"{error}" for line in secret),
                "the error says nothing of use",
            )

    yield feed


TARGETS = (
    Target(
        name="a damaged journal",
        holds="told as damaged, or it goes on: the sequence only grows",
        corpus=journals,
        open=damaged_journals,
        modules=("kiosk.journal",),
        longest_traced=LONGEST,
    ),
    Target(
        name="settings files",
        holds="refused with file and place, or read; no secret in any message",
        corpus=some([SETTINGS, *HOSTILE_TOML]),
        open=settings_files,
        modules=("kiosk.settings",),
        seconds=2.0,
    ),
    Target(
        name="notes of leftovers",
        holds="what is no word of staff is none",
        corpus=some([b"5\n", b"0", b"999999999999999999999", b"\xff"]),
        open=words_of_staff,
        modules=("kiosk.leftovers",),
    ),
    Target(
        name="key files",
        holds="refused with what to do, or read; the key in no message",
        corpus=key_files_corpus,
        open=key_files,
        modules=("kiosk.private_key",),
    ),
)
