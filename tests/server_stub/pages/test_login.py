import logging
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

import pytest
from sqlalchemy import Connection, select

from server_stub import accounts, tables
from server_stub.admin_act import AdminAct
from server_stub.device_tokens import token_sha256
from server_stub.staff_login import COOKIE
from server_stub.staff_sessions import FAILURES_ALLOWED, SESSION_LENGTH, count_attempt

HERE = "192.0.2.7"
RIGHT = {"name": "mehmet", "password": "right-password"}


def test_who_logs_in_reaches_the_staff_page(browser):
    assert browser.log_in().address == "/staff"
    page = browser.open("/staff")

    assert page.status == 200
    assert "anna" in page.text
    assert "No one is waiting." in page.text


def test_the_cookie_is_for_this_server_alone(browser):
    address = "https://testserver/staff/login"
    cookie = browser.client.post(address, data=RIGHT).headers["set-cookie"]

    assert {"HttpOnly", "Path=/staff", "SameSite=lax", "Secure"} <= set(cookie.split("; "))


def test_the_database_holds_only_a_hash_of_the_cookie(browser, change_store):
    browser.log_in("mehmet")

    assert change_store(sessions_of_mehmet) == [token_sha256(browser.client.cookies[COOKIE])]


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/staff/hall?day=2026-11-23", "/staff/hall?day=2026-11-23"),
        ("//elsewhere.example/staff/", "/staff"),
        ("/staff/..//elsewhere.example", "/staff"),
        ("/staff/\\\\elsewhere.example", "/staff"),
        ("https://elsewhere.example/staff/", "/staff"),
        ("/display", "/staff"),
    ],
)
def test_who_logs_in_comes_back_to_a_page_of_this_server_alone(browser, back, leads):
    asked = browser.open(f"/staff/login?{urlencode({'back': back})}").form("/staff/login")

    assert browser.send(asked.action, **{**asked.fields, **RIGHT}).address == leads
    assert browser.send("/staff/login", **RIGHT, back=back).address == leads


def test_who_must_log_in_comes_back_to_where_they_wanted_to_be(browser):
    assert browser.open("/staff/hall").address == "/staff/login?back=%2Fstaff%2Fhall"
    assert browser.send("/staff/help").address == "/staff/login", "a press is not repeated"


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong-password"), ("nobody", "x")])
def test_a_wrong_name_or_password_is_told_what_to_do_and_not_which(browser, name, password):
    page = browser.log_in(name, password)

    assert page.status == 403
    assert "Name and password do not match. Try again." in page.text
    assert "ask the shift lead for a new one" in page.text
    assert browser.open("/staff").address == "/staff/login"


def test_a_name_that_was_typed_is_shown_again_as_text(browser):
    page = browser.log_in('"><b>x', "wrong")

    assert page.form("/staff/login").fields["name"] == '"><b>x'


def test_five_wrong_passwords_shut_the_door_for_a_quarter_of_an_hour(browser, change_store, clock):
    change_store(lambda c: fail(c, clock, times=FAILURES_ALLOWED - 1))
    assert browser.log_in(password="wrong").status == 403

    shut = browser.log_in()

    assert shut.status == 429
    assert "Wait until 12:15, then try again" in shut.text
    clock.move(15 * 60 - 1)
    assert browser.log_in().status == 429
    clock.move(1)
    assert browser.log_in().address == "/staff"


def test_the_door_is_shut_for_one_name_at_one_address_only(browser, change_store, clock):
    change_store(lambda c: fail(c, clock, times=FAILURES_ALLOWED, address="198.51.100.9"))
    assert browser.log_in().address == "/staff"

    browser.client.cookies.clear()  # another browser, which nobody has logged in with
    change_store(lambda c: fail(c, clock, times=FAILURES_ALLOWED))
    assert browser.log_in().status == 429
    assert browser.log_in("mehmet").address == "/staff"


def test_the_right_password_forgives_the_wrong_ones(browser, change_store, clock):
    change_store(lambda c: fail(c, clock, times=FAILURES_ALLOWED - 1))
    browser.log_in()

    assert change_store(lambda c: c.execute(select(tables.login_failure)).all()) == []


def test_logging_out_ends_the_session_also_for_who_has_its_cookie(browser, change_store):
    browser.log_in("mehmet")
    cookies = dict(browser.client.cookies)

    assert browser.send("/staff/logout").address == "/staff/login"
    assert COOKIE not in browser.client.cookies
    assert change_store(sessions_of_mehmet) == []
    browser.client.cookies.update(cookies)
    assert browser.open("/staff").address == "/staff/login?reason=over"


def test_logging_in_again_ends_the_session_before(browser, change_store):
    browser.log_in("mehmet")
    before = change_store(sessions_of_mehmet)
    browser.log_in("mehmet")

    now = change_store(sessions_of_mehmet)
    assert len(now) == 1
    assert now != before


def test_a_session_is_over_after_a_long_shift_and_the_page_says_so(anna, clock):
    clock.move(12 * 3600 - 1)
    assert anna.open("/staff").status == 200
    clock.move(1)

    assert anna.open("/staff").address == "/staff/login?reason=over"
    assert "Your session is over." in anna.open("/staff/login?reason=over").text


def test_a_session_of_a_clock_that_was_a_year_ahead_is_over_at_once(browser, change_store, clock):
    browser.log_in("mehmet")
    ahead = clock.now + timedelta(days=365)  # not by the clock: that would end anna's session
    dates = {"created_at": ahead, "expires_at": ahead + SESSION_LENGTH}
    t = tables.staff_session
    change_store(lambda c: c.execute(t.update().where(t.c.staff == "mehmet").values(dates)))

    assert browser.open("/staff").address == "/staff/login?reason=over"


def test_a_session_outlives_a_clock_that_is_set_back_by_minutes(browser, clock):
    browser.log_in("mehmet")
    clock.move(-5 * 60)

    assert browser.open("/staff").address == "/staff"


def test_a_clock_that_was_a_year_ahead_shuts_the_door_for_nobody(browser, change_store, clock):
    clock.move(365 * 24 * 3600)
    change_store(lambda c: fail(c, clock, times=FAILURES_ALLOWED))
    clock.move(-365 * 24 * 3600)

    assert browser.log_in().address == "/staff"


@pytest.mark.parametrize(
    ("accept", "path", "says"),
    [
        ("fr;q=0.9, de-AT;q=0.8, en;q=0.3", "/staff/login", "Anmelden"),
        ("en-GB,en;q=0.5", "/staff/login", "Log in"),
        ("en", "/staff/login?language=de", "Anmelden"),
        ("tlh;q=x, *", "/staff/login?language=tlh", "Anmelden"),
    ],
)
def test_the_form_speaks_a_language_of_the_reader(browser, accept, path, says):
    browser.headers["Accept-Language"] = accept

    assert browser.open(path).form("/staff/login").button == says


@pytest.fixture
def mehmets_hash(change_store) -> Iterator[str]:
    """The hash of his password, which is his again afterwards."""
    t = tables.staff
    his = t.c.name == "mehmet"
    kept = change_store(lambda c: c.execute(select(t.c.password_hash).where(his)).scalar_one())
    yield kept
    as_it_was = t.update().where(his).values(password_hash=kept, disabled_at=None)
    change_store(lambda c: c.execute(as_it_was))


def new_password(act: AdminAct) -> None:
    accounts.change_password(act, "mehmet", password_hash="another")


def shut(act: AdminAct) -> None:
    accounts.disable(act, "mehmet")


def shut_and_open_again(act: AdminAct) -> None:
    shut(act)
    accounts.enable(act, "mehmet")


def end_sessions(act: AdminAct) -> None:
    accounts.end_sessions(act, "mehmet")


@pytest.mark.parametrize("change", [new_password, shut, shut_and_open_again, end_sessions])
def test_an_account_that_changes_while_its_password_is_checked_lets_nobody_in(
    browser, change_store, mehmets_hash, clock, monkeypatch, change
):
    async def meanwhile(_password: str, password_hash: str | None) -> bool:
        clock.move(1)
        change_store(lambda c: change(AdminAct(c, "duesseldorf", by="", now=clock.now)))
        return password_hash == mehmets_hash

    monkeypatch.setattr(browser.client.app.state.passwords, "is_right", meanwhile)

    page = browser.log_in("mehmet")

    assert page.status == 403
    assert change_store(sessions_of_mehmet) == []
    assert not browser.client.cookies


def test_who_was_logged_out_everywhere_logs_in_anew(browser, change_store, clock):
    for moment in (clock.now, clock.now + timedelta(days=365)):  # of a clock that was wrong, too
        act = partial(AdminAct, site="duesseldorf", by="", now=moment)
        change_store(lambda c, act=act: end_sessions(act(c)))

    assert browser.log_in("mehmet").address == "/staff"


def test_neither_names_nor_passwords_reach_the_log(browser, caplog):
    with caplog.at_level(logging.DEBUG):
        browser.log_in("mehmet", "wrong-secret")
        browser.log_in("mehmet")

    assert f"login failed address={HERE}" in caplog.text
    for secret in ("mehmet", "wrong-secret", "right-password", browser.client.cookies[COOKIE]):
        assert secret not in caplog.text


def fail(connection: Connection, clock, *, times: int, address: str = HERE) -> None:
    for _ in range(times):
        count_attempt(connection, "duesseldorf", name="anna", address=address, now=clock.now)


def sessions_of_mehmet(connection: Connection) -> list[str]:
    t = tables.staff_session.c
    return list(connection.execute(select(t.id_sha256).where(t.staff == "mehmet")).scalars())
