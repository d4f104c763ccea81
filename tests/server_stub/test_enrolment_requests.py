"""Codes, requests and their answers, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial

import pytest

from kiosk.contract.enrolling import Challenge as Given
from kiosk.contract.enrolling import sign
from server_stub import (
    door_limits,
    enrolment_codes,
    enrolment_requests,
    enrolment_tokens,
    fleet_kiosks,
    retention,
    tables,
)
from server_stub.admin_act import AdminAct
from server_stub.device_tokens import token_sha256
from server_stub.door_limits import CHALLENGES, STRANGERS, WRONG_CODES
from server_stub.enrolment_leftovers import CODE_KEPT, LEFTOVERS, REQUEST_KEPT, TOKEN_KEPT
from server_stub.enrolment_requests import KEY_OF_ANOTHER, UnknownRequestError
from server_stub.enrolment_rules import CODE_LASTS, NONCE_LASTS, REQUEST_LASTS, Verdict
from server_stub.fleet_kiosks import DeviceNameTakenError, KioskState, UnknownKioskError
from server_stub.fleet_letters import LetterTakenError
from server_stub.refusals import ChallengeLapsedError, NotEnrolledError, TooManyError
from server_stub.store import engine_for
from server_stub.writer import Writer
from tests.server_stub.asking import HARDWARE, Machine
from tests.server_stub.enrolled import new_id
from tests.server_stub.open_room import open_room

pytestmark = pytest.mark.both_databases

HALL = "192.0.2.7"


class House:
    """What an administrator and the machines at the door do with a store."""

    def __init__(self, room, clock) -> None:
        self.room = room
        self.clock = clock
        self.site = room.site.id

    def act(self, change, *args, **kwargs):
        """Do something as olga."""
        now = self.clock.now

        def command(connection):
            act = AdminAct(connection, self.site, by="olga", now=now)
            return change(act, *args, **kwargs)

        return self.room.writer.submit(command).result(10)

    def write(self, change, **what):
        command = partial(change, site=self.site, now=self.clock.now, **what)
        return self.room.writer.submit(command).result(10)

    def read(self, look, **what):
        with self.room.engine.connect() as connection:
            return look(connection, self.site, now=self.clock.now, **what)

    def code(self, name="exit-1") -> str:
        return self.act(enrolment_codes.make_code, name).code

    def ask(self, machine, code, *, address=HALL):
        return self.write(enrolment_requests.ask, request=machine.request(code), address=address)

    def waiting(self):
        return self.read(enrolment_requests.read_waiting)

    def enrolled(self, machine, name="exit-1"):
        """Enrol a machine; return its enrolment."""
        asked = self.ask(machine, self.code(name))
        self.act(enrolment_requests.approve, asked.enrolment)
        return asked.enrolment

    def nonce(self, enrolment, *, address=HALL) -> str:
        nonce = enrolment_tokens.new_nonce()
        self.write(enrolment_tokens.give_nonce, enrolment=enrolment, nonce=nonce, address=address)
        return nonce

    def signed(self, machine, enrolment):
        return sign(machine.key, enrolment, Given(nonce=self.nonce(enrolment)))

    def token(self, machine, enrolment) -> str:
        request = self.signed(machine, enrolment)
        self.read(enrolment_tokens.check_signature, request=request)
        return self.write(enrolment_tokens.give_token, request=request)

    def came(self, limit, who, times) -> None:
        """Let somebody have come so often, a moment ago."""

        def command(connection) -> None:
            for _ in range(times):
                door_limits.count(connection, self.site, limit, who=who, now=self.clock.now)

        self.room.writer.submit(command).result(10)

    def kiosks(self):
        with self.room.engine.connect() as connection:
            fleet = fleet_kiosks.read_fleet(connection, self.site)
        return {(k.name, k.letter, k.state) for k in fleet}

    def tidy(self) -> None:
        """Delete what is old, as a round of errands does."""
        with self.room.engine.connect() as connection:
            due = retention.what_may_be_due(connection, self.room.site, now=self.clock.now)
        for kind in due:
            while self.room.writer.submit(kind.delete_some).result(10):
                continue

    def noted(self) -> list[tuple[str, str, str | None]]:
        rows = self.room.rows(tables.audit)
        return [(row["act"], row["about"], row["detail"]) for row in rows]


@pytest.fixture
def house(room, clock):
    house = House(room, clock)
    before = {row["enrolment"] for row in room.rows(tables.kiosk)}
    yield house

    def forget(connection) -> None:
        for table in (tables.kiosk_token, tables.kiosk_report, tables.kiosk):
            connection.execute(table.delete().where(table.c.enrolment.not_in(before)))
        connection.execute(tables.kiosk.update().values(retired_at=None, revoked_at=None))

    room.writer.submit(forget).result(10)


# ---- codes and requests ----


def test_a_machine_asks_and_is_a_kiosk_once_it_is_approved(house):
    machine, code = Machine(), house.code()
    asked = house.ask(machine, code)
    (waiting,) = house.waiting()
    assert (asked.verdict, waiting.name) == (Verdict.WAITING, "exit-1")
    assert waiting.fingerprint == machine.fingerprint
    assert waiting.enrolment == asked.enrolment

    house.act(enrolment_requests.approve, asked.enrolment)

    assert house.ask(machine, code) == enrolment_requests.Asked(Verdict.APPROVED, asked.enrolment)
    assert ("exit-1", "G", KioskState.IN_USE) in house.kiosks()
    assert house.waiting() == []
    (row,) = [r for r in house.room.rows(tables.kiosk) if r["enrolment"] == asked.enrolment]
    assert (row["public_key"], row["hardware"]) == (machine.public_key, HARDWARE)


def test_asking_again_is_the_same_request(house):
    machine, code = Machine(), house.code()

    assert len({house.ask(machine, code).enrolment for _ in range(3)}) == 1
    assert len(house.room.rows(tables.enrolment_request)) == 1


def test_a_code_is_stored_only_as_its_hash(house):
    code = house.code()

    assert code not in repr(house.room.rows(tables.enrolment_code))
    assert code not in repr(house.room.rows(tables.audit))


def test_of_two_machines_that_come_at_once_with_one_code_exactly_one_asks(house):
    """Eight of them, from eight threads' worth of requests, in whatever batches they fall."""
    code, machines = house.code(), [Machine() for _ in range(8)]
    now = house.clock.now
    asked = house.room.together(*(_asks(house, machine.request(code), now) for machine in machines))

    verdicts = sorted(answer.verdict for answer in asked)
    assert verdicts == [Verdict.USED] * 7 + [Verdict.WAITING]
    (waiting,) = house.waiting()
    winner = next(m for m, a in zip(machines, asked, strict=True) if a.enrolment)
    assert waiting.fingerprint == winner.fingerprint
    assert waiting.contested_at == now


async def _asks(house, request, now):
    ask = partial(enrolment_requests.ask, site=house.site, request=request, address=HALL, now=now)
    return await house.room.writer.ask(ask)


def test_a_second_key_is_refused_shown_and_noted_once(house):
    code, thief = house.code(), Machine()
    house.ask(Machine(), code)
    assert house.waiting()[0].contested_at is None

    for _ in range(3):
        assert house.ask(thief, code).verdict is Verdict.USED

    assert house.waiting()[0].contested_at == house.clock.now
    contests = [entry for entry in house.noted() if entry[0] == "enrolment-contested"]
    assert contests == [("enrolment-contested", "exit-1", thief.fingerprint)]


def test_a_code_lapses_after_15_minutes_and_a_request_after_24_hours(house):
    unused, used, machine = house.code("exit-1"), house.code("exit-2"), Machine()
    asked = house.ask(machine, used)

    house.clock.now += CODE_LASTS
    assert house.ask(Machine(), unused).verdict is Verdict.LAPSED
    assert house.ask(machine, used).verdict is Verdict.WAITING

    house.clock.now += REQUEST_LASTS - CODE_LASTS
    assert house.ask(machine, used).verdict is Verdict.LAPSED
    assert house.waiting() == []
    with pytest.raises(UnknownRequestError):
        house.act(enrolment_requests.approve, asked.enrolment)


def test_a_new_code_for_a_name_ends_the_one_that_nobody_used(house):
    first, second = house.code(), house.code()

    assert house.ask(Machine(), first).verdict is Verdict.UNKNOWN
    assert house.ask(Machine(), second).verdict is Verdict.WAITING


def test_a_refused_machine_is_told_so_each_time(house):
    machine, code = Machine(), house.code()
    asked = house.ask(machine, code)
    house.act(enrolment_requests.refuse, asked.enrolment)

    assert house.ask(machine, code).verdict is Verdict.REFUSED
    assert ("enrolment-refused", "exit-1", machine.fingerprint) in house.noted()
    with pytest.raises(UnknownRequestError):
        house.act(enrolment_requests.approve, asked.enrolment)


def test_a_key_that_another_enrolment_has_asks_for_no_second_one(house):
    machine = Machine()
    house.enrolled(machine)

    assert house.ask(machine, house.code("exit-2")).verdict == KEY_OF_ANOTHER


def test_a_machine_that_comes_again_with_another_code_asks_once(house):
    """As after a day without an answer: its key stays, and it was given a new code."""
    machine, first, second = Machine(), house.code("exit-1"), house.code("exit-2")
    before = house.ask(machine, first)

    asked = house.ask(machine, second)

    assert [waiting.enrolment for waiting in house.waiting()] == [asked.enrolment]
    assert house.ask(machine, first).verdict is Verdict.REFUSED
    with pytest.raises(UnknownRequestError):
        house.act(enrolment_requests.approve, before.enrolment)


def test_of_two_requests_for_one_name_only_one_is_approved(house):
    first = house.ask(Machine(), house.code())
    second = house.ask(Machine(), house.code())
    house.act(enrolment_requests.approve, first.enrolment)

    with pytest.raises(DeviceNameTakenError):
        house.act(enrolment_requests.approve, second.enrolment)


def test_a_letter_that_is_taken_leaves_the_request_as_it_was(house):
    asked = house.ask(Machine(), house.code())

    with pytest.raises(LetterTakenError):
        house.act(enrolment_requests.approve, asked.enrolment, letter="D")

    house.act(enrolment_requests.approve, asked.enrolment, letter="S")
    assert ("exit-1", "S", KioskState.IN_USE) in house.kiosks()


def test_a_fingerprint_finds_its_request_and_no_other(house):
    machine = Machine()
    house.ask(Machine(), house.code("exit-1"))
    asked = house.ask(machine, house.code("exit-2"))

    found = house.act(enrolment_requests.find_by_fingerprint, machine.fingerprint)

    assert found == asked.enrolment
    with pytest.raises(UnknownRequestError):
        house.act(enrolment_requests.find_by_fingerprint, Machine().fingerprint)


@pytest.mark.postgresql
def test_of_two_machines_at_two_processes_exactly_one_asks(settings, clock):
    """Sixteen times at once, eight at each of two writers on one database."""
    with (
        open_room(settings) as here,
        engine_for(settings) as engine,
        closing(Writer(engine, site=here.site.id, on_commit=lambda: None)) as there,
    ):
        there.start()
        first, second = House(here, clock), House(here, clock)
        code, machines = first.code(), [Machine() for _ in range(16)]
        gate = threading.Barrier(2)

        def all_ask(writer, some):
            gate.wait(10)
            asking = [
                writer.submit(
                    partial(
                        enrolment_requests.ask,
                        site=second.site,
                        request=machine.request(code),
                        address=HALL,
                        now=clock.now,
                    )
                )
                for machine in some
            ]
            return [answer.result(30).verdict for answer in asking]

        with ThreadPoolExecutor(2) as pool:
            halves = pool.map(all_ask, (here.writer, there), (machines[:8], machines[8:]))
            verdicts = sorted(verdict for half in halves for verdict in half)

        assert verdicts == [Verdict.USED] * 15 + [Verdict.WAITING]
        assert len(first.waiting()) == 1


# ---- a new series ----


def test_a_new_series_ends_the_old_one_only_when_it_is_approved(house):
    old = house.enrolled(Machine())
    house.act(fleet_kiosks.name_kiosk, old, label="Way out")
    code = house.act(enrolment_codes.make_code_in_place_of, old).code
    asked = house.ask(Machine(hardware="cd" * 32), code)
    (waiting,) = house.waiting()
    assert ("exit-1", "G", KioskState.IN_USE) in house.kiosks()
    assert (waiting.replaced_letter, waiting.other_hardware) == ("G", True)

    house.act(enrolment_requests.approve, asked.enrolment)

    assert house.kiosks() >= {
        ("exit-1", "G", KioskState.RETIRED),
        ("exit-1", "J", KioskState.IN_USE),
    }
    labels = {r["enrolment"]: r["label"] for r in house.room.rows(tables.kiosk)}
    assert labels[asked.enrolment] == "Way out"
    assert ("kiosk-new-series", "exit-1", "G > J") in house.noted()


def test_a_new_series_of_a_kiosk_that_was_revoked_meanwhile_is_a_kiosk_of_its_own(house):
    old = house.enrolled(Machine())
    code = house.act(enrolment_codes.make_code_in_place_of, old).code
    asked = house.ask(Machine(), code)
    house.act(fleet_kiosks.revoke, old)

    house.act(enrolment_requests.approve, asked.enrolment)

    assert ("exit-1", "G", KioskState.REVOKED) in house.kiosks()
    assert ("exit-1", "J", KioskState.IN_USE) in house.kiosks()


def test_no_new_series_is_begun_for_a_kiosk_that_is_not_in_use(house):
    old = house.enrolled(Machine())
    house.act(fleet_kiosks.retire, old)

    with pytest.raises(UnknownKioskError):
        house.act(enrolment_codes.make_code_in_place_of, old)


# ---- tokens ----


def test_a_kiosk_signs_for_a_token_and_a_second_one_does_not_end_the_first(house):
    machine = Machine()
    enrolment = house.enrolled(machine)

    tokens = {token_sha256(house.token(machine, enrolment)) for _ in range(2)}

    stored = {row["token_sha256"]: row for row in house.room.rows(tables.kiosk_token)}
    assert tokens <= set(stored)
    for token in tokens:
        assert stored[token]["expires_at"] - house.clock.now == timedelta(hours=24)


def test_what_was_signed_once_is_signed_for_nothing_more(house):
    machine = Machine()
    enrolment = house.enrolled(machine)
    request = house.signed(machine, enrolment)
    house.write(enrolment_tokens.give_token, request=request)

    for look in (house.read, house.write):
        with pytest.raises(ChallengeLapsedError):
            look(
                enrolment_tokens.check_signature
                if look == house.read
                else enrolment_tokens.give_token,
                request=request,
            )


def test_a_challenge_is_good_for_a_minute(house):
    machine = Machine()
    enrolment = house.enrolled(machine)
    request = house.signed(machine, enrolment)

    house.clock.now += NONCE_LASTS

    with pytest.raises(ChallengeLapsedError):
        house.read(enrolment_tokens.check_signature, request=request)


def test_a_challenge_of_one_kiosk_is_none_of_another(house):
    machine, other = Machine(), Machine()
    first, second = house.enrolled(machine, "exit-1"), house.enrolled(other, "exit-2")
    request = sign(other.key, second, Given(nonce=house.nonce(first)))

    with pytest.raises(ChallengeLapsedError):
        house.read(enrolment_tokens.check_signature, request=request)


def test_another_key_an_unknown_kiosk_and_one_that_waits_get_no_token(house):
    machine = Machine()
    enrolment = house.enrolled(machine)
    waits = house.ask(Machine(), house.code("exit-2")).enrolment
    requests = [
        sign(Machine().key, enrolment, Given(nonce=house.nonce(enrolment))),
        sign(machine.key, unknown := new_id(), Given(nonce=house.nonce(unknown))),
        sign(machine.key, waits, Given(nonce=house.nonce(waits))),
    ]

    for request in requests:
        with pytest.raises(NotEnrolledError):
            house.read(enrolment_tokens.check_signature, request=request)


def test_a_kiosk_that_is_revoked_between_signing_and_getting_gets_nothing(house):
    machine = Machine()
    enrolment = house.enrolled(machine)
    request = house.signed(machine, enrolment)
    house.read(enrolment_tokens.check_signature, request=request)
    house.act(fleet_kiosks.revoke, enrolment)

    with pytest.raises(NotEnrolledError):
        house.write(enrolment_tokens.give_token, request=request)


def test_revoking_ends_all_tokens_at_once(house):
    machine = Machine()
    enrolment = house.enrolled(machine)
    house.token(machine, enrolment)

    house.act(fleet_kiosks.revoke, enrolment)

    assert enrolment not in {row["enrolment"] for row in house.room.rows(tables.kiosk_token)}


# ---- limits ----


def test_wrong_codes_are_limited_and_whoever_waits_already_is_not(house):
    machine, code = Machine(), house.code()
    house.ask(machine, code)
    house.came(WRONG_CODES, HALL, WRONG_CODES.most - 1)
    assert house.ask(Machine(), "0000-0000").verdict is Verdict.UNKNOWN

    with pytest.raises(TooManyError) as refused:
        house.ask(Machine(), "0000-0000")

    assert 0 < refused.value.seconds <= 60
    assert house.ask(machine, code).verdict is Verdict.WAITING
    assert house.ask(Machine(), "0000-0000", address="192.0.2.8").verdict is Verdict.UNKNOWN


def test_a_hall_that_was_limited_is_let_in_again_within_a_minute(house):
    code = house.code()
    house.came(WRONG_CODES, HALL, WRONG_CODES.most)
    with pytest.raises(TooManyError):
        house.ask(Machine(), code)

    house.clock.now += WRONG_CODES.within

    assert house.ask(Machine(), code).verdict is Verdict.WAITING


def test_strangers_use_up_no_challenge_of_a_kiosk_at_the_same_address(house):
    machine = Machine()
    enrolment = house.enrolled(machine)
    house.came(STRANGERS, HALL, STRANGERS.most - 1)
    house.nonce(new_id())
    with pytest.raises(TooManyError):
        house.nonce(new_id())

    assert house.token(machine, enrolment)


def test_a_kiosk_that_runs_wild_is_limited_alone(house):
    machine, other = Machine(), Machine()
    wild, calm = house.enrolled(machine, "exit-1"), house.enrolled(other, "exit-2")
    house.came(CHALLENGES, f"{wild}", CHALLENGES.most - 1)
    house.nonce(wild)

    with pytest.raises(TooManyError):
        house.nonce(wild)
    assert house.token(other, calm)


def test_for_strangers_nothing_is_stored_but_how_many_they_were(house):
    for _ in range(3):
        house.nonce(new_id())

    assert house.room.rows(tables.challenge) == []
    (counted,) = house.room.rows(tables.attempt)
    assert (counted["door"], counted["address"], counted["attempts"]) == ("strangers", HALL, 3)


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),  # as some proxies pass it on
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
@pytest.mark.sqlite
def test_a_machine_with_many_addresses_of_ipv6_is_one(address, who):
    assert door_limits.who_at(address) == who


# ---- what is left ----


def test_what_is_good_for_nothing_goes_with_the_errand_of_retention(house):
    machine = Machine()
    enrolment = house.enrolled(machine)
    house.token(machine, enrolment)
    house.nonce(enrolment)
    house.code("exit-3")
    house.ask(Machine(), "0000-0000")
    of_trials = [r for r in house.room.rows(tables.kiosk_token) if r["expires_at"] is None]

    house.tidy()
    for leftover in LEFTOVERS:
        assert house.room.rows(leftover.table), leftover.table.name

    house.clock.now += CODE_LASTS + CODE_KEPT
    house.tidy()
    left = [row["name"] for row in house.room.rows(tables.enrolment_code)]
    assert left == ["exit-1"]  # whose machine may still ask what became of it
    assert house.room.rows(tables.challenge) == house.room.rows(tables.attempt) == []
    assert len(house.room.rows(tables.kiosk_token)) == len(of_trials) + 1

    house.clock.now += REQUEST_KEPT + TOKEN_KEPT
    house.tidy()
    for leftover in LEFTOVERS:
        if leftover.table is not tables.kiosk_token:
            assert house.room.rows(leftover.table) == []
    assert house.room.rows(tables.kiosk_token) == of_trials
