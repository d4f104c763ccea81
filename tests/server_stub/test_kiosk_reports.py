from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kiosk.contract.messages import SlipState
from server_stub import tables
from server_stub.fleet_kiosks import read_fleet
from server_stub.fleet_letters import free_letters
from server_stub.kiosk_reports import gaps
from server_stub.refusals import NotYoursError
from server_stub.wind_down_record import survey
from tests.server_stub.conftest import retire
from tests.server_stub.enrolled import MONDAY_NOON, party

pytestmark = pytest.mark.both_databases


def hear(room, kiosk, **told):
    return room.run(room.room.hear(kiosk.heartbeat(**told), device=kiosk.device))


def test_a_kiosk_learns_how_many_wait_at_each_stage(room, kiosk, other_kiosk):
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence))
    room.admit(other_kiosk, other_kiosk.check_in(1, content=party("benefits")))
    room.call_next("1")

    answer = hear(room, kiosk, highest=2)

    assert {wait.stage: wait.parties_ahead for wait in answer.waits} == {
        "information": 1,
        "housing": 0,
        "registration": 0,
        "benefits": 1,
        "onward-travel": 0,
    }
    assert (answer.as_of, answer.site_version) == (MONDAY_NOON, room.site.version)
    assert answer.highest_sequence == 2
    assert answer.store_id == room.rows(tables.site)[0]["store_id"]


@pytest.mark.parametrize(
    ("here", "reported", "missing"),
    [
        ([], 0, ()),
        ([1, 2, 3], 3, ()),
        ([1, 3], 3, (2,)),
        ([3], 3, (1, 2)),
        ([1, 2], 5, (3, 4, 5)),  # the store was put back from a backup
        ([1, 2, 5], 2, (3, 4)),  # the kiosk has lost its memory
    ],
)
def test_a_kiosk_learns_which_of_its_sequences_are_missing(room, kiosk, here, reported, missing):
    for sequence in here:
        room.admit(kiosk, kiosk.check_in(sequence))

    answer = hear(room, kiosk, highest=reported)

    assert answer.missing_sequences == missing
    assert answer.highest_sequence == max(here, default=0)


def test_what_was_missing_and_came_is_missing_no_more(room, kiosk):
    for sequence in (1, 3, 6):
        room.admit(kiosk, kiosk.check_in(sequence))
    assert hear(room, kiosk, highest=6).missing_sequences == (2, 4, 5)
    for sequence in (2, 5, 4):
        room.admit(kiosk, kiosk.check_in(sequence))

    assert hear(room, kiosk, highest=6).missing_sequences == ()
    (here,) = [row for row in room.rows(tables.kiosk) if row["enrolment"] == kiosk.enrolment]
    assert here["complete_to"] == 6
    assert hear(room, kiosk, highest=7).missing_sequences == (7,)


@pytest.mark.parametrize(
    ("came", "missing"),
    [
        ([2, 3, 4, 1], 0),  # the first was refused for a while, and went to the back
        ([4, 3, 2, 1], 0),
        ([2, 3, 5, 1], 2),  # 4 is still to come: what is here is complete up to 3
    ],
)
def test_what_comes_late_of_a_kiosk_that_reports_no_more_is_missing_no_more(
    room, kiosk, came, missing
):
    for sequence in came:
        room.admit(kiosk, kiosk.check_in(sequence))

    with room.engine.connect() as connection:
        fleet = read_fleet(connection, room.site.id)

    assert [one.missing for one in fleet if one.enrolment == kiosk.enrolment] == [missing]


def test_at_most_a_thousand_missing_sequences_are_named(room, kiosk):
    room.admit(kiosk, kiosk.check_in(2**53 - 1))

    missing = hear(room, kiosk, highest=5).missing_sequences

    assert missing == tuple(range(1, 1001))


def test_the_sequence_of_a_clash_counts_once(room, kiosk):
    for sequence in (1, 2, 2):
        room.admit(kiosk, kiosk.check_in(sequence))

    assert hear(room, kiosk, highest=3).missing_sequences == (3,)


def test_gaps_are_the_numbers_that_are_not_there():
    assert list(gaps([3, 4, 7], after=1, to=9)) == [2, 5, 6, 8, 9]
    assert list(gaps([], after=4, to=4)) == []


def test_staff_see_what_a_kiosk_reports(room, kiosk):
    hear(room, kiosk, printer="paper-out", clock_trusted=False, outbox_depth=4)

    first, second = room.snapshot().kiosks
    assert (first.name, first.letter, first.enrolment) == ("entrance-1", "D", kiosk.enrolment)
    assert (first.printer, first.clock_trusted, first.outbox_depth) == ("paper-out", False, 4)
    assert first.reported_at == MONDAY_NOON
    assert (second.name, second.reported_at, second.printer) == ("entrance-2", None, None)


def test_pages_hear_of_a_report_only_when_it_says_something_new(room, kiosk, clock):
    for printer in ("ready", "ready", "paper-out", "paper-out"):
        clock.move(30)
        hear(room, kiosk, printer=printer)

    assert [(event.kind, event.about) for event in room.events()] == [
        ("kiosk", kiosk.enrolment),
        ("kiosk", kiosk.enrolment),
    ]
    assert room.snapshot().kiosks[0].reported_at == clock.now


@pytest.mark.parametrize("news", [{"troubles": ("disk-full",)}, {"sound": "none"}])
def test_pages_hear_of_a_trouble_at_once(room, kiosk, news):
    hear(room, kiosk)
    before = len(room.events())

    hear(room, kiosk, **news)

    assert len(room.events()) == before + 1


def test_counters_never_fall_back(room, kiosk):
    """A kiosk that cannot read its journal tells of none."""
    hear(room, kiosk, counters={"check_ins": 7, "abandoned": 2})
    hear(room, kiosk, counters={"check_ins": 0, "abandoned": 3})

    report = room.rows(tables.kiosk_report)[0]
    assert (report["check_ins"], report["abandoned"]) == (7, 3)


@pytest.mark.parametrize("trouble", ["journal-damaged", "stopped", "disk-read-only"])
def test_what_a_kiosk_that_cannot_read_its_journal_still_owes_stays_known(
    room, kiosk, clock, trouble
):
    hear(room, kiosk, highest=300, outbox_depth=50)

    hear(room, kiosk, highest=0, outbox_depth=0, troubles=(trouble,))

    with room.engine.execution_options(writes=True).connect() as connection:
        fleet = read_fleet(connection, room.site.id)
        (here,) = [known for known in fleet if known.enrolment == kiosk.enrolment]
        assert (here.missing, here.outbox_depth) == (300, 50)
        waiting = survey(connection, room.site.id, today=clock.now.date()).waiting
        assert [(one.name, one.waiting) for one in waiting] == [(kiosk.name, 300)]
        retire(connection, kiosk=kiosk, at=clock.now)
        later = clock.now + timedelta(days=3)
        assert kiosk.letter not in free_letters(connection, room.site.id, now=later)
        connection.rollback()


def test_what_a_kiosk_with_a_full_disk_has_delivered_waits_no_more(room, kiosk):
    hear(room, kiosk, highest=3, outbox_depth=3)

    hear(room, kiosk, highest=3, outbox_depth=1, troubles=("disk-full",))

    assert room.snapshot().kiosks[0].outbox_depth == 1


def days_of(room, kiosk) -> dict[str, tuple[int, int, int]]:
    """Return check-ins, dialogues left and help calls of each day."""
    return {
        f"{row['day']}": (row["check_ins"], row["abandoned"], row["help_calls"])
        for row in room.rows(tables.kiosk_day)
        if row["enrolment"] == kiosk.enrolment
    }


def tell(room, kiosk, check_ins: int, abandoned: int = 0, help_calls: int = 0) -> None:
    counters = {"check_ins": check_ins, "abandoned": abandoned, "help_calls": help_calls}
    hear(room, kiosk, counters=counters)


def test_what_a_kiosk_counts_is_kept_for_each_service_day(room, kiosk, other_kiosk, clock):
    tell(room, kiosk, 3, 1, 1)
    tell(room, other_kiosk, 10)
    clock.move(3600)
    tell(room, kiosk, 5, 1, 2)
    clock.move(24 * 3600)
    tell(room, kiosk, 9, 4, 2)

    assert days_of(room, kiosk) == {"2026-11-23": (5, 1, 2), "2026-11-24": (4, 3, 0)}
    assert days_of(room, other_kiosk) == {"2026-11-23": (10, 0, 0)}


def test_a_service_day_of_a_kiosk_ends_at_four_in_the_morning(room, kiosk, clock):
    for hours, check_ins in ((11, 1), (4, 2), (0.99, 3), (0.01, 4)):  # 23:00, 3:00, 3:59, 4:00
        clock.move(hours * 3600)
        tell(room, kiosk, check_ins)

    assert days_of(room, kiosk) == {"2026-11-23": (3, 0, 0), "2026-11-24": (1, 0, 0)}


@pytest.mark.parametrize("night", ["2026-10-25", "2026-03-29"])
def test_a_night_that_changes_the_clock_has_a_service_day_like_any(room, kiosk, clock, night):
    midnight = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    clock.now = midnight.astimezone(UTC)
    tell(room, kiosk, 1)
    clock.now = midnight.replace(hour=3, minute=59).astimezone(UTC)
    tell(room, kiosk, 2)
    clock.now = midnight.replace(hour=4).astimezone(UTC)
    tell(room, kiosk, 4)

    before = f"{midnight.date() - timedelta(days=1)}"
    assert days_of(room, kiosk) == {before: (2, 0, 0), night: (2, 0, 0)}


def test_a_report_that_says_nothing_new_counts_nothing_twice(room, kiosk):
    for check_ins in (7, 7, 6, 7, 8):  # one of them came late
        tell(room, kiosk, check_ins)

    assert days_of(room, kiosk) == {"2026-11-23": (8, 0, 0)}


def test_counters_that_begin_anew_count_nothing_until_they_are_where_they_were(room, kiosk, clock):
    """A journal that cannot be read tells of none; that it is there again must not count twice."""
    tell(room, kiosk, 1000, 50)
    clock.move(24 * 3600)
    tell(room, kiosk, 0, 0)
    tell(room, kiosk, 1001, 50)

    assert days_of(room, kiosk) == {"2026-11-23": (1000, 50, 0), "2026-11-24": (1, 0, 0)}


def test_a_kiosk_that_has_counted_nothing_has_no_day(room, kiosk):
    hear(room, kiosk)

    assert days_of(room, kiosk) == {}


def test_two_reports_at_once_are_counted_once(room, kiosk):
    beats = [kiosk.heartbeat(counters={"check_ins": n}) for n in (4, 4, 3, 4)]

    answers = room.together(*(room.room.hear(beat, device=kiosk.device) for beat in beats))

    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    assert days_of(room, kiosk) == {"2026-11-23": (4, 0, 0)}


def test_what_an_older_kiosk_does_not_tell_is_not_made_up(room, kiosk):
    hear(room, kiosk)

    assert (room.snapshot().kiosks[0].sound, room.snapshot().kiosks[0].troubles) == (None, "")


def test_staff_see_what_became_of_a_slip(room, kiosk):
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)

    assert room.run(room.room.note_slip(kiosk.slip(check_in))) == (1, True)

    assert room.snapshot().visits[0].slip == "printed"
    assert (room.events()[-1].kind, room.events()[-1].about) == ("slip", check_in.id)


def test_an_older_word_about_a_slip_changes_nothing(room, kiosk):
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)
    room.run(room.room.note_slip(kiosk.slip(check_in, SlipState.UNCONFIRMED, revision=1)))
    assert room.run(room.room.note_slip(kiosk.slip(check_in, revision=3))) == (3, False)

    late = kiosk.slip(check_in, SlipState.FAILED, revision=2)

    assert room.run(room.room.note_slip(late)) == (3, False)
    assert room.snapshot().visits[0].slip == "printed"
    assert len(room.events()) == 3


def test_a_slip_that_is_told_of_before_its_check_in_waits_for_it(room, kiosk):
    check_in = kiosk.check_in(1)
    room.run(room.room.note_slip(kiosk.slip(check_in, SlipState.FAILED)))

    room.admit(kiosk, check_in)

    assert room.snapshot().visits[0].slip == "failed"


def test_a_slip_of_another_kiosk_is_refused(room, kiosk, other_kiosk):
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)

    with pytest.raises(NotYoursError):
        room.run(room.room.note_slip(other_kiosk.slip(check_in)))
    assert room.snapshot().visits[0].slip is None
