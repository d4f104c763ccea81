import json
import threading
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.contract.messages import CheckInContent
from server_stub import direct_sql, tables
from server_stub.admission import Newcomer, admit, place
from server_stub.device_tokens import token_sha256
from server_stub.refusals import NotYoursError, OtherBytesError, UnreadableError
from server_stub.visit import VisitState
from tests.server_stub.enrolled import MONDAY_NOON, TICKET_TOKEN, new_id, party, sha256

pytestmark = pytest.mark.both_databases


def test_an_admitted_party_waits_at_the_first_stage_of_its_route(room, kiosk):
    content = party("housing", "benefits", language="ar", adults=1, children=4)
    check_in = kiosk.check_in(7, content=content)

    admission = room.admit(kiosk, check_in, age=90)

    assert admission.first
    assert admission.receipt.id == check_in.id
    assert admission.receipt.sha256 == sha256(check_in.to_bytes())
    assert admission.receipt.highest_sequence == 7
    (visit,) = room.snapshot().visits
    assert visit.id == check_in.id
    assert (visit.number, visit.kiosk, visit.language) == ("D107", "entrance-1", "ar")
    assert (visit.adults, visit.children) == (1, 4)
    assert visit.route == ("housing", "benefits")
    assert (visit.stage, visit.state) == ("housing", VisitState.WAITING)
    assert visit.arrived_at == MONDAY_NOON - timedelta(seconds=90)
    assert (visit.marked, visit.slip) == ("", None)


def test_the_body_is_kept_as_it_came_and_stays_sealed(room, kiosk):
    check_in = kiosk.check_in(1)

    room.admit(kiosk, check_in)

    (stored,) = room.rows(tables.check_in_body)
    assert stored["body"] == check_in.to_bytes()
    (ledger,) = room.rows(tables.ledger)
    assert ledger["sha256"] == sha256(check_in.to_bytes())


def test_a_repeated_check_in_gets_the_same_receipt_and_changes_nothing(room, kiosk):
    check_in = kiosk.check_in(1)
    first = room.admit(kiosk, check_in)

    again = room.admit(kiosk, check_in, age=500)

    assert not again.first
    assert again.receipt == first.receipt
    assert len(room.snapshot().visits) == 1
    assert len(room.events()) == 1


def test_a_check_in_repeated_many_times_at_once_is_admitted_once(room, kiosk):
    check_in = kiosk.check_in(1)

    answers = room.together(*(room.admission(kiosk, check_in) for _ in range(20)))

    assert sorted(answer.first for answer in answers) == [False] * 19 + [True]
    assert len(room.snapshot().visits) == 1


def test_other_bytes_under_a_known_id_are_refused_and_the_first_stay(room, kiosk):
    check_in = kiosk.check_in(1)
    room.admit(kiosk, check_in)
    other = check_in.model_copy(update={"number": "D999"})

    with pytest.raises(OtherBytesError):
        room.admit(kiosk, other)

    assert [visit.number for visit in room.snapshot().visits] == ["D101"]


@pytest.mark.parametrize(
    "sealed",
    [
        pytest.param(None, id="missing"),
        pytest.param(7, id="no text"),
        pytest.param("", id="empty"),
        pytest.param("not base64!", id="not base64"),
        pytest.param("AAAA", id="too short"),
        pytest.param("A" * 400, id="garbage"),
    ],
)
def test_content_that_cannot_be_opened_is_admitted_and_marked(room, kiosk, sealed):
    told = json.loads(kiosk.check_in(1).to_bytes()) | {"sealed": sealed}
    body = json.dumps(told).encode()

    admission = room.run(room.room.admit(body, device=kiosk.device, age=None, path_id=_id(told)))

    assert admission.first
    (visit,) = room.snapshot().visits
    assert (visit.marked, visit.stage, visit.route) == (
        "unreadable",
        "information",
        ("information",),
    )
    assert (visit.language, visit.adults, visit.children) == (None, 0, 0)


def _id(told):
    return type(new_id())(told["id"])


def test_content_sealed_to_an_unknown_key_is_admitted_and_marked(room, kiosk):
    check_in = kiosk.check_in(1).model_copy(update={"key_id": "key-of-last-year"})

    room.admit(kiosk, check_in)

    assert room.snapshot().visits[0].marked == "unreadable"


def test_content_that_was_moved_under_another_number_is_not_believed(room, kiosk):
    check_in = kiosk.check_in(1).model_copy(update={"number": "D555"})

    room.admit(kiosk, check_in)

    visit = room.snapshot().visits[0]
    assert (visit.number, visit.marked) == ("D555", "unreadable")


@pytest.mark.parametrize(
    ("route", "placed", "mark"),
    [
        (("housing", "benefits"), ("housing", "benefits"), ""),
        (("housing", "sauna"), ("information", "housing"), "unknown-stage"),
        (("sauna",), ("information",), "unknown-stage"),
        (("information", "sauna"), ("information",), "unknown-stage"),
        ((), ("information",), "unknown-stage"),
        (("housing", "housing"), ("housing",), ""),
    ],
)
def test_a_party_waits_at_the_first_stage_when_its_route_is_not_known(room, route, placed, mark):
    content = CheckInContent(
        language="uk", adults=1, children=0, route=route, ticket_token=TICKET_TOKEN
    )

    assert place(content, room.site) == (placed, mark)


def test_two_check_ins_of_one_sequence_are_both_stored_and_staff_are_alarmed(room, kiosk):
    first, second = kiosk.check_in(5), kiosk.check_in(5)
    room.admit(kiosk, first)

    admission = room.admit(kiosk, second)

    assert admission.first
    assert {visit.id for visit in room.snapshot().visits} == {first.id, second.id}
    held = {row["id"]: (row["sequence"], row["clash_sequence"]) for row in room.rows(tables.ledger)}
    assert held == {first.id: (5, None), second.id: (None, 5)}
    assert [(event.kind, event.about, event.detail) for event in room.events()] == [
        ("check-in", first.id, None),
        ("check-in", second.id, None),
        ("alarm", second.id, "sequence-clash"),
    ]


def test_two_kiosks_count_apart(room, kiosk, other_kiosk):
    room.admit(kiosk, kiosk.check_in(1))
    room.admit(other_kiosk, other_kiosk.check_in(1))

    assert {event.kind for event in room.events()} == {"check-in"}


def test_the_receipt_names_the_highest_sequence_not_the_last(room, kiosk):
    assert room.admit(kiosk, kiosk.check_in(9)).receipt.highest_sequence == 9
    assert room.admit(kiosk, kiosk.check_in(4)).receipt.highest_sequence == 9


def test_a_check_in_of_another_kiosk_is_refused(room, kiosk, other_kiosk):
    with pytest.raises(NotYoursError):
        room.admit(kiosk, other_kiosk.check_in(1))

    assert room.snapshot().visits == ()


def test_a_check_in_under_another_path_is_refused(room, kiosk):
    check_in = kiosk.check_in(1)

    with pytest.raises(UnreadableError, match="not the one in the path"):
        room.run(
            room.room.admit(check_in.to_bytes(), device=kiosk.device, age=None, path_id=new_id())
        )


def test_the_service_day_is_set_at_admission(room, kiosk, clock):
    clock.now = MONDAY_NOON.replace(hour=2, minute=59)  # 03:59 in Düsseldorf

    room.admit(kiosk, kiosk.check_in(1))

    assert room.rows(tables.visit)[0]["service_day"] == date(2026, 11, 22)


def test_only_the_hash_of_a_ticket_token_is_stored(room, kiosk):
    room.admit(kiosk, kiosk.check_in(1))

    assert room.rows(tables.visit)[0]["ticket_token_sha256"] == token_sha256(TICKET_TOKEN)


def test_parties_of_one_kiosk_are_called_in_its_order_however_they_are_delivered(
    room, kiosk, clock
):
    made = {sequence: kiosk.check_in(sequence) for sequence in (1, 2, 3, 4)}
    ages = {1: None, 2: 600, 3: 3000, 4: 10}  # 3 claims to be older than 2
    for sequence in (4, 2, 3, 1):
        room.admit(kiosk, made[sequence], age=ages[sequence])
        clock.move(5)

    waiting = sorted(
        room.snapshot().visits, key=lambda visit: (visit.arrived_at, visit.arrival_order)
    )
    assert [visit.number for visit in waiting] == ["D101", "D102", "D103", "D104"]
    assert all(visit.arrived_at <= clock.now for visit in waiting)


ARRIVALS = st.lists(
    st.tuples(st.sampled_from([1, 2, 3, 4, 5, 300, 301, 5000]), st.sampled_from([None, 5, 70])),
    min_size=2,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(arrivals=ARRIVALS)
def test_check_ins_that_are_stored_together_are_stored_as_one_by_one(
    shared_room, made_once, arrivals
):
    room, kiosk = shared_room, made_once[1]
    newcomers = [
        Newcomer(
            check_in=(check_in := kiosk.check_in(sequence)),
            body=check_in.to_bytes(),
            content=None,
            device=kiosk.device,
            received_at=MONDAY_NOON + timedelta(seconds=index),
            age=age,
        )
        for index, (sequence, age) in enumerate(arrivals)
    ]
    stored = []
    for share in (1, len(newcomers)):
        room.empty()
        with room.engine.execution_options(writes=True).begin() as connection:
            admissions = [
                admission
                for start in range(0, len(newcomers), share)
                for admission in admit(connection, newcomers[start : start + share], site=room.site)
            ]
        kept = (tables.ledger, tables.visit, tables.kiosk, tables.event, tables.site)
        stored.append((admissions, [room.rows(table) for table in kept]))

    assert stored[0] == stored[1]


def test_late_check_ins_of_one_commit_come_between_those_that_are_there(room, kiosk):
    for sequence, age in ((1, 90.0), (9, 30.0)):
        room.admit(kiosk, kiosk.check_in(sequence), age=age)
    newcomers = [
        Newcomer(
            check_in=(check_in := kiosk.check_in(sequence)),
            body=check_in.to_bytes(),
            content=None,
            device=kiosk.device,
            received_at=MONDAY_NOON,
            age=age,
        )
        for sequence, age in ((4, 600.0), (5, 0.0))
    ]
    busy, go_on = threading.Event(), threading.Event()

    room.writer.submit(lambda _: busy.set() or go_on.wait(10))
    assert busy.wait(10)
    commits = room.writer.commits
    together = partial(admit, site=room.site)
    futures = [room.writer.submit_to(together, newcomer) for newcomer in newcomers]
    go_on.set()
    receipts = [future.result(10).receipt for future in futures]

    assert [receipt.highest_sequence for receipt in receipts] == [9, 9]
    arrived = {row["sequence"]: row["arrived_at"] for row in room.rows(tables.ledger)}
    assert arrived[1] == arrived[4] < arrived[5] == arrived[9]
    assert room.writer.commits - commits == 2


def test_kiosks_that_deliver_in_order_are_asked_for_together(room, kiosk, other_kiosk, monkeypatch):
    room.admit(kiosk, kiosk.check_in(1))
    senders = {kiosk: (2, 3), other_kiosk: (1, 2)}
    newcomers = [
        Newcomer(
            check_in=(check_in := sender.check_in(sequence)),
            body=check_in.to_bytes(),
            content=None,
            device=sender.device,
            received_at=MONDAY_NOON,
            age=None,
        )
        for sender, sequences in senders.items()
        for sequence in sequences
    ]
    asked = []

    def note(connection, statement, *values):
        asked.append(statement)
        return direct_sql_run(connection, statement, *values)

    direct_sql_run = direct_sql.run
    monkeypatch.setattr(direct_sql, "run", note)
    with room.engine.execution_options(writes=True).begin() as connection:
        admissions = admit(connection, newcomers, site=room.site)

    assert [a.receipt.highest_sequence for a in admissions] == [2, 3, 1, 2]
    assert len([statement for statement in asked if "FROM kiosk" in statement]) == 1
    assert not [statement for statement in asked if "coalesce" in statement]
