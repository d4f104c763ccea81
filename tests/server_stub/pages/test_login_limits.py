"""The limits of logging in, as who attacks them and who is attacked meet them."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, update

from server_stub import known_browsers, tables
from server_stub.staff_sessions import (
    FAILURES_ALLOWED,
    FAILURES_OF_ADDRESS,
    FAILURES_OF_NAME,
    TooManyFailuresError,
    count_attempt,
    network_of,
)
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.pages.paper_browser import PaperBrowser

HERE = "192.0.2.7"
SITE = "duesseldorf"


@pytest.fixture
def attack(change_store, clock) -> Callable[..., None]:
    """Try passwords from somewhere; stops where the door is shut."""

    def try_some(connection: Connection, name: str, address: str, times: int) -> None:
        for _ in range(times):
            try:
                count_attempt(connection, SITE, name=name, address=address, now=clock.now)
            except TooManyFailuresError:
                return

    return lambda name, *, address=HERE, times=99: change_store(
        try_some, name=name, address=address, times=times
    )


def test_who_is_attacked_from_their_own_hall_gets_in_where_they_were_before(browser, attack):
    browser.log_in()
    browser.send("/staff/logout")
    attack("anna")

    assert browser.log_in().address == "/staff"


def test_in_a_browser_that_nobody_knows_they_wait(browser, attack):
    browser.log_in()
    browser.client.cookies.clear()
    attack("anna")

    assert browser.log_in().status == 429


def test_an_attack_from_many_addresses_ends_for_strangers_and_not_for_who_works_there(
    browser, attack
):
    browser.log_in()
    known = browser.client.cookies[known_browsers.COOKIE]
    for n in range(FAILURES_OF_NAME):
        attack("anna", address=f"198.51.100.{n}", times=1)

    browser.client.cookies.clear()
    assert browser.log_in().status == 429
    browser.client.cookies.set(known_browsers.COOKIE, known, path="/staff/login")
    assert browser.log_in().address == "/staff"
    assert browser.log_in("mehmet").address == "/staff", "others are not held up"


def test_who_tries_many_names_from_one_address_is_stopped(browser, attack):
    for n in range(FAILURES_OF_ADDRESS):
        attack(f"name-{n}", times=1)

    assert browser.log_in("mehmet").status == 429


def test_a_hall_of_forty_who_mistype_twice_locks_nobody_out(browser, attack):
    for n in range(40):
        attack(f"name-{n}", times=2)

    assert browser.log_in("mehmet").address == "/staff"


def test_a_known_browser_has_five_attempts_too(browser):
    browser.log_in()
    browser.send("/staff/logout")
    tries = [browser.log_in(password="wrong").status for _ in range(FAILURES_ALLOWED)]

    assert tries == [403] * FAILURES_ALLOWED
    assert browser.log_in().status == 429


def test_a_browser_is_known_for_one_name_until_its_password_is_another(
    browser, attack, change_store
):
    browser.log_in()
    attack("mehmet")
    assert browser.log_in("mehmet").status == 429
    attack("anna")
    t = tables.staff
    before = change_store(lambda c: c.execute(t.select().where(t.c.name == "anna")).one())
    other = change_store(lambda c: c.execute(t.select().where(t.c.name == "karl")).one())
    set_hash = update(t).where(t.c.name == "anna")
    change_store(lambda c: c.execute(set_hash.values(password_hash=other.password_hash)))

    assert browser.log_in().status == 429

    change_store(lambda c: c.execute(set_hash.values(password_hash=before.password_hash)))


def test_several_who_share_a_browser_are_all_known_in_it(browser, attack):
    browser.log_in("anna")
    browser.log_in("mehmet")
    attack("anna")
    attack("mehmet")

    assert browser.log_in("anna").address == "/staff"
    assert browser.log_in("mehmet").address == "/staff"


@pytest.mark.parametrize("forged", ["x", ".", "a.b~c.d", "ü.ü", "00." + "0" * 64, "~" * 500])
def test_a_cookie_that_somebody_made_up_is_a_strangers(forged):
    assert known_browsers.known_as(forged, name="anna", password_hash="$argon2id$x") is None
    assert known_browsers.known_as(forged, name="anna", password_hash=None) is None


def test_the_cookie_is_sent_to_the_login_alone_and_tells_no_name(browser: PaperBrowser):
    sent = browser.client.post(
        "https://testserver/staff/login", data={"name": "mehmet", "password": "right-password"}
    ).headers.get_list("set-cookie")
    (known,) = [cookie for cookie in sent if cookie.startswith(known_browsers.COOKIE)]

    assert {"HttpOnly", "Path=/staff/login", "SameSite=strict", "Secure"} <= set(known.split("; "))
    assert "mehmet" not in known


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_counts_as_the_network_that_one_house_has(address, counts_as):
    assert network_of(address) == counts_as


@pytest.mark.parametrize("name", ["anna", "nobody", "shut"])
def test_a_name_that_nobody_has_takes_one_check_as_a_wrong_password_does(
    app, browser, change_store, monkeypatch, name
):
    checked = []
    hasher = type(app.app.state.passwords._hasher)
    verify = hasher.verify
    monkeypatch.setattr(hasher, "verify", lambda *args: checked.append(args[1]) or verify(*args))
    row = {"site": SITE, "name": "shut", "password_hash": "none", "role": "counter"}
    dates = {"created_at": MONDAY_NOON, "disabled_at": MONDAY_NOON}
    t = tables.staff
    if name == "shut":
        change_store(lambda c: c.execute(t.insert().values(row | dates)))

    assert browser.log_in(name, "wrong-password").status == 403

    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")
    change_store(lambda c: c.execute(t.delete().where(t.c.name == "shut")))
