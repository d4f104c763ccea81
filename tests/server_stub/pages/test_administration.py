"""The pages of administration, without script: forms, what is shown once, and what is refused."""

import csv
import io
import re
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Connection, delete, select

from kiosk.contract import paths
from server_stub import accounts, audit_trail, staff_login, tables
from server_stub.admin_act import AdminAct
from server_stub.admin_pages import audit_page
from server_stub.audit_trail import Entry
from server_stub.device_tokens import token_sha256
from server_stub.passwords import hash_password
from tests.server_stub.asking import Machine
from tests.server_stub.conftest import CHEAP
from tests.server_stub.enrolled import MONDAY_NOON, new_id
from tests.server_stub.pages.paper_browser import PASSWORD, Page, PaperBrowser
from tests.server_stub.slow_request import send_slowly

ADMINS = ("olga", "boris")
STAFF = ("anna", "mehmet", "karl", *ADMINS)
KIOSKS = ("entrance-1", "entrance-2")

PAGES = (
    "/staff/admin",
    "/staff/admin/accounts",
    "/staff/admin/account?name=anna",
    "/staff/admin/kiosks",
    "/staff/admin/displays",
    "/staff/admin/display?name=hall",
    "/staff/admin/retention",
    "/staff/admin/audit",
    "/staff/admin/signs",
)
ACTS = (
    "/staff/admin/accounts",
    *(f"/staff/admin/account/{act}" for act in ("role", "password", "sessions", "disable")),
    "/staff/admin/account/enable",
    "/staff/admin/kiosks",
    *(f"/staff/admin/kiosks/{act}" for act in ("approve", "refuse")),
    *(f"/staff/admin/kiosk/{act}" for act in ("series", "name", "retire", "revoke")),
    "/staff/admin/displays",
    *(f"/staff/admin/display/{act}" for act in ("set-up", "name", "address", "revoke")),
    "/staff/admin/retention",
)


@pytest.fixture(scope="session")
def with_admins(running):
    """Let olga and boris administer the site."""

    def make(connection: Connection) -> None:
        site = connection.execute(select(tables.site.c.id)).scalar_one()
        act = AdminAct(connection, site, by="", now=MONDAY_NOON)
        for name in ADMINS:
            hashed = hash_password(PASSWORD, CHEAP)
            accounts.make_account(act, name, role="admin", password_hash=hashed)

    running.app.state.writer.submit(make).result()


@pytest.fixture
def olga(app, browser, with_admins):  # noqa: ARG001
    """A browser in which olga is logged in, who administers; what she made goes again."""
    browser.log_in("olga", language="en")
    yield browser
    app.app.state.writer.submit(forget).result()


def forget(connection: Connection) -> None:
    staff, kiosk, display = tables.staff.c, tables.kiosk.c, tables.display.c
    session = tables.staff_session.c
    connection.execute(delete(tables.staff_session).where(session.staff != "anna"))  # all tests'
    connection.execute(delete(tables.staff).where(staff.name.not_in(STAFF)))
    connection.execute(tables.staff.update().values(disabled_at=None))
    connection.execute(tables.staff.update().where(staff.name == "mehmet").values(role="counter"))
    gone = select(kiosk.enrolment).where(kiosk.name.not_in(KIOSKS))
    connection.execute(delete(tables.kiosk_token).where(tables.kiosk_token.c.enrolment.in_(gone)))
    connection.execute(delete(tables.kiosk).where(kiosk.name.not_in(KIOSKS)))
    connection.execute(tables.kiosk.update().values(label=None))
    connection.execute(delete(tables.display).where(display.name != "hall"))
    connection.execute(tables.display.update().values(stages="", look="auto"))
    connection.execute(delete(tables.retention))


@pytest.fixture
def stored(app):
    """Returns the rows of a table."""

    def rows(table, *where):
        with app.app.state.engine.connect() as connection:
            return connection.execute(select(table).where(*where)).all()

    return rows


def do(browser: PaperBrowser, where: str, /, **fields: object) -> Page:
    """Press a button of ours."""
    return browser.send(where, action=new_id(), **fields)


def other_browser(app, name: str) -> PaperBrowser:
    """Return a browser with cookies of its own in which somebody is logged in."""
    cookies = dict(app.cookies)
    app.cookies.clear()
    browser = PaperBrowser(app)
    browser.log_in(name, language="en")
    browser.cookies = dict(app.cookies)
    app.cookies.clear()
    app.cookies.update(cookies)
    return browser


# ---- who may ----


@pytest.mark.parametrize("page", PAGES)
def test_nobody_but_an_administrator_sees_a_page_of_administration(anna, page):
    answer = anna.open(page)

    assert answer.status == 403
    assert "entrance-1" not in answer.text


@pytest.mark.parametrize("address", ACTS)
def test_nobody_but_an_administrator_changes_anything(anna, stored, address):
    before = len(stored(tables.audit))

    assert do(anna, address, name="anna", role="admin").status == 403
    assert len(stored(tables.audit)) == before


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_administration_opens(olga, page):
    answer = olga.open(page)

    assert answer.status == 200
    assert "Administration" in answer.text


def test_the_overview_says_what_there_is(olga):
    text = olga.open("/staff/admin").text

    assert "5 accounts may log in" in text
    assert "2 kiosks in use" in text


@pytest.mark.usefixtures("olga")
def test_who_is_shut_out_while_their_form_comes_changes_nothing_by_it(app, stored, monkeypatch):
    monkeypatch.setattr(staff_login, "SLOWLY", 0)
    cookies = "; ".join(f"{name}={value}" for name, value in app.cookies.items())
    headers = {"cookie": cookies, "content-type": "application/x-www-form-urlencoded"}
    form = f"name=nadia&role=admin&action={new_id()}".encode()

    status = send_slowly(
        app,
        "POST",
        "/staff/admin/accounts",
        form,
        headers=headers,
        meanwhile=lambda: shut_out(app, "olga"),
    )

    assert status == 303
    assert not stored(tables.staff, tables.staff.c.name == "nadia")


def shut_out(app, name: str) -> None:
    """Shut somebody out, as another administrator does."""

    def shut(connection: Connection) -> None:
        site = app.app.state.room.site.id
        accounts.disable(AdminAct(connection, site, by="boris", now=MONDAY_NOON), name)

    app.app.state.writer.submit(shut).result()


# ---- accounts ----


def test_a_new_account_gets_a_password_that_lets_it_in(olga, app):
    page = do(olga, "/staff/admin/accounts", name="nadia", role="lead")
    password = re.search(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b", page.text)[0]

    app.cookies.clear()
    entered = PaperBrowser(app).log_in("nadia", password)

    assert (entered.status, entered.address) == (303, "/staff")
    assert password not in olga.open("/staff/admin/account?name=nadia").html


def test_a_press_that_comes_twice_makes_one_account_and_says_so(olga, stored):
    press = {"action": new_id(), "name": "nadia", "role": "lead"}
    olga.send("/staff/admin/accounts", **press)

    again = olga.send("/staff/admin/accounts", **press)

    assert again.status == 409
    assert "already, by the same press" in again.text
    assert len(stored(tables.staff, tables.staff.c.name == "nadia")) == 1


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"name": "anna", "role": "lead"}, "There is an account of this name already."),
        ({"name": " ", "role": "lead"}, "Nobody can have this name."),
        ({"name": "nadia", "role": "queen"}, "There is no such role."),
    ],
)
def test_an_account_that_cannot_be_made_is_refused_with_what_to_do(olga, stored, entered, said):
    page = do(olga, "/staff/admin/accounts", **entered)

    assert page.status == 409
    assert said in page.text
    assert len(stored(tables.staff)) == len(STAFF)


def test_what_was_typed_stays_in_a_refused_form(olga):
    page = do(olga, "/staff/admin/accounts", name="anna", role="lead")

    assert page.form("/staff/admin/accounts").fields["name"] == "anna"


def test_who_is_shut_out_is_thrown_out_in_the_same_moment(olga, app):
    mehmet = other_browser(app, "mehmet")

    page = do(olga, "/staff/admin/account/disable", name="mehmet")
    app.cookies.clear()
    app.cookies.update(mehmet.cookies)

    assert page.address == "/staff/admin/account?name=mehmet&done=account-disabled"
    assert mehmet.open("/staff").status == 303
    assert PaperBrowser(app).log_in("mehmet").status == 403


def test_another_role_opens_other_pages(olga, app):
    do(olga, "/staff/admin/account/role", name="mehmet", role="lead")
    app.cookies.clear()
    mehmet = PaperBrowser(app)
    mehmet.log_in("mehmet", language="en")

    assert mehmet.open("/staff/hall").status == 200


def test_a_new_password_is_shown_once_and_the_old_one_is_worth_nothing(olga, app):
    page = do(olga, "/staff/admin/account/password", name="boris")
    password = re.search(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b", page.text)[0]
    app.cookies.clear()

    assert PaperBrowser(app).log_in("boris").status == 403
    assert PaperBrowser(app).log_in("boris", password).status == 303
    app.app.state.writer.submit(partial(set_password, name="boris")).result()


def set_password(connection: Connection, *, name: str) -> None:
    connection.execute(
        tables.staff.update()
        .where(tables.staff.c.name == name)
        .values(password_hash=hash_password(PASSWORD, CHEAP))
    )


def test_nobody_locks_themselves_out(olga):
    page = do(olga, "/staff/admin/account/disable", name="olga")

    assert page.status == 409
    assert "This is your own account." in page.text
    assert not olga.open("/staff/admin/account?name=olga").has_form("/staff/admin/account/role")


def test_ending_ones_own_sessions_leaves_the_one_that_ends_them(olga, app, stored):
    other_browser(app, "olga")

    do(olga, "/staff/admin/account/sessions", name="olga")

    assert olga.open("/staff/admin").status == 200
    assert len(stored(tables.staff_session, tables.staff_session.c.staff == "olga")) == 1


def test_an_account_that_is_gone_is_said_to_be(olga):
    page = olga.open("/staff/admin/account?name=nobody")

    assert page.status == 409
    assert "There is no such account." in page.text


# ---- kiosks ----


def code_for(olga: PaperBrowser, name: str) -> str:
    """Make a code as olga; return it as her page shows it."""
    return code_on(do(olga, "/staff/admin/kiosks", name=name))


def code_on(page: Page) -> str:
    return re.search(r'<p class="code"[^>]*>([^<]+)</p>', page.html)[1]


def test_a_machine_is_enrolled_by_code_and_fingerprint(olga, app):
    page = do(olga, "/staff/admin/kiosks", name="exit-1")
    assert "python -m kiosk enrol --server http" in page.text
    assert "Good until 12:15" in page.text
    machine, code = Machine(app), code_on(page)
    enrolment = machine.asks(code).enrolment

    asking = olga.open("/staff/admin/kiosks")
    assert machine.fingerprint in asking.text
    done = do(olga, "/staff/admin/kiosks/approve", enrolment=enrolment, letter="J")

    assert done.address.endswith("done=kiosk-enrolled")
    assert machine.asks(code).enrolled.letter == "J"
    token = machine.gets_in(enrolment)
    who = {"Authorization": f"Bearer {token}"}
    assert app.get(paths.SITE, headers=who).status_code == 200
    assert code not in olga.open("/staff/admin/kiosks").html


def test_a_refused_machine_is_told_so_and_asks_no_more(olga, app):
    machine, code = Machine(app), code_for(olga, "exit-1")
    enrolment = machine.asks(code).enrolment

    done = do(olga, "/staff/admin/kiosks/refuse", enrolment=enrolment)

    assert done.address.endswith("done=enrolment-refused")
    assert machine.asks(code).state == "refused"
    assert machine.fingerprint not in olga.open("/staff/admin/kiosks").text
    again = do(olga, "/staff/admin/kiosks/approve", enrolment=enrolment, letter="J")
    assert again.status == 409
    assert "This machine does not ask any more." in again.text


def test_a_second_machine_with_the_same_code_is_shown(olga, app):
    code = code_for(olga, "exit-1")
    Machine(app).asks(code)

    assert Machine(app).refusal(code) == "code-used"

    asking = olga.open("/staff/admin/kiosks")
    assert "Another machine came with the same code." in asking.text


def test_the_page_of_who_asks_says_nothing_where_nothing_is_new(olga, app):
    seen = re.search(r"asking[?]seen=([0-9a-f]+)", olga.open("/staff/admin/kiosks").html)[1]
    address = f"/staff/admin/kiosks/asking?seen={seen}"
    assert olga.open(address).status == 204

    machine = Machine(app)
    machine.asks(code_for(olga, "exit-1"))

    part = olga.open(address)
    assert part.status == 200
    assert machine.fingerprint in part.text
    assert "<html" not in part.html


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"name": "Exit One"}, "No device can have this name."),
        ({"name": "entrance-1"}, "Another device has this name."),
        ({"name": "desk"}, "numbers that staff issue by hand"),
    ],
)
def test_a_kiosk_that_cannot_be_enrolled_is_refused_with_what_to_do(olga, stored, entered, said):
    page = do(olga, "/staff/admin/kiosks", **entered)

    assert page.status == 409
    assert said in page.text
    assert stored(tables.enrolment_code) == []


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        ("D", "The letter D is taken"),
        ("Z", "No series of numbers may begin with this letter."),
    ],
)
def test_a_letter_that_cannot_be_had_is_refused_and_the_machine_still_asks(olga, app, letter, said):
    machine = Machine(app)
    asked = machine.asks(code_for(olga, "exit-1"))

    page = do(olga, "/staff/admin/kiosks/approve", enrolment=asked.enrolment, letter=letter)

    assert page.status == 409
    assert said in page.text
    assert machine.fingerprint in page.text


def test_a_revoked_kiosk_is_refused_with_the_code_of_the_contract(olga, app):
    machine = Machine(app)
    code = code_for(olga, "exit-1")
    enrolment = machine.asks(code).enrolment
    do(olga, "/staff/admin/kiosks/approve", enrolment=enrolment)
    who = {"Authorization": f"Bearer {machine.gets_in(enrolment)}"}

    told = do(olga, "/staff/admin/kiosk/revoke", enrolment=enrolment)

    assert told.address.endswith("done=kiosk-revoked")
    refused = app.get(paths.SITE, headers=who)
    assert (refused.status_code, refused.json()["code"]) == (401, "not-enrolled")
    assert machine.asks(code).state == "refused"


def test_a_new_series_is_a_new_code_and_another_letter(olga, app, stored):
    old = Machine(app)
    first = old.asks(code_for(olga, "exit-1")).enrolment
    do(olga, "/staff/admin/kiosks/approve", enrolment=first, letter="G")
    code = code_on(do(olga, "/staff/admin/kiosk/series", enrolment=first))
    asked = Machine(app).asks(code)
    assert "In place of G" in olga.open("/staff/admin/kiosks").text

    do(olga, "/staff/admin/kiosks/approve", enrolment=asked.enrolment, letter="S")

    rows = stored(tables.kiosk, tables.kiosk.c.name == "exit-1")
    assert {(row.letter, row.retired_at is None) for row in rows} == {("G", False), ("S", True)}


def test_a_kiosk_with_a_fixed_token_is_marked(olga, kiosk):
    page = olga.open(f"/staff/admin/kiosk?enrolment={kiosk.enrolment}")

    assert "fixed token, for trials" in page.text


def test_staff_read_what_they_call_a_kiosk(olga, kiosk):
    do(olga, "/staff/admin/kiosk/name", enrolment=kiosk.enrolment, label="Main entrance")

    assert "Main entrance" in olga.open("/staff/admin/kiosks").text


def test_a_button_without_an_id_of_a_kiosk_changes_nothing(olga):
    page = do(olga, "/staff/admin/kiosk/revoke", enrolment="all")

    assert page.status == 409
    assert "There is no such kiosk in use." in page.text


# ---- displays ----


def test_a_display_is_made_with_an_address_that_lets_a_browser_in(olga, app):
    page = do(olga, "/staff/admin/displays", name="gallery", stage="housing", look="dark")
    path = re.search(r"/display/enter\?token=[\w-]+", page.text)[0]
    app.cookies.clear()

    assert app.get(path).status_code == 303
    assert 'data-stages="housing"' in app.get("/display").text
    assert 'class="qr"' in page.html


def test_a_revoked_display_shows_nothing_any_more(olga, app):
    page = do(olga, "/staff/admin/displays", name="gallery", look="auto")
    path = re.search(r"/display/enter\?token=[\w-]+", page.text)[0]

    do(olga, "/staff/admin/display/revoke", name="gallery")

    assert app.get(path).status_code == 403


def test_a_display_is_set_up_named_and_given_a_new_address(olga, stored):
    do(olga, "/staff/admin/displays", name="gallery", look="auto")
    do(olga, "/staff/admin/display/set-up", name="gallery", stage="housing", look="light")
    page = do(olga, "/staff/admin/display/name", name="gallery", to="balcony")
    token = do(olga, "/staff/admin/display/address", name="balcony").text

    (display,) = stored(tables.display, tables.display.c.name == "balcony")
    assert (display.stages, display.look) == ("housing", "light")
    assert page.address == "/staff/admin/display?name=balcony&done=display-renamed"
    assert token_sha256(re.search(r"token=([\w-]+)", token)[1]) == display.token_sha256


# ---- retention, audit log, signs ----


def test_a_period_is_set_within_its_bounds(olga, stored):
    page = do(olga, "/staff/admin/retention", kind="audit", length="30")

    assert page.address == "/staff/admin/retention?done=retention-set"
    assert [(row.kind, row.hours) for row in stored(tables.retention)] == [("audit", 720)]


@pytest.mark.parametrize("length", ["29", "366", "-5", "", "many", "٣٠"])
def test_a_period_outside_its_bounds_is_refused_with_the_bounds(olga, length):
    page = do(olga, "/staff/admin/retention", kind="audit", length=length)

    assert page.status == 409
    assert "Between 30 days and 365 days are." in page.text


def test_what_was_done_is_in_the_audit_log_with_who_did_it(olga):
    do(olga, "/staff/admin/accounts", name="nadia", role="lead")
    text = olga.open("/staff/admin/audit").text

    assert "olga Account made nadia lead" in text


def test_the_audit_log_is_searched_by_its_form(olga):
    do(olga, "/staff/admin/accounts", name="nadia", role="lead")
    do(olga, "/staff/admin/displays", name="gallery", look="auto")

    found = olga.open("/staff/admin/audit?act=account-made&staff=olga&day=2026-11-23").text
    none = olga.open("/staff/admin/audit?about=nobody&day=not-a-day").text

    assert "Account made nadia" in found
    assert "Display made gallery" not in found
    assert "Nothing is found." in none


@pytest.mark.parametrize(
    "query",
    [
        "day=9999-12-31",
        "day=0001-01-01",
        "after=0001-01-01T00:00:00%2B14:00~00000000000000000000000000000000",
        "after=9999-12-31T23:59:00-14:00~00000000000000000000000000000000",
    ],
)
def test_days_that_no_clock_shows_are_searched_without_stumbling(olga, query):
    assert olga.open(f"/staff/admin/audit?{query}").status == 200


def test_a_period_of_a_thousand_digits_is_out_of_bounds(olga):
    page = do(olga, "/staff/admin/retention", kind="audit", length="9" * 5000)

    assert page.status == 409
    assert "Between 30 days and 365 days are." in page.text


def test_the_audit_log_is_sent_as_csv_and_to_administrators_alone(olga, app):
    do(olga, "/staff/admin/accounts", name="nadia", role="lead")
    answer = app.get("/staff/admin/audit.csv?staff=olga")
    app.cookies.clear()

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [(row["staff"], row["act"], row["about"]) for row in rows] == [
        ("olga", "account-made", "nadia")
    ]
    assert app.get("/staff/admin/audit.csv").status_code == 303


def test_who_is_logged_out_meanwhile_is_sent_no_more_of_the_audit_log(
    olga, app, change_store, monkeypatch
):
    for name in ("nadia", "vera"):
        do(olga, "/staff/admin/accounts", name=name, role="lead")
    t = tables.staff_session

    def logged_out_after_the_first(*args: object, **asked: object) -> Iterator[Entry]:
        entries = audit_trail.read_all(*args, **asked)
        yield next(entries)
        change_store(lambda c: c.execute(t.delete().where(t.c.staff == "olga")))
        yield from entries

    monkeypatch.setattr(audit_page, "read_all", logged_out_after_the_first)
    monkeypatch.setattr(audit_page, "LINES_BETWEEN", 1)

    lines = app.get("/staff/admin/audit.csv?staff=olga").text.splitlines()

    assert "vera" in lines[1]
    assert lines[2:] == ["not all: the session is over;;;;;;"]


def test_a_sign_says_where_one_is_and_never_what_for(olga):
    html = olga.open("/staff/admin/signs").html
    sheets = re.findall(r"<article.*?</article>", html, re.DOTALL)

    assert len(sheets) == 9
    assert not any("Housing" in sheet or "Accommodation" in sheet for sheet in sheets)
    assert "Дерево" in sheets[0]


# ---- the accessibility statement ----


def test_the_accessibility_statement_needs_no_login(app):
    assert "Accessibility statement" in PaperBrowser(app).open("/accessibility").text


def test_without_a_contact_in_the_site_file_the_statement_names_the_desk(app):
    assert "tell the people at door 1" in PaperBrowser(app).open("/accessibility").text


def test_the_statement_is_in_the_language_that_is_asked_for(app):
    page = PaperBrowser(app).open("/accessibility?language=de")

    assert "Erklärung zur Barrierefreiheit" in page.text
