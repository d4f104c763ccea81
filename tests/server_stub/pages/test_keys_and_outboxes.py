"""The pages of keys and of outboxes, without script."""

import io
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import delete, update

from kiosk.contract.outbox_file import OutboxHeader, write_outbox
from kiosk.contract.paths import LARGEST_BODY
from server_stub import accounts, body_limit, site_keys, tables
from server_stub.admin_act import AdminAct
from server_stub.keys import make_key
from server_stub.passwords import hash_password
from tests.server_stub.administering import SITE
from tests.server_stub.conftest import CHEAP
from tests.server_stub.enrolled import MONDAY_NOON, new_id
from tests.server_stub.pages.paper_browser import PASSWORD, Page, PaperBrowser

KEYS, OUTBOX = "/staff/admin/keys", "/staff/admin/outbox"


@pytest.fixture(scope="module")
def with_admin(running):
    """Let lene administer the site; what she did to keys and kiosks is taken back."""

    def change(connection, *changes) -> None:
        for one in changes:
            one(connection)

    def make(connection) -> None:
        act = AdminAct(connection, SITE, by="", now=MONDAY_NOON)
        accounts.make_account(
            act, "lene", role="admin", password_hash=hash_password(PASSWORD, CHEAP)
        )

    def forget(connection) -> None:
        for table in (tables.staff_session, tables.staff):
            name = table.c.staff if table is tables.staff_session else table.c.name
            connection.execute(delete(table).where(name == "lene"))

    running.app.state.writer.submit(make).result()
    yield
    running.app.state.writer.submit(forget).result()


@pytest.fixture
def lene(browser, with_admin, app):  # noqa: ARG001
    """A browser in which lene is logged in; keys are as before afterwards."""
    before, keys = app.app.state.room._in_force.key_id, app.app.state.keys
    file = app.app.state.settings.keys / f"{before}.key"
    private, kept = keys.private[before], file.read_bytes()
    browser.log_in("lene", language="en")
    yield browser
    keys.forget(keys.private.keys() - {before})

    def take_back(connection) -> None:
        t, kiosk = tables.site_key, tables.kiosk
        connection.execute(delete(t).where(t.c.key_id != before))
        connection.execute(update(t).values(retired_at=None, destroyed_at=None))
        connection.execute(update(tables.site).values(key_id=before))
        connection.execute(update(kiosk).values(retired_at=None, revoked_at=None))

    app.app.state.writer.submit(take_back).result()
    keys.private[before] = private  # a test may have destroyed it
    file.write_bytes(kept)
    file.chmod(0o600)
    app.app.state.room._in_force = replace(app.app.state.room._in_force, as_of=0, key_id="")
    app.app.state.room.look_at_site()


def do(browser: PaperBrowser, where: str, /, **fields: object) -> Page:
    return browser.send(where, action=new_id(), **fields)


def key_ids(app) -> dict[str, str]:
    with app.app.state.engine.connect() as connection:
        found = site_keys.read_site_keys(connection, SITE)
    return {key.state.value: key.key_id for key in found}


def test_a_new_key_is_in_force_at_once_where_there_is_one_server(app, lene):
    old = key_ids(app)["in-force"]

    page = lene.press(lene.open(KEYS).form(KEYS))
    page = lene.open(page.address)

    new = key_ids(app)["in-force"]
    assert new != old == key_ids(app)["retired"]
    assert "The key is in force." in page.text
    assert app.app.state.room.site_answer().key_id == new
    assert f"{new}.key" in page.text


def test_a_press_that_comes_twice_makes_one_key(app, lene):
    press = new_id()

    first = lene.send(KEYS, action=press)
    again = lene.send(KEYS, action=press)

    assert (first.status, again.status) == (303, 409)
    assert "This was done already" in again.text
    assert len(list(app.app.state.settings.keys.glob("*.key"))) == 2


def test_the_page_names_who_still_needs_an_old_key_and_offers_no_end_of_it(app, lene, clock):
    do(lene, KEYS)
    old = key_ids(app)["retired"]
    clock.now = MONDAY_NOON + timedelta(minutes=1)

    page = lene.open(KEYS)

    assert "It must stay while kiosks may hold check-ins that only it opens." in page.text
    assert "entrance-1 D was never heard of" in page.text
    assert not page.has_form(f"{KEYS}/destroy")
    refused = do(lene, f"{KEYS}/destroy", key=old, sure="yes")
    assert "Kiosks may hold check-ins that only this key opens." in refused.text
    assert key_ids(app)["retired"] == old


def test_a_key_that_nobody_needs_is_destroyed_by_whoever_knows_what_that_means(
    app, lene, line, kiosk, clock
):
    line.check_in(kiosk.check_in(1))
    do(lene, KEYS)
    old = key_ids(app)["retired"]
    revoke_all(app, clock)

    page = lene.open(KEYS)
    assert "1 check-in that is kept here is sealed to it" in page.text
    assert "The outboxes of these revoked kiosks could still be found and admitted" in page.text
    assert "Nothing was destroyed." in do(lene, f"{KEYS}/destroy", key=old).text
    assert old in app.app.state.keys.private

    done = lene.open(do(lene, f"{KEYS}/destroy", key=old, sure="yes").address)

    assert "The key is destroyed." in done.text
    assert key_ids(app)["destroyed"] == old
    assert not (app.app.state.settings.keys / f"{old}.key").exists()


def revoke_all(app, clock) -> None:
    values = {"retired_at": clock.now, "revoked_at": clock.now}
    app.app.state.writer.submit(lambda c: c.execute(update(tables.kiosk).values(values))).result()


def test_a_prepared_key_is_put_in_force_by_a_press_of_its_own(app, lene):
    key = make_key(app.app.state.settings.keys)
    writer = app.app.state.writer
    writer.submit(partial(site_keys.add_key, site=SITE, key=key, made_at=MONDAY_NOON)).result()

    page = lene.open(KEYS)
    assert "Prepared" in page.text
    lene.press(page.form(f"{KEYS}/take"))

    assert key_ids(app)["in-force"] == key.key_id


# ---- outboxes ----


def file_of(kiosk, *check_ins) -> bytes:
    out = io.BytesIO()
    header = OutboxHeader(
        site=kiosk.site, kiosk=kiosk.name, enrolment=kiosk.enrolment, entries=len(check_ins)
    )
    write_outbox(out, header, [check_in.to_bytes() for check_in in check_ins], sign=None)
    return out.getvalue()


def send_file(browser: PaperBrowser, content: bytes) -> Page:
    files = {"file": ("outbox.txt", content, "text/plain")}
    return Page(browser.client.post(OUTBOX, files=files, headers=browser.headers))


def visits(app) -> int:
    with app.app.state.engine.connect() as connection:
        return len(connection.execute(tables.visit.select()).all())


def test_a_file_is_looked_through_first_and_admitted_by_a_press(app, lene, line, kiosk):
    here, new = kiosk.check_in(1), kiosk.check_in(2)
    line.check_in(here)

    looked = send_file(lene, file_of(kiosk, here, new))

    assert "What an admission would do" in looked.text
    assert "New check-ins 1 Here already 1" in looked.text
    assert visits(app) == 1
    form = looked.form(f"{OUTBOX}/admit")
    assert form.button == "Admit 1 check-in"
    admitted = lene.press(form)
    assert "Admitted" in admitted.text
    assert "New check-ins 1 Here already 1" in admitted.text
    assert visits(app) == 2
    assert not list(app.app.state.settings.incoming.iterdir())
    assert "The file is not here any more." in lene.press(form).text


def test_a_file_that_is_no_outbox_is_told_and_not_kept(app, lene):
    for content in (b"holiday.jpg", b""):
        page = send_file(lene, content)

        assert page.status == 409
        assert "This is no outbox, or not all of it has come." in page.text
    incoming = app.app.state.settings.incoming
    assert not incoming.exists() or not list(incoming.iterdir())


def test_a_file_of_a_kiosk_that_nobody_knows_is_told(app, lene, kiosk):
    page = send_file(lene, file_of(replace(kiosk, enrolment=new_id()), kiosk.check_in(1)))

    assert "No kiosk entrance-1 was ever enrolled here under this enrolment." in page.text
    assert visits(app) == 0


def test_a_file_may_be_large_and_not_larger(lene, kiosk, monkeypatch):
    monkeypatch.setattr(body_limit, "LARGEST_FILE", 300_000)
    content = file_of(kiosk, *(kiosk.check_in(sequence) for sequence in range(1, 150)))

    assert LARGEST_BODY < len(content) < 300_000
    assert "Admit 149 check-ins" in send_file(lene, content).text
    assert send_file(lene, content + b"x" * 300_000).status == 413
