"""The outbox as a file: what is in it, from a kiosk that runs, and from one that was cut off."""

import base64
import io
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.contract.messages import CheckIn
from kiosk.contract.outbox_file import OutboxReader
from kiosk.journal import Journal, JournalError, NoJournalYet
from kiosk.private_key import make_key, public_half
from tests.kiosk.arrivals import ENROLMENT, SETTINGS, SITE_TEXT, issue

Export = Callable[[], tuple[int, str]]


@pytest.fixture
def place(folder: Path) -> Path:
    """The folder of a kiosk that has given out three numbers."""
    (folder / "kiosk.toml").write_text(SETTINGS)
    (folder / "hbf.toml").write_text(SITE_TEXT)
    (folder / "data").mkdir()
    return folder


@pytest.fixture
def three(place: Path) -> list[CheckIn]:
    journal = Journal(place / "data" / "journal.db", enrolment=ENROLMENT)
    made = issue(journal, 3)
    journal.confirm(made[0].id)
    journal.refuse(made[1].id, reason="status 422")
    journal.close()
    return made


@pytest.fixture
def export(place: Path, capsys: pytest.CaptureFixture[str]) -> Export:
    def run() -> tuple[int, str]:
        settings, out = place / "kiosk.toml", place / "outbox.txt"
        code = main(["export-outbox", "--settings", f"{settings}", "--out", f"{out}"])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def exported(place: Path) -> OutboxReader:
    return OutboxReader(io.BytesIO((place / "outbox.txt").read_bytes()))


def test_all_entries_are_exported_byte_by_byte_confirmed_and_refused_ones_too(
    place: Path, three: list[CheckIn], export: Export
) -> None:
    code, said = export()

    outbox = exported(place)
    assert code == 0
    assert "3 check-ins, sealed, not signed" in said
    assert list(outbox.bodies()) == [check_in.to_bytes() for check_in in three]
    assert (outbox.header.kiosk, outbox.header.enrolment) == ("entrance-1", ENROLMENT)
    assert stat.S_IMODE((place / "outbox.txt").stat().st_mode) == 0o600


def test_a_kiosk_that_has_a_key_signs_the_file(
    place: Path, three: list[CheckIn], export: Export
) -> None:
    key = make_key(place / "kiosk.key")

    export()

    public = base64.b64encode(public_half(key)).decode()
    assert exported(place).is_signed_by(public)
    assert len(list(exported(place).bodies())) == len(three)


def test_nothing_is_clear_in_the_file_that_is_not_clear_in_an_envelope(
    place: Path, three: list[CheckIn], export: Export
) -> None:
    export()

    header, *entries, _ = (place / "outbox.txt").read_bytes().splitlines()
    assert set(exported(place).header.model_dump()) == {
        "ankunft",
        "version",
        "site",
        "kiosk",
        "enrolment",
        "entries",
    }
    assert len(header) < 250
    assert [CheckIn.model_validate_json(base64.b64decode(entry)) for entry in entries] == three


def test_the_kiosk_may_run_meanwhile_and_keeps_what_it_has(
    place: Path, three: list[CheckIn], export: Export
) -> None:
    running = Journal(place / "data" / "journal.db", enrolment=ENROLMENT)
    before = (place / "data" / "journal.db").read_bytes()

    assert export()[0] == 0

    assert (place / "data" / "journal.db").read_bytes() == before
    assert (running.depth(), running.sequence) == (2, len(three))
    running.close()


def test_a_kiosk_that_was_cut_off_in_the_middle_of_a_change_is_exported_without_it(
    place: Path, three: list[CheckIn], export: Export
) -> None:
    data, torn = place / "data", place / "torn"
    journal = Journal(data / "journal.db", enrolment=ENROLMENT)
    journal._db.execute("PRAGMA cache_size = 1")  # so that it reaches the disk at once
    journal._db.execute("BEGIN IMMEDIATE")
    journal._db.execute("UPDATE outbox SET body = zeroblob(50000)")
    shutil.copytree(data, torn)  # as the disk is found
    journal._db.execute("ROLLBACK")
    journal.close()
    assert (torn / "journal.db-journal").stat().st_size
    shutil.rmtree(data)
    torn.rename(data)

    code, said = export()

    assert code == 0, said
    assert list(exported(place).bodies()) == [check_in.to_bytes() for check_in in three]


def test_a_file_that_is_there_is_not_written_over(
    place: Path, three: list[CheckIn], export: Export
) -> None:
    (place / "outbox.txt").write_text("somebody's")

    code, said = export()

    assert (code, len(three)) == (2, 3)
    assert "is there already; name a new file" in said
    assert (place / "outbox.txt").read_text() == "somebody's"


def test_a_kiosk_that_has_never_run_has_nothing_to_export(place: Path, export: Export) -> None:
    code, said = export()

    assert code == 2
    assert "has never run with these settings" in said
    assert not (place / "outbox.txt").exists()


def test_no_series_begins_by_exporting_a_journal_that_is_empty(place: Path, export: Export) -> None:
    path = place / "data" / "journal.db"
    path.write_bytes(b"")

    code, said = export()

    assert code == 2
    assert "the journal of this enrolment is not there" in said
    assert path.read_bytes() == b""
    with pytest.raises(JournalError):
        Journal(path, enrolment=ENROLMENT, none_yet=NoJournalYet.REFUSE)
    assert not (place / "outbox.txt").exists()
