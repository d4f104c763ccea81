"""The site's keys: a new one in force, and the end of an old one that no kiosk needs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, update
from starlette.testclient import TestClient

from kiosk.contract import paths
from kiosk.contract.messages import HeartbeatAnswer
from kiosk.contract.sealing import SiteKey
from kiosk.contract.site import SiteAnswer
from server_stub import site_keys, tables
from server_stub.app import create_app
from server_stub.checks.keys_there import keys_check
from server_stub.health_api import HEALTHY
from server_stub.key_holders import Holder, Why, holders_of, why_it_may_hold
from server_stub.keys import KeyFileError, make_key, read_keys
from server_stub.looking import looking_at
from server_stub.settings import Settings
from server_stub.site_in_force import load_site
from server_stub.site_keys import KeyIsHeldError, KeyState, UnknownKeyError, read_site_keys
from server_stub.store import engine_for
from tests.server_stub.administering import SITE, Office
from tests.server_stub.enrolled import MONDAY_NOON, EnrolledKiosk, Line

OLD, NEW = "key-0000000a", "key-0000000b"
RETIRED = MONDAY_NOON
BEFORE, AFTER = RETIRED - timedelta(hours=1), RETIRED + timedelta(hours=1)

KIOSK = Holder(
    enrolment=UUID(int=1),
    called="entrance-1",
    letter="D",
    enrolled_at=BEFORE,
    retired_at=None,
    revoked_at=None,
    reported_at=AFTER,
    sealed_to=(NEW,),
)


# ---- who may hold check-ins of a key ----


@pytest.mark.parametrize(
    ("differs", "why"),
    [
        ({}, None),
        ({"sealed_to": (NEW, OLD)}, Why.HOLDS),
        ({"sealed_to": (OLD,)}, Why.HOLDS),
        ({"sealed_to": None}, Why.OLD_PROGRAM),
        ({"reported_at": BEFORE}, Why.SILENT),
        ({"reported_at": None, "sealed_to": None}, Why.SILENT),
        ({"reported_at": None, "sealed_to": None, "enrolled_at": AFTER}, None),
        ({"sealed_to": (NEW, OLD), "enrolled_at": AFTER}, Why.HOLDS),
        ({"retired_at": BEFORE, "reported_at": BEFORE}, Why.SILENT),
        ({"retired_at": AFTER}, None),
    ],
)
def test_a_kiosk_holds_nothing_only_where_it_has_said_so_since_the_key_was_retired(differs, why):
    assert why_it_may_hold(OLD, replace(KIOSK, **differs), retired_at=RETIRED) is why


def test_what_is_still_awaited_and_what_could_only_be_brought_are_told_apart():
    silent = replace(KIOSK, reported_at=BEFORE)
    lost = replace(silent, revoked_at=AFTER)

    found = holders_of(OLD, [KIOSK, silent, lost], retired_at=RETIRED)

    assert [held.holder for held in found.enrolled] == [silent]
    assert [held.holder for held in found.revoked] == [lost]


# ---- in the store ----


@pytest.fixture
def office(settings, clock) -> Iterator[Office]:
    with engine_for(settings) as engine:
        yield Office(engine, clock)


def states(office: Office) -> dict[str, KeyState]:
    return {key.key_id: key.state for key in office.read(lambda c: read_site_keys(c, SITE))}


def rotate(office: Office, settings: Settings) -> SiteKey:
    key = make_key(settings.keys, now=settings.clock())
    office.do(site_keys.rotate, key)
    return key


def report(office: Office, kiosk: EnrolledKiosk, *sealed_to: str, clock) -> None:
    """Let a kiosk have said which keys it needs."""
    said = kiosk.heartbeat().model_dump(include={"program_version", "site_version", "printer"})
    values = said | {
        "clock_trusted": True,
        "disk_free_bytes": 1,
        "outbox_depth": 0,
        "highest_sequence": 0,
        **dict.fromkeys(("check_ins", "abandoned", "help_calls"), 0),
    }

    def change(act) -> None:
        t = tables.kiosk_report
        act.connection.execute(delete(t).where(t.c.enrolment == kiosk.enrolment))
        act.connection.execute(
            insert(t).values(
                site=SITE,
                enrolment=kiosk.enrolment,
                at=clock.now,
                sealed_to=" ".join(sealed_to),
                **values,
            )
        )

    office.do(change)


@pytest.mark.both_databases
def test_a_new_key_is_in_force_and_the_one_before_stays_to_open_what_is_sealed(
    office, settings, kiosk
):
    key = rotate(office, settings)

    assert office.read(load_site).key_id == key.key_id
    assert states(office) == {key.key_id: KeyState.IN_FORCE, kiosk.key.key_id: KeyState.RETIRED}
    assert ("olga", "key-in-force", key.key_id, kiosk.key.key_id) in office.noted()
    assert {*read_keys(settings.keys).private} == {key.key_id, kiosk.key.key_id}


@pytest.mark.both_databases
def test_a_key_that_is_needed_by_a_kiosk_is_not_destroyed_until_it_says_it_is_not(
    office, settings, kiosk, other_kiosk, clock
):
    old = kiosk.key.key_id
    report(office, other_kiosk, old, clock=clock)
    clock.move(60)
    new = rotate(office, settings).key_id
    clock.move(60)

    for held in (new, old), (new,):
        report(office, kiosk, *held, clock=clock)
        with pytest.raises(KeyIsHeldError) as refused:
            office.do(site_keys.destroy, old)
    assert [(one.holder.called, one.why) for one in refused.value.held] == [
        ("entrance-2", Why.HOLDS)
    ]
    report(office, other_kiosk, new, clock=clock)

    office.do(site_keys.destroy, old)

    assert states(office) == {new: KeyState.IN_FORCE, old: KeyState.DESTROYED}
    assert office.noted()[-1] == ("olga", "key-destroyed", old, None)


def test_a_retired_kiosk_is_waited_for_and_a_revoked_one_is_not(
    office, settings, kiosk, other_kiosk, clock
):
    clock.move(60)
    new = rotate(office, settings).key_id
    report(office, kiosk, new, clock=clock)
    t = tables.kiosk.c
    gone = update(tables.kiosk).where(t.enrolment == other_kiosk.enrolment)

    office.do(lambda act: act.connection.execute(gone.values(retired_at=clock.now)))
    with pytest.raises(KeyIsHeldError, match="entrance-2 may hold"):
        office.do(site_keys.destroy, kiosk.key.key_id)

    office.do(lambda act: act.connection.execute(gone.values(revoked_at=clock.now)))
    office.do(site_keys.destroy, kiosk.key.key_id)


def test_the_key_in_force_cannot_be_destroyed(office, kiosk):
    with pytest.raises(UnknownKeyError):
        office.do(site_keys.destroy, kiosk.key.key_id)


def test_a_prepared_key_is_told_to_nobody_until_it_is_put_in_force(office, settings, kiosk):
    key = make_key(settings.keys)
    office.do(site_keys.prepare, key)
    assert office.read(load_site).key_id == kiosk.key.key_id

    office.do(site_keys.put_in_force, key.key_id)

    assert office.read(load_site).key_id == key.key_id
    for again in (key.key_id, kiosk.key.key_id):
        with pytest.raises(UnknownKeyError):
            office.do(site_keys.put_in_force, again)


# ---- a store and a folder of keys that do not know the same ----


def take_stock(office: Office, settings: Settings, **how: bool) -> str:
    keys = read_keys(settings.keys)
    return office.do(
        lambda act: site_keys.take_stock(act.connection, SITE, keys, now=act.now, **how)
    )


@pytest.mark.both_databases
def test_a_store_of_an_older_program_learns_its_key_from_the_file(office, settings, kiosk):
    office.do(lambda act: act.connection.execute(delete(tables.site_key)))

    assert take_stock(office, settings) == kiosk.key.key_id

    assert states(office) == {kiosk.key.key_id: KeyState.IN_FORCE}


def test_a_key_file_of_unknown_origin_is_for_an_administrator_to_put_in_force(
    office, settings, kiosk
):
    stray = make_key(settings.keys)

    assert take_stock(office, settings) == kiosk.key.key_id

    assert states(office)[stray.key_id] is KeyState.PREPARED


def test_a_restored_store_takes_the_newest_key_that_is_newer_than_its_own(office, settings):
    ages = {
        make_key(settings.keys, now=MONDAY_NOON + timedelta(days=days)).key_id: days
        for days in (-400, 10, 20, 5)
    }
    newest = max(ages, key=ages.__getitem__)

    assert take_stock(office, settings, restored=True) == newest

    found = states(office)
    assert found.pop(newest) is KeyState.IN_FORCE
    assert set(found.values()) == {KeyState.RETIRED}


def test_an_older_key_beside_a_restored_store_stays_old(office, settings, kiosk):
    older = make_key(settings.keys, now=MONDAY_NOON - timedelta(days=400))

    assert take_stock(office, settings, restored=True) == kiosk.key.key_id
    assert older.key_id in states(office)


def test_a_store_older_than_a_key_destroyed_since_takes_the_newest_that_is_left(
    office, settings, kiosk
):
    newer = make_key(settings.keys, now=MONDAY_NOON - timedelta(days=1)).key_id
    (settings.keys / f"{kiosk.key.key_id}.key").unlink()

    assert take_stock(office, settings) == newer

    assert states(office) == {newer: KeyState.IN_FORCE, kiosk.key.key_id: KeyState.RETIRED}


def test_without_any_key_nothing_starts_and_the_missing_file_is_named(office, settings, kiosk):
    (settings.keys / f"{kiosk.key.key_id}.key").unlink()

    with pytest.raises(KeyFileError, match=f"{settings.keys}.*{kiosk.key.key_id} is missing"):
        take_stock(office, settings)


# ---- servers and kiosks ----


@contextmanager
def running(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def told_key(line: Line) -> tuple[str, str]:
    """Return the key that a heartbeat names, and the one that the site does."""
    beat = HeartbeatAnswer.model_validate_json(line.beat(line.kiosk.heartbeat()).content)
    site = SiteAnswer.model_validate_json(line.get(paths.SITE).content)
    return beat.key_id or "", site.key_id


def mark_of(client: TestClient, check_in) -> str:
    t = tables.visit.c
    with client.app.state.engine.connect() as connection:
        return connection.execute(tables.visit.select().where(t.id == check_in.id)).one().marked


@pytest.mark.postgresql
def test_a_server_that_was_not_given_the_new_file_says_so_and_opens_it_once_it_is(
    tmp_path, new_data, kiosk, caplog
):
    settings = new_data(tmp_path / "one")
    other = replace(settings, data=tmp_path / "two")
    other.keys.mkdir(parents=True)
    file = settings.keys / f"{kiosk.key.key_id}.key"
    (other.keys / file.name).touch(mode=0o600)
    (other.keys / file.name).write_bytes(file.read_bytes())
    other.url_file.touch(mode=0o600)
    other.url_file.write_text(settings.url_file.read_text())
    key = make_key(settings.keys)
    with running(settings) as one, running(other) as two:
        engine = one.app.state.engine
        office = Office(engine, settings.clock)
        office.do(site_keys.prepare, key)
        assert one.get(HEALTHY).status_code == two.get(HEALTHY).status_code == 200

        office.do(site_keys.put_in_force, key.key_id)

        for client in (one, two):
            client.app.state.room.look_at_site()
        line = Line(two, replace(kiosk, key=key))
        assert told_key(line) == (key.key_id, key.key_id)
        assert one.get(HEALTHY).json()["trouble"] is None
        sick = two.get(HEALTHY)
        assert (sick.status_code, sick.json()["trouble"]) == (503, "key-missing")
        assert f"key missing key={key.key_id}: put its file into {other.keys}" in caplog.text
        unread = line.kiosk.check_in(1)
        assert line.check_in(unread).status_code == 201  # whoever holds a slip waits
        assert mark_of(two, unread) == "unreadable"

        new_file = other.keys / f"{key.key_id}.key"
        new_file.touch(mode=0o600)
        new_file.write_bytes((settings.keys / new_file.name).read_bytes())
        two.app.state.keys._looked_at = 0.0  # the second has passed

        assert two.get(HEALTHY).status_code == 200
        read = line.kiosk.check_in(2)
        assert line.check_in(read).status_code == 201
        assert mark_of(two, read) == ""


def test_a_kiosk_hears_of_a_new_key_and_what_was_sealed_to_the_old_one_is_opened(
    settings, kiosk, clock
):
    with running(settings) as client:
        line = Line(client, kiosk)
        before, etag = told_key(line), line.get(paths.SITE).headers["etag"]
        late = kiosk.check_in(1)
        office = Office(client.app.state.engine, clock)
        key = rotate(office, settings)
        client.app.state.room.look_at_site()

        assert before == (kiosk.key.key_id, kiosk.key.key_id)
        assert told_key(line) == (key.key_id, key.key_id)
        assert line.get(paths.SITE, **{"If-None-Match": etag}).status_code == 200
        line.check_in(late)
        line.check_in(after := replace(kiosk, key=key).check_in(2))
        assert mark_of(client, late) == mark_of(client, after) == ""


def test_each_server_deletes_its_file_of_a_destroyed_key(
    settings, kiosk, other_kiosk, clock, caplog
):
    caplog.set_level(logging.WARNING)
    with running(settings) as client:
        office = Office(client.app.state.engine, clock)
        new = rotate(office, settings).key_id
        for one in (kiosk, other_kiosk):
            report(office, one, new, clock=clock)
        office.do(site_keys.destroy, kiosk.key.key_id)
        keys = client.app.state.keys

        with client.app.state.engine.connect() as connection:
            assert site_keys.look_after(connection, SITE, keys) == set()

        assert [path.stem for path in settings.keys.iterdir()] == [new]
        assert keys.private_key(kiosk.key.key_id) is None
        assert f"destroyed key deleted key={kiosk.key.key_id}" in caplog.text
        late = kiosk.check_in(7)
        assert Line(client, kiosk).check_in(late).status_code == 201
        assert mark_of(client, late) == "unreadable"


def test_the_check_names_each_key_file_that_misses_and_each_that_must_be_gone(
    office, settings, kiosk, other_kiosk, clock
):
    new = rotate(office, settings).key_id
    for one in (kiosk, other_kiosk):
        report(office, one, new, clock=clock)
    old = settings.keys / f"{kiosk.key.key_id}.key"
    kept = old.read_bytes()

    def found() -> str:
        with looking_at(settings) as connection:
            check = keys_check(settings.keys)
            return "\n".join(f"{finding}" for finding in check.find(connection))

    assert found() == ""
    old.unlink()
    assert f"{kiosk.key.key_id} of site duesseldorf: is not in {settings.keys}" in found()
    old.touch(mode=0o600)
    old.write_bytes(kept)
    office.do(site_keys.destroy, kiosk.key.key_id)
    assert "was destroyed, and its file is in" in found()
