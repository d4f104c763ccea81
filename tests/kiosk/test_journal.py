import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.contract.messages import CheckIn, SlipState, Trouble
from kiosk.journal import (
    KEEP_CONFIRMED,
    NEXT_SLIP,
    Journal,
    JournalError,
    NoJournalYet,
    OutOfServiceError,
)
from tests.kiosk.arrivals import ENROLMENT, NINE, check_in, issue

OTHER = UUID("0190a000-0000-7000-8000-00000000000e")
UNKNOWN = UUID(int=7)


def reopen(journal: Journal) -> Journal:
    journal.close()
    return Journal(journal._path, enrolment=ENROLMENT)


def waiting(journal: Journal) -> list[str]:
    """Return the numbers of the outbox in the order in which they would be delivered."""
    numbers = []
    while entry := journal.next_waiting():
        numbers.append(CheckIn.model_validate_json(entry.body).number)
        journal.confirm(entry.id)
    return numbers


def reach(journal: Journal, made: CheckIn, state: SlipState) -> None:
    """Take a slip to a state by legal steps."""
    ways = {
        SlipState.WAITING: (),
        SlipState.SENDING: (SlipState.SENDING,),
    }
    for step in ways.get(state, (SlipState.SENDING, state)):
        journal.set_slip(made.id, step)


def test_a_new_journal_has_given_out_nothing(journal: Journal) -> None:
    assert (journal.sequence, journal.stopped, journal.depth()) == (0, "", 0)
    assert (journal.next_waiting(), journal.counters(), journal.site()) == (None, {}, None)


def test_a_check_in_its_number_and_its_slip_are_there_together(journal: Journal) -> None:
    made = journal.issue(check_in, boot="boot-1", made=12.5)

    entry = journal.next_waiting()
    assert entry is not None
    assert (entry.id, entry.body) == (made.id, made.to_bytes())
    assert (entry.boot, entry.made) == ("boot-1", 12.5)
    assert (journal.slip(made.id).state, journal.slip(made.id).copies) == (SlipState.WAITING, 0)
    assert (journal.sequence, journal.depth(), journal.counters()) == (1, 1, {"check_ins": 1})


def test_a_sequence_is_not_used_when_its_check_in_cannot_be_made(journal: Journal) -> None:
    def fail(sequence: int) -> CheckIn:
        raise ValueError(f"no key for {sequence}")

    with pytest.raises(ValueError, match="no key for 1"):
        journal.issue(fail, boot="boot-1", made=0)

    assert (journal.sequence, journal.depth(), journal.counters()) == (0, 0, {})
    assert issue(journal)[0].sequence == 1


def test_a_second_check_in_under_one_id_writes_nothing(journal: Journal) -> None:
    issue(journal)

    with pytest.raises(JournalError, match="nothing was written"):
        journal.issue(lambda _: check_in(1), boot="boot-1", made=0)

    assert (journal.sequence, journal.depth()) == (1, 1)


def test_a_full_disk_writes_nothing_and_says_so(journal: Journal) -> None:
    made = issue(journal)
    pages = journal._value("PRAGMA page_count")
    journal._db.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        while len(made) < 50:
            made.extend(issue(journal))

    with pytest.raises(JournalError, match=r"journal\.db: nothing was written .*full.*free space"):
        fill()

    assert (journal.sequence, journal.depth()) == (len(made), len(made))
    assert journal.counters() == {"check_ins": len(made)}
    journal._db.execute("PRAGMA max_page_count = 1000000")
    assert issue(journal)[0].sequence == len(made) + 1


def test_the_sequence_goes_on_after_a_restart(journal: Journal) -> None:
    issue(journal, 3)

    again = reopen(journal)

    assert issue(again)[0].number == "D104"
    again.close()


def test_a_stopped_kiosk_gives_out_no_number_and_still_delivers(journal: Journal) -> None:
    issue(journal)
    journal.stop("enrol this kiosk anew")

    with pytest.raises(OutOfServiceError, match="gives out no numbers: enrol this kiosk anew"):
        issue(journal)

    again = reopen(journal)
    assert (again.stopped, again.sequence, waiting(again)) == ("enrol this kiosk anew", 1, ["D101"])
    again.close()


# --- where a series begins ----------------------------------------------------------------------

REFUSE, WAITING = NoJournalYet.REFUSE, NoJournalYet.BEGIN_WAITING


def test_no_series_begins_by_opening_a_journal_that_is_gone(folder: Path) -> None:
    path = folder / "journal.db"
    for spoil in (lambda: None, path.touch):  # not there; there and empty
        spoil()
        with pytest.raises(JournalError, match=r"is not there.* enrol anew with") as raised:
            Journal(path, enrolment=ENROLMENT, none_yet=REFUSE)
        assert raised.value.trouble is Trouble.STOPPED

    assert not path.exists() or not path.stat().st_size


def test_a_series_begun_by_enrolling_gives_out_nothing_before_the_server_was_heard(
    folder: Path,
) -> None:
    Journal(folder / "journal.db", enrolment=ENROLMENT, none_yet=WAITING).close()
    journal = Journal(folder / "journal.db", enrolment=ENROLMENT, none_yet=REFUSE)
    with pytest.raises(OutOfServiceError, match="before the server answers and knows it"):
        issue(journal)

    journal.server_heard()

    assert issue(journal)[0].number == "D101"
    again = reopen(journal)
    assert not again.awaits_server
    again.close()


def test_a_journal_of_the_first_version_goes_on_as_it_is(journal: Journal) -> None:
    issue(journal, 2)
    for column in ("heard", "hardware"):
        journal._db.execute(f"ALTER TABLE kiosk DROP COLUMN {column}")
    journal._db.execute("DROP INDEX outbox_by_key")
    journal._db.execute("PRAGMA user_version = 1")

    again = reopen(journal)

    assert (again.sequence, again.awaits_server, again.hardware) == (2, False, "")
    assert again.keys() == {"key-1"}
    assert issue(again)[0].number == "D103"
    again.close()


def test_the_keys_of_all_entries_are_known_confirmed_or_not(journal: Journal) -> None:
    first, _ = issue(journal, 2)
    journal.confirm(first.id)

    def sealed_anew(sequence: int) -> CheckIn:
        return check_in(sequence).model_copy(update={"key_id": "key-2"})

    journal.issue(sealed_anew, boot="boot", made=0.0)

    assert journal.keys() == {"key-1", "key-2"}


def test_an_entry_that_a_bad_disk_made_unreadable_hides_no_other_key(journal: Journal) -> None:
    issue(journal, 2)
    journal._db.execute("UPDATE outbox SET body = x'ff00' WHERE sequence = 1")

    assert journal.keys() == {"key-1"}


# --- what is on disk ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "delete"), ("synchronous", 3), ("secure_delete", 1), ("user_version", 2)],
)
def test_the_file_is_kept_as_the_design_says(journal: Journal, pragma: str, value: object) -> None:
    assert journal._value(f"PRAGMA {pragma}") == value


def test_a_transaction_leaves_no_second_file(journal: Journal) -> None:
    issue(journal)

    assert [path.name for path in journal._path.parent.iterdir()] == ["journal.db"]


def test_what_is_deleted_is_overwritten(journal: Journal) -> None:
    (made,) = issue(journal)
    trace = str(made.id).encode()
    assert trace in journal._path.read_bytes()
    journal.confirm(made.id)
    journal.forget_confirmed(now=NINE)

    journal.forget_confirmed(now=NINE + KEEP_CONFIRMED + timedelta(seconds=1))

    assert trace not in journal._path.read_bytes()


def test_a_journal_of_another_enrolment_is_refused_and_not_changed(journal: Journal) -> None:
    issue(journal)
    journal.close()
    before = journal._path.read_bytes()

    with pytest.raises(JournalError, match=rf"belongs to enrolment {ENROLMENT}.*name {OTHER}"):
        Journal(journal._path, enrolment=OTHER)

    assert journal._path.read_bytes() == before


def damaged_header(content: bytes) -> bytes:
    return b"not a journal at all" + content[20:]


def cut_in_half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def damaged_tables(content: bytes) -> bytes:
    return content[:4096] + b"\xff" * (len(content) - 4096)


@pytest.mark.parametrize("damage", [damaged_header, cut_in_half, damaged_tables])
def test_a_damaged_journal_is_refused_and_not_changed(
    journal: Journal, damage: Callable[[bytes], bytes]
) -> None:
    issue(journal, 5)
    journal.close()
    content = damage(journal._path.read_bytes())
    journal._path.write_bytes(content)

    with pytest.raises(JournalError, match="do not delete it, it holds check-ins"):
        Journal(journal._path, enrolment=ENROLMENT)

    assert journal._path.read_bytes() == content


def test_a_journal_of_a_newer_program_is_refused_and_not_changed(journal: Journal) -> None:
    journal._db.execute("PRAGMA user_version = 3")
    journal.close()
    before = journal._path.read_bytes()

    with pytest.raises(JournalError, match="written by a newer program"):
        Journal(journal._path, enrolment=ENROLMENT)

    assert journal._path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(JournalError, match=r"gone/journal\.db: the journal cannot be used"):
        Journal(folder / "gone" / "journal.db", enrolment=ENROLMENT)


def test_a_look_changes_nothing(journal: Journal) -> None:
    (made,) = issue(journal)
    journal.set_slip(made.id, SlipState.SENDING)
    before = journal._path.read_bytes()

    look = Journal(journal._path, enrolment=ENROLMENT, look_only=True)

    assert (look.sequence, look.depth(), look.slip(made.id).state) == (1, 1, SlipState.SENDING)
    with pytest.raises(JournalError, match="nothing was written"):
        issue(look)
    look.close()
    assert journal._path.read_bytes() == before
    journal.set_slip(made.id, SlipState.PRINTED)


@pytest.mark.parametrize("content", [None, b""])
def test_a_look_at_a_journal_that_was_never_used_is_refused(
    folder: Path, content: bytes | None
) -> None:
    path = folder / "journal.db"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(JournalError):
        Journal(path, enrolment=ENROLMENT, look_only=True)

    assert path.exists() == (content is not None)


def test_a_look_at_a_journal_without_an_owner_is_refused(journal: Journal) -> None:
    journal._db.execute("DELETE FROM kiosk")  # cut off between its tables and its owner

    with pytest.raises(JournalError, match="no enrolment yet"):
        Journal(journal._path, enrolment=ENROLMENT, look_only=True)


def test_a_journal_belongs_to_the_thread_that_opened_it(journal: Journal) -> None:
    raised: list[BaseException] = []

    def misuse() -> None:
        for use in (issue, Journal.next_waiting, Journal.depth):
            try:
                use(journal)
            except JournalError as error:
                raised.append(error)

    thread = threading.Thread(target=misuse)
    thread.start()
    thread.join()

    assert ["thread" in str(error) for error in raised] == [True, True, True]
    assert journal.sequence == 0


def test_a_journal_that_another_program_holds_is_waited_for_and_then_refused(
    journal: Journal,
) -> None:
    other = sqlite3.connect(journal._path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    journal._db.execute("PRAGMA busy_timeout = 1")

    with pytest.raises(JournalError, match=r"nothing was written .*locked"):
        issue(journal)

    other.execute("ROLLBACK")
    other.close()
    assert issue(journal)[0].sequence == 1


# --- outbox -------------------------------------------------------------------------------------


def test_check_ins_are_delivered_in_the_order_of_arrival(journal: Journal) -> None:
    issue(journal, 3)

    assert waiting(journal) == ["D101", "D102", "D103"]
    assert (journal.depth(), journal.next_waiting()) == (0, None)


def test_the_bytes_to_send_are_the_same_after_a_restart(journal: Journal) -> None:
    (made,) = issue(journal)

    again = reopen(journal)

    entry = again.next_waiting()
    assert entry is not None
    assert entry.body == made.to_bytes()
    again.close()


def test_a_check_in_that_is_put_back_comes_after_all_others(journal: Journal) -> None:
    first, second, _ = issue(journal, 3)

    journal.put_back(first.id)
    journal.put_back(second.id)
    issue(journal)

    assert waiting(journal) == ["D103", "D101", "D102", "D104"]


def test_the_last_one_can_be_put_back_for_ever(journal: Journal) -> None:
    (made,) = issue(journal)

    for _ in range(3):
        journal.put_back(made.id)

    assert waiting(journal) == ["D101"]


def test_a_refused_check_in_stays_for_staff_and_is_never_sent(journal: Journal) -> None:
    first, _ = issue(journal, 2)

    journal.refuse(first.id, reason="status 422")

    assert waiting(journal) == ["D102"]
    assert (journal.refused(), journal.depth()) == (1, 1)
    assert journal.send_again([1]) == 0


def test_what_the_server_misses_is_sent_again_in_the_old_order(journal: Journal) -> None:
    issue(journal, 4)
    waiting(journal)

    assert journal.send_again([3, 1, 77]) == 2
    assert waiting(journal) == ["D101", "D103"]


def test_what_waits_already_is_not_sent_twice(journal: Journal) -> None:
    issue(journal)

    assert journal.send_again([1]) == 0
    assert waiting(journal) == ["D101"]


def test_confirmed_check_ins_are_forgotten_after_seven_days(journal: Journal) -> None:
    early, late, waits = issue(journal, 3)
    journal.confirm(early.id)
    assert journal.forget_confirmed(now=NINE) == 0
    journal.confirm(late.id)
    assert journal.forget_confirmed(now=NINE + timedelta(seconds=1)) == 0

    assert journal.forget_confirmed(now=NINE + timedelta(days=7)) == 0
    assert journal.forget_confirmed(now=NINE + timedelta(days=7, microseconds=1)) == 1
    assert journal.forget_confirmed(now=NINE + timedelta(days=700)) == 1

    for gone in (early, late):
        with pytest.raises(JournalError, match="no slip"):
            journal.slip(gone.id)
    assert waiting(journal) == [waits.number]
    assert journal.sequence == 3


def test_the_seven_days_of_what_was_confirmed_begin_when_the_time_is_first_known(
    journal: Journal,
) -> None:
    (made,) = issue(journal)
    journal.confirm(made.id)

    assert journal.forget_confirmed(now=NINE) == 0
    assert journal.forget_confirmed(now=NINE + timedelta(days=7)) == 0
    assert journal.forget_confirmed(now=NINE + timedelta(days=7, seconds=1)) == 1


def test_the_seven_days_are_the_same_in_whatever_zone_the_time_is_told(journal: Journal) -> None:
    (made,) = issue(journal)
    journal.confirm(made.id)
    journal.forget_confirmed(now=NINE.astimezone(timezone(timedelta(hours=14))))

    assert journal.forget_confirmed(now=NINE + timedelta(days=7, minutes=1)) == 1


def test_a_time_that_is_yet_to_come_is_counted_from_now(journal: Journal) -> None:
    (made,) = issue(journal)
    journal.confirm(made.id)
    journal.forget_confirmed(now=NINE + timedelta(days=400))

    assert journal.forget_confirmed(now=NINE) == 0
    assert journal.forget_confirmed(now=NINE + timedelta(days=8)) == 1


def test_a_refused_check_in_is_never_forgotten(journal: Journal) -> None:
    (made,) = issue(journal)
    journal.refuse(made.id, reason="status 422")

    assert journal.forget_confirmed(now=NINE + timedelta(days=700)) == 0
    assert journal.refused() == 1


# --- slips --------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", SlipState)
def test_a_slip_takes_the_steps_of_the_table_and_no_other(
    journal: Journal, before: SlipState
) -> None:
    for after, made in zip(SlipState, issue(journal, len(SlipState)), strict=True):
        reach(journal, made, before)
        known = journal.slip(made.id)

        if after in NEXT_SLIP[before]:
            record = journal.set_slip(made.id, after)
            assert (record.state, record.revision) == (after, known.revision + 1)
            assert record.copies == known.copies + (after is SlipState.SENDING)
        else:
            with pytest.raises(JournalError, match=f"slip is {before}: cannot become {after}"):
                journal.set_slip(made.id, after)
            assert journal.slip(made.id) == known


def test_a_check_in_that_is_not_there_has_no_slip(journal: Journal) -> None:
    with pytest.raises(JournalError, match=f"no slip of check-in {UNKNOWN}"):
        journal.set_slip(UNKNOWN, SlipState.SENDING)


@pytest.mark.parametrize("state", SlipState)
def test_after_a_restart_a_slip_that_was_not_finished_is_unconfirmed(
    journal: Journal, state: SlipState
) -> None:
    (made,) = issue(journal)
    reach(journal, made, state)
    known = journal.slip(made.id)

    again = reopen(journal)

    cut_off = state in {SlipState.WAITING, SlipState.SENDING}
    record = again.slip(made.id)
    assert record.state is (SlipState.UNCONFIRMED if cut_off else state)
    assert record.revision == known.revision + cut_off
    again.close()


def test_a_slips_outcome_is_told_after_its_check_in_is_confirmed(journal: Journal) -> None:
    (made,) = issue(journal)
    reach(journal, made, SlipState.PRINTED)
    assert journal.next_unreported_slip() is None

    journal.confirm(made.id)

    record = journal.next_unreported_slip()
    assert record is not None
    assert (record.id, record.state, record.copies) == (made.id, SlipState.PRINTED, 1)


@pytest.mark.parametrize("state", [SlipState.WAITING, SlipState.SENDING])
def test_a_slip_that_is_not_finished_is_not_told(journal: Journal, state: SlipState) -> None:
    (made,) = issue(journal)
    journal.confirm(made.id)
    reach(journal, made, state)

    assert journal.next_unreported_slip() is None


def test_a_slips_outcome_is_told_once_for_each_change(journal: Journal) -> None:
    (made,) = issue(journal)
    journal.confirm(made.id)
    reach(journal, made, SlipState.UNCONFIRMED)
    told = journal.slip(made.id)
    journal.slip_reported(made.id, revision=told.revision)
    assert journal.next_unreported_slip() is None

    printed = journal.set_slip(made.id, SlipState.PRINTED)

    assert journal.next_unreported_slip() == printed
    journal.slip_reported(made.id, revision=printed.revision)
    journal.slip_reported(made.id, revision=told.revision)
    assert journal.next_unreported_slip() is None


def test_a_check_in_that_is_sent_again_brings_its_slip_along(journal: Journal) -> None:
    (made,) = issue(journal)
    reach(journal, made, SlipState.PRINTED)
    journal.confirm(made.id)
    journal.slip_reported(made.id, revision=journal.slip(made.id).revision)

    journal.send_again([1])
    journal.confirm(made.id)

    record = journal.next_unreported_slip()
    assert record is not None
    assert record.state is SlipState.PRINTED


# --- what else ----------------------------------------------------------------------------------


def test_counters_grow_and_stay(journal: Journal) -> None:
    journal.count("abandoned")
    journal.count("abandoned")
    issue(journal)

    again = reopen(journal)

    assert again.counters() == {"abandoned": 2, "check_ins": 1}
    again.close()


def test_the_last_site_answer_is_remembered(journal: Journal) -> None:
    journal.keep_site(b"one")
    journal.keep_site(b"two")

    again = reopen(journal)

    assert again.site() == b"two"
    again.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE outbox SET id = x'a9'",
        "UPDATE outbox SET id = 7",
        "UPDATE outbox SET id = 'no id'",
    ],
)
def test_an_entry_that_this_program_never_wrote_is_told_as_damage(
    journal: Journal, damage: str
) -> None:
    issue(journal)
    journal._db.executescript(damage)

    with pytest.raises(JournalError, match="damaged") as told:
        journal.next_waiting()

    assert told.value.trouble is Trouble.JOURNAL_DAMAGED


def test_a_journal_whose_names_are_no_text_is_told_as_damaged(journal: Journal) -> None:
    issue(journal)
    journal.close()
    whole = journal._path.read_bytes()
    journal._path.write_bytes(whole.replace(b"CREATE TABLE outbox", b"CREATE TABLE o\xa9tbox"))

    with pytest.raises(JournalError) as told:
        Journal(journal._path, enrolment=ENROLMENT)

    assert told.value.trouble is Trouble.JOURNAL_DAMAGED
