from datetime import timedelta
from uuid import UUID

import pytest

from server_stub import accounts, staff_sessions
from server_stub.accounts import (
    BadStaffNameError,
    LastAdminError,
    OwnAccountError,
    ShortPasswordError,
    StaffNameTakenError,
    UnknownAccountError,
    check_password,
    new_password,
    read_accounts,
)
from server_stub.admin_act import DoneBeforeError
from server_stub.store import engine_for
from tests.server_stub.administering import SITE, Office

pytestmark = pytest.mark.both_databases

PRESS = UUID("018f0000-0000-7000-8000-000000000001")


@pytest.fixture
def office(settings, clock):
    """An office with two admins, of whom olga is at work, and anna at a counter."""
    with engine_for(settings) as engine:
        office = Office(engine, clock)
        for name, role in (("olga", "admin"), ("boris", "admin"), ("anna", "counter")):
            office.do(accounts.make_account, name, role=role, password_hash=f"hash of {name}")
        yield office


def log_in(office: Office, name: str, clock) -> str:
    return office.do(
        lambda act: staff_sessions.log_in(
            act.connection, SITE, name=name, address="::1", language="de", now=clock.now
        )
    )


def session(office: Office, token: str, clock):
    return office.read(lambda c: staff_sessions.session_of(c, SITE, token=token, now=clock.now))


def account(office: Office, name: str, clock):
    found = office.read(lambda c: read_accounts(c, SITE, now=clock.now))
    return next(account for account in found if account.name == name)


def test_an_account_is_listed_with_its_role_its_last_login_and_its_sessions(office, clock):
    clock.move(60)
    log_in(office, "anna", clock)
    log_in(office, "anna", clock)

    anna = account(office, "anna", clock)

    assert (anna.role, anna.sessions, anna.last_login_at) == ("counter", 2, clock.now)
    assert account(office, "boris", clock).last_login_at is None


def test_a_session_that_is_over_is_not_counted(office, clock):
    log_in(office, "anna", clock)
    clock.now += timedelta(hours=13)

    assert account(office, "anna", clock).sessions == 0


def test_who_is_disabled_is_logged_out_at_once_and_cannot_log_in(office, clock):
    token = log_in(office, "anna", clock)

    office.do(accounts.disable, "anna")

    assert session(office, token, clock) is None
    assert office.read(lambda c: staff_sessions.password_hash_of(c, SITE, name="anna")) is None


def test_who_is_enabled_again_has_the_password_that_they_had(office):
    office.do(accounts.disable, "anna")
    office.do(accounts.enable, "anna")

    kept = office.read(lambda c: staff_sessions.password_hash_of(c, SITE, name="anna"))
    assert kept == "hash of anna"


def test_another_role_ends_the_sessions_that_had_the_old_one(office, clock):
    token = log_in(office, "anna", clock)

    office.do(accounts.change_role, "anna", role="lead")

    assert session(office, token, clock) is None
    assert account(office, "anna", clock).role == "lead"


def test_the_same_role_again_ends_nothing(office, clock):
    token = log_in(office, "anna", clock)

    office.do(accounts.change_role, "anna", role="counter")

    assert session(office, token, clock)


def test_a_new_password_leaves_only_the_session_in_which_it_was_made(office, clock):
    here, elsewhere = log_in(office, "olga", clock), log_in(office, "olga", clock)
    keep = session(office, here, clock).id_sha256

    office.do(accounts.change_password, "olga", password_hash="another", keep=keep)

    assert session(office, here, clock)
    assert session(office, elsewhere, clock) is None


def test_ending_all_sessions_of_somebody_leaves_the_others_theirs(office, clock):
    log_in(office, "anna", clock)
    other = log_in(office, "boris", clock)

    assert office.do(accounts.end_sessions, "anna") == 1
    assert session(office, other, clock)


@pytest.mark.parametrize(
    "change", [accounts.disable, lambda act, name: accounts.change_role(act, name, role="lead")]
)
def test_nobody_takes_their_own_admin_role_or_locks_themselves_out(office, change):
    with pytest.raises(OwnAccountError):
        office.do(change, "olga")


@pytest.mark.parametrize(
    "change", [accounts.disable, lambda act, name: accounts.change_role(act, name, role="lead")]
)
def test_of_two_admins_who_shut_each_other_out_one_remains(office, change):
    office.do(change, "boris")

    office.by = "boris"  # whose press was already under way
    with pytest.raises(LastAdminError):
        office.do(change, "olga")


def test_a_disabled_admin_is_no_other_admin(office):
    office.do(accounts.disable, "boris")

    office.by = ""
    with pytest.raises(LastAdminError):
        office.do(accounts.disable, "olga")


def test_a_name_is_not_given_twice_even_to_somebody_else_later(office):
    office.do(accounts.disable, "anna")

    with pytest.raises(StaffNameTakenError):
        office.do(accounts.make_account, "anna", role="lead", password_hash="another")


@pytest.mark.parametrize("name", ["", " anna", "anna ", "an\nna", "a" * 41])
def test_a_name_that_nobody_could_type_is_refused(office, name):
    with pytest.raises(BadStaffNameError):
        office.do(accounts.make_account, name, role="lead", password_hash="any")


@pytest.mark.parametrize(
    "change",
    [
        accounts.disable,
        accounts.enable,
        accounts.end_sessions,
        lambda act, name: accounts.change_role(act, name, role="lead"),
        lambda act, name: accounts.change_password(act, name, password_hash="any"),
    ],
)
def test_an_account_that_there_is_not_is_said_to_be_unknown(office, change):
    with pytest.raises(UnknownAccountError):
        office.do(change, "nobody")


def test_every_change_is_in_the_audit_log_with_who_made_it(office):
    office.do(accounts.change_role, "anna", role="lead")
    office.do(accounts.change_password, "anna", password_hash="another")

    assert ("olga", "account-role", "anna", "counter > lead") in office.noted()
    assert ("olga", "account-password", "anna", None) in office.noted()


def test_a_press_that_comes_twice_changes_nothing_the_second_time(office):
    office.press = PRESS
    office.do(accounts.disable, "anna")

    with pytest.raises(DoneBeforeError):
        office.do(accounts.enable, "anna")


def test_a_refused_press_may_come_again(office):
    office.press = PRESS
    with pytest.raises(UnknownAccountError):
        office.do(accounts.disable, "nobody")

    office.do(accounts.disable, "anna")


def test_a_made_password_can_be_read_from_a_card_and_not_be_guessed():
    made = {new_password() for _ in range(200)}

    assert len(made) == 200
    for password in made:
        check_password(password)
        assert not set(password) & set("ilo01")
        assert [len(group) for group in password.split("-")] == [4, 4, 4]


def test_a_password_of_seven_characters_is_too_short():
    with pytest.raises(ShortPasswordError):
        check_password("seven77")
