"""An outbox that is brought as a file: what it would do, what it does, and what is refused."""

import io
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from kiosk.contract.enrolling import public_key_text
from kiosk.contract.messages import CheckIn
from kiosk.contract.outbox_file import OutboxHeader, OutboxReader, write_outbox
from server_stub import outbox_admission, tables
from server_stub.admin_act import AdminAct
from server_stub.outbox_admission import (
    BadSignatureError,
    Findings,
    OtherSiteError,
    StrangeKioskError,
    UnreadableOutboxError,
    Ways,
    admit_outbox,
    look_through,
    read_outbox,
    sender_of,
)
from tests.server_stub.enrolled import EnrolledKiosk, new_id
from tests.server_stub.open_room import OpenRoom

pytestmark = pytest.mark.both_databases

KEY = Ed25519PrivateKey.generate()


def file_of(
    kiosk: EnrolledKiosk,
    check_ins: Sequence[CheckIn | bytes],
    *,
    key: Ed25519PrivateKey | None = KEY,
    **header: object,
) -> OutboxReader:
    """Return what the kiosk exports."""
    bodies = [one if isinstance(one, bytes) else one.to_bytes() for one in check_ins]
    told: dict[str, object] = {"site": kiosk.site, "enrolment": kiosk.enrolment}
    told["kiosk"] = header.pop("name", kiosk.name)
    out = io.BytesIO()
    of = OutboxHeader.model_validate(told | {"entries": len(bodies)} | header)
    write_outbox(out, of, bodies, sign=key.sign if key else None)
    return read_outbox(out)


@pytest.fixture
def kiosk(room, kiosk, clock) -> Iterator[EnrolledKiosk]:
    """The first kiosk, which has a key of its own and was revoked."""
    t = tables.kiosk
    mine = update(t).where(t.c.enrolment == kiosk.enrolment)

    def change(**values: object) -> None:
        with room.engine.execution_options(writes=True).begin() as connection:
            connection.execute(mine.values(**values))

    change(public_key=public_key_text(KEY), retired_at=clock.now, revoked_at=clock.now)
    yield kiosk
    change(public_key=None, retired_at=None, revoked_at=None)


class Admin:
    """Somebody who brings files."""

    def __init__(self, room: OpenRoom, clock) -> None:
        self._room, self._clock = room, clock
        self.press = new_id()

    def looks(self, outbox: OutboxReader) -> Findings:
        with self._room.engine.connect() as connection:
            sender = sender_of(connection, self._room.site.id, outbox)
            keys = self._room.room._keys
            return look_through(connection, outbox, sender, site=self._room.site, keys=keys)

    def admits(self, outbox: OutboxReader) -> Findings:
        room = self._room
        with room.engine.connect() as connection:
            sender = sender_of(connection, room.site.id, outbox)

        def act(connection) -> AdminAct:
            site, now = room.site.id, self._clock.now
            return AdminAct(connection, site, by="olga", now=now, press=self.press)

        ways = Ways(
            act,
            site=room.room.site_inside,
            keys=room.room._keys,
            write=lambda command: room.writer.submit(command).result(),
        )
        found = admit_outbox(outbox, sender, ways)
        self.press = new_id()
        return found


@pytest.fixture
def admin(room, clock) -> Admin:
    return Admin(room, clock)


def made_at(kiosk: EnrolledKiosk, sequence: int, at) -> CheckIn:
    """Return a check-in of a kiosk whose clock could be trusted."""
    check_in = kiosk.check_in(sequence)
    return check_in.model_copy(update={"made_at": at})


def counts(found: Findings) -> tuple[int, int, int]:
    return found.new, found.here, found.refused


def test_what_a_revoked_kiosk_could_not_deliver_is_admitted_and_the_same_file_again_is_not(
    room, kiosk, admin
):
    check_ins = [kiosk.check_in(sequence) for sequence in range(1, 6)]
    for check_in in check_ins[:2]:
        room.admit(kiosk, check_in)  # before it was revoked
    outbox = file_of(kiosk, check_ins)

    assert counts(admin.looks(outbox)) == (3, 2, 0)
    assert len(room.rows(tables.visit)) == 2
    assert counts(admin.admits(outbox)) == (3, 2, 0)
    assert counts(admin.looks(outbox)) == counts(admin.admits(outbox)) == (0, 5, 0)

    visits = room.rows(tables.visit)
    assert {visit["id"] for visit in visits} == {check_in.id for check_in in check_ins}
    assert {visit["marked"] for visit in visits} == {""}
    noted = [
        (row["staff"], row["act"], row["about"], row["detail"]) for row in room.rows(tables.audit)
    ]
    assert noted == [("olga", "outbox-admitted", kiosk.name, "D: 5")] * 2
    assert [row["body"] for row in room.rows(tables.check_in_body)]


def test_a_press_that_comes_twice_admits_and_is_noted_once(room, kiosk, admin):
    outbox, press = file_of(kiosk, [kiosk.check_in(1)]), admin.press
    admin.admits(outbox)
    admin.press = press

    assert counts(admin.admits(outbox)) == (0, 1, 0)
    assert len(room.rows(tables.audit)) == 1


def test_parties_wait_since_they_came_and_in_the_order_of_their_kiosk(room, kiosk, admin, clock):
    begun = clock.now
    late = [made_at(kiosk, n, begun - timedelta(hours=70 - n)) for n in (1, 2, 3)]

    admin.admits(file_of(kiosk, late))

    visits = sorted(room.rows(tables.visit), key=lambda visit: visit["arrived_at"])
    assert [visit["id"] for visit in visits] == [check_in.id for check_in in late]
    assert visits[0]["arrived_at"] == begun - timedelta(hours=69)
    assert visits[0]["service_day"] < begun.date()
    assert {visit["marked"] for visit in visits} == {"late"}


def test_what_nobody_can_read_is_told_before_and_waits_at_the_first_stage(room, kiosk, admin):
    strange = kiosk.check_in(1).model_copy(update={"key_id": "key-none"})
    outbox = file_of(kiosk, [strange, kiosk.check_in(2)])

    assert admin.looks(outbox).unread == 1
    admin.admits(outbox)

    marks = {visit["id"]: visit["marked"] for visit in room.rows(tables.visit)}
    assert marks.pop(strange.id) == "unreadable"
    assert set(marks.values()) == {""}


def test_a_number_that_another_party_has_is_told_before_and_gives_an_alarm(room, kiosk, admin):
    room.admit(kiosk, kiosk.check_in(1))
    outbox = file_of(kiosk, [kiosk.check_in(1), kiosk.check_in(2), kiosk.check_in(2)])

    found = admin.looks(outbox)
    assert (counts(found), found.clashes) == ((3, 0, 0), 2)
    admin.admits(outbox)

    alarms = [row for row in room.rows(tables.event) if row["detail"] == "sequence-clash"]
    assert len(alarms) == 2
    assert len(room.rows(tables.visit)) == 4


def test_what_is_refused_is_told_with_its_reason_and_keeps_no_other_out(
    room, kiosk, other_kiosk, admin
):
    here = kiosk.check_in(1)
    room.admit(kiosk, here)
    other = kiosk.check_in(7).model_copy(update={"id": here.id})
    foreign = kiosk.check_in(4).model_copy(update={"number": other_kiosk.check_in(4).number})
    unfit = [b"{}", b"\xff" * 70_000, other_kiosk.check_in(2), other, foreign]
    outbox = file_of(kiosk, [*unfit, kiosk.check_in(3)])

    for found in (admin.looks(outbox), admin.admits(outbox)):
        assert counts(found) == (1, 0, 5)
        assert len(found.reasons) == 5
        assert "its number is of another series than D" in f"{found.reasons}"
        assert "made by another kiosk" in f"{found.reasons}"
        assert "too large" in f"{found.reasons}"
    assert len(room.rows(tables.visit)) == 2


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"site": "elsewhere"}, OtherSiteError),
        ({"name": "entrance-7"}, StrangeKioskError),
        ({"enrolment": new_id()}, StrangeKioskError),
        ({"key": None}, BadSignatureError),
        ({"key": Ed25519PrivateKey.generate()}, BadSignatureError),
    ],
)
def test_a_file_that_is_another_s_is_refused_whole(room, kiosk, admin, changed, error):
    outbox = file_of(kiosk, [kiosk.check_in(1)], **changed)

    for brings in (admin.looks, admin.admits):
        with pytest.raises(error):
            brings(outbox)
    assert not room.rows(tables.visit)


def test_a_kiosk_that_never_had_a_key_cannot_have_signed(room, other_kiosk, admin):
    outbox = file_of(other_kiosk, [other_kiosk.check_in(1)], key=None)

    with room.engine.connect() as connection:
        assert not sender_of(connection, room.site.id, outbox).signed
    assert admin.admits(outbox).new == 1


def test_a_long_file_is_admitted_in_parts(room, kiosk, admin, monkeypatch):
    monkeypatch.setattr(outbox_admission, "AT_ONCE", 2)
    outbox = file_of(kiosk, [kiosk.check_in(sequence) for sequence in range(1, 6)])
    before = room.writer.commits

    assert admin.admits(outbox).new == 5

    assert room.writer.commits == before + 4  # the entry of the audit log, and three parts


@pytest.mark.parametrize("notes", [1, 2])
def test_an_admission_that_was_cut_off_is_finished_by_the_same_press_and_by_another(
    room, kiosk, admin, monkeypatch, notes
):
    monkeypatch.setattr(outbox_admission, "AT_ONCE", 2)
    outbox = file_of(kiosk, [kiosk.check_in(sequence) for sequence in range(1, 6)])
    submit, left = room.writer.submit, iter([1, 1])

    def until_the_power_goes(command):
        next(left)
        return submit(command)

    monkeypatch.setattr(room.writer, "submit", until_the_power_goes)
    with pytest.raises(StopIteration):
        admin.admits(outbox)
    monkeypatch.undo()
    if notes > 1:
        admin.press = new_id()

    assert counts(admin.admits(outbox)) == (3, 2, 0)
    assert len(room.rows(tables.audit)) == notes


def test_an_empty_outbox_admits_nobody_and_is_noted(room, kiosk, admin):
    assert counts(admin.admits(file_of(kiosk, []))) == (0, 0, 0)
    assert len(room.rows(tables.audit)) == 1


def test_what_is_no_outbox_is_told():
    with pytest.raises(UnreadableOutboxError, match="no outbox"):
        read_outbox(io.BytesIO(b"{}\n"))
