"""Keys and outboxes from the command line."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from kiosk.contract.outbox_file import OutboxHeader, write_outbox
from server_stub import admission, tables
from server_stub.__main__ import main
from server_stub.looking import looking_at
from server_stub.store import engine_for, open_store
from tests.server_stub.enrolled import new_id

pytestmark = pytest.mark.slow

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
"""Commands go by the machine's clock, and so the kiosks must have been there before."""


@pytest.fixture
def run(settings, capsys):
    """Run a command on the test's data; return its exit code and what it said."""
    with engine_for(settings) as engine, engine.execution_options(writes=True).begin() as c:
        c.execute(update(tables.kiosk).values(enrolled_at=LONG_AGO))

    def command(name, *arguments):
        code = main(
            [name, *(f"{argument}" for argument in arguments), "--data", f"{settings.data}"]
        )
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


def test_a_key_is_rotated_on_a_store_that_no_server_uses(run, settings, kiosk):
    old = kiosk.key.key_id

    code, said = run("rotate-key")

    new = said.split(":")[0]
    assert code == 0
    assert f"{settings.keys / new}.key: copy it to where you keep the keys" in said
    _, listed = run("keys")
    assert [line.split()[:2] for line in listed.splitlines() if line.startswith("key-")] == [
        [new, "in-force"],
        [old, "retired"],
    ]
    assert "needed: entrance-1 (letter D) has not reported since the key was retired" in listed
    assert run("check")[0] == 0


def test_a_store_that_a_server_uses_is_left_alone(run, settings):
    with open_store(settings):
        code, said = run("rotate-key")

    assert code == 2
    assert "in use" in said
    assert len(list(settings.keys.iterdir())) == 1


def test_a_key_that_is_needed_is_not_destroyed_nor_one_without_a_word(run, settings, kiosk):
    run("rotate-key")

    for arguments, why in {(): "add: --yes", ("--yes",): "entrance-1, entrance-2 may hold"}.items():
        code, said = run("destroy-key", kiosk.key.key_id, *arguments)
        assert code == 2
        assert why in said
    assert len(list(settings.keys.iterdir())) == 2


@pytest.mark.postgresql
def test_on_a_database_of_several_servers_a_key_is_first_prepared(run, settings, kiosk):
    code, said = run("rotate-key")

    new = next(path.stem for path in settings.keys.iterdir() if path.stem != kiosk.key.key_id)
    assert code == 0
    assert f"--put-in-force {new}" in said
    assert f"{kiosk.key.key_id}  in-force" in run("keys")[1]
    assert run("rotate-key", "--put-in-force", new)[0] == 0
    assert f"{new}  in-force" in run("keys")[1]


def test_an_outbox_is_looked_through_and_admitted_only_when_told_so(run, settings, kiosk, tmp_path):
    out = io.BytesIO()
    header = OutboxHeader(site=kiosk.site, kiosk=kiosk.name, enrolment=kiosk.enrolment, entries=2)
    bodies = [kiosk.check_in(sequence).to_bytes() for sequence in (1, 2)]
    write_outbox(out, header, bodies, sign=None)
    (tmp_path / "outbox.txt").write_bytes(out.getvalue())

    for arguments, new, stored in (((), 2, 0), (("--yes",), 2, 2), (("--yes",), 0, 2)):
        code, said = run("admit-outbox", tmp_path / "outbox.txt", *arguments)

        assert code == 0
        assert "2 check-ins of entrance-1 (letter D), not signed" in said
        assert f"  new: {new}\n  here already: {2 - new}\n" in said
        with looking_at(settings) as connection:
            assert len(connection.execute(tables.visit.select()).all()) == stored


@pytest.mark.postgresql
def test_while_an_outbox_is_admitted_no_server_stores_an_event_under_the_same_number(
    run, settings, kiosk, tmp_path, monkeypatch
):
    out = io.BytesIO()
    header = OutboxHeader(site=kiosk.site, kiosk=kiosk.name, enrolment=kiosk.enrolment, entries=1)
    write_outbox(out, header, [kiosk.check_in(1).to_bytes()], sign=None)
    (tmp_path / "outbox.txt").write_bytes(out.getvalue())
    take_turns = select(tables.site.c.next_event).with_for_update(nowait=True)
    admit, waited = admission.admit, []

    def admit_beside_a_server(connection, newcomers, *, site):
        with (
            engine_for(settings) as engine,
            engine.execution_options(writes=True).connect() as server,
            pytest.raises(OperationalError),
        ):
            server.execute(take_turns)
        waited.append(site.id)
        return admit(connection, newcomers, site=site)

    monkeypatch.setattr(admission, "admit", admit_beside_a_server)

    assert run("admit-outbox", tmp_path / "outbox.txt", "--yes")[0] == 0
    assert waited == [kiosk.site]


def test_the_outbox_of_a_kiosk_that_a_restored_server_forgot_is_admitted_by_its_own_word(
    run, settings, kiosk, tmp_path
):
    lost = replace(kiosk, enrolment=new_id(), name="entrance-9", letter="L")
    out = io.BytesIO()
    header = OutboxHeader(site=lost.site, kiosk=lost.name, enrolment=lost.enrolment, entries=1)
    write_outbox(out, header, [lost.check_in(1).to_bytes()], sign=None)
    (tmp_path / "outbox.txt").write_bytes(out.getvalue())

    code, said = run("admit-outbox", tmp_path / "outbox.txt", "--yes")
    assert code == 2
    assert "add: --lost-kiosk" in said
    for new in (1, 0):
        code, said = run("admit-outbox", tmp_path / "outbox.txt", "--lost-kiosk", "--yes")
        assert code == 0, said
        assert "of entrance-9 (letter L), not signed by a key that is known here" in said
        assert f"  new: {new}\n" in said
    with looking_at(settings) as connection:
        t = tables.kiosk.c
        known = select(t.letter, t.retired_at.is_not(None), t.public_key).where(
            t.enrolment == lost.enrolment
        )
        assert connection.execute(known).one() == ("L", True, None)
        (visit,) = connection.execute(tables.visit.select()).all()
        assert (visit.number, visit.marked) == ("L101", "")


def test_a_lost_kiosk_whose_letter_was_given_again_is_not_taken_in(run, settings, kiosk, tmp_path):
    lost = replace(kiosk, enrolment=new_id(), name="entrance-9")  # with the letter of entrance-1
    out = io.BytesIO()
    header = OutboxHeader(site=lost.site, kiosk=lost.name, enrolment=lost.enrolment, entries=1)
    write_outbox(out, header, [lost.check_in(1).to_bytes()], sign=None)
    (tmp_path / "outbox.txt").write_bytes(out.getvalue())

    code, said = run("admit-outbox", tmp_path / "outbox.txt", "--lost-kiosk", "--yes")

    assert code == 2
    assert "letter D is another kiosk's" in said
    with looking_at(settings) as connection:
        assert not connection.execute(tables.visit.select()).all()


def test_a_file_that_is_no_outbox_or_not_there_is_told(run, tmp_path):
    (tmp_path / "it").write_text("no outbox\n")

    for file, why in {"it": "this is no outbox", "that": "cannot be read: No such file"}.items():
        code, said = run("admit-outbox", tmp_path / file)
        assert code == 2
        assert why in said
