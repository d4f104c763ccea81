import re
import sys
from pathlib import Path

import pytest
import tomlkit
from sqlalchemy import select
from starlette.testclient import TestClient

from kiosk.contract.site_file import parse_site
from server_stub import administration, tables
from server_stub.app import create_app
from server_stub.site_previews import Previews
from tests.server_stub.conftest import copy_of
from tests.server_stub.enrolled import Line, party
from tests.server_stub.pages.paper_browser import Page, PaperBrowser
from tests.server_stub.site_drafts import with_keys, without_counters, without_stages

SITE = "/staff/admin/site"


class Admin(PaperBrowser):
    """Somebody who administers."""

    def send_draft(self, to: str, toml: str, *, seen: int = 1, **more: str) -> Page:
        fields = {"toml": toml, "seen": str(seen), **more}
        parts = {name: (None, value) for name, value in fields.items()}
        return Page(self.client.post(f"{SITE}/{to}", files=parts))

    def check(self, toml: str, **more) -> Page:
        return self.send_draft("check", toml, **more)

    def take(self, toml: str, **more) -> Page:
        return self.send_draft("take", toml, **{"sure": "yes"} | more)


@pytest.fixture(scope="module")
def with_admins(tmp_path_factory, staffed, shared_clock):
    """A data directory with two admins in it."""
    data = tmp_path_factory.mktemp("admins") / "data"
    settings = copy_of(staffed[0].data, data, clock=shared_clock)
    for name in ("adam", "berta"):
        administration.add_staff(settings, name, password="right-password", role="admin")
    return settings


@pytest.fixture
def app(with_admins, tmp_path, clock):
    """The app on a store whose site file the test may change."""
    settings = copy_of(with_admins.data, tmp_path / "data", clock=clock)
    with TestClient(
        create_app(settings), raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield client


@pytest.fixture
def adam(app) -> Admin:
    browser = Admin(app)
    browser.log_in("adam", language="en")
    return browser


@pytest.fixture
def toml(site_file) -> str:
    return site_file.read_text(encoding="utf-8")


def test_the_file_in_force_can_be_read_downloaded_and_rewritten(adam, toml):
    overview = adam.open(SITE)
    assert "Version 1 is in force" in overview.text
    assert "entrance-1 has not reported yet" in overview.text

    assert adam.client.get(f"{SITE}/versions/1.toml").text == toml
    assert "landmark = " in adam.open(f"{SITE}/versions/1").text
    editor = adam.client.get(f"{SITE}/edit").text
    assert tomlkit.parse(_unescaped(_between(editor, "data-gutter>\n", "</textarea>")))["id"]


def test_only_an_admin_may(browser):
    browser.log_in("anna", language="en")

    for path in (SITE, f"{SITE}/edit", f"{SITE}/versions/1.toml", "/staff/admin/hours"):
        assert browser.open(path).status == 403
    for path in ("check", "take", "preview"):
        assert browser.client.post(f"{SITE}/{path}", data={"toml": ""}).status_code == 403


def test_every_fault_is_told_with_its_line(adam, toml):
    broken = toml.replace('door = "4"', 'door = "12345"').replace(
        "per_person = true", "per_person = 3"
    )
    lines = broken.splitlines()

    page = adam.check(broken)

    assert page.status == 422
    assert "2 faults: it cannot be put in force" in page.text
    for wrong in ('door = "12345"', "per_person = 3"):
        assert f"Line {lines.index(wrong) + 1}" in page.text
    assert "a door has one to four letters or digits" in page.text
    assert not page.has_form(f"{SITE}/take")


def test_what_is_no_toml_is_told_with_its_line(adam):
    page = adam.check('id = "x"\nname = = "y"\n')

    assert page.status == 422
    assert "Line 2" in page.text


def test_what_changes_and_for_whom_is_told_before_it_is_done(adam, toml, app, kiosk):
    line = Line(app, kiosk)
    for sequence, route in enumerate((("housing", "benefits"), ("information", "housing")), 1):
        content = party(*route).model_copy(update={"ticket_token": f"{sequence:022}"})
        assert line.check_in(kiosk.check_in(sequence, content=content)).status_code == 201

    page = adam.check(without_stages(toml, "housing").replace('door = "4"', 'door = "5"'))

    assert page.status == 200
    assert "changed registration door 4 → now: 5" in page.text
    assert "removed housing" in page.text
    assert "2 parties lose a stage or their counter." in page.text
    assert "D101 Housing goes on at Benefits" in page.text
    assert "D102 Information stays, and no longer needs Housing" in page.text
    assert app.app.state.room.site.stage("housing")  # nothing was done


def test_how_many_a_party_was_is_corrected_though_the_stage_it_ended_at_is_gone(
    app, kiosk, browser, toml
):
    counter = "/staff/counter"
    sealed = kiosk.check_in(1, content=party("housing", "benefits", adults=2))
    assert Line(app, kiosk).check_in(sealed).status_code == 201
    browser.log_in("anna", language="en")
    browser.send(f"{counter}/at", counter="3")
    for step in ("call-next", "leave"):
        browser.press(browser.open(counter).form(f"{counter}/{step}"))
    browser = Admin(app)
    browser.log_in("adam", language="en")
    browser.take(without_stages(toml, "housing"))

    form = browser.open(f"{counter}/correct/{sealed.id}").form(f"{counter}/correct")
    ticked = {"route": ["benefits"], "stage": "", "adults": 1}
    page = browser.send(form.action, **{**form.fields, **ticked})

    assert "D101 is corrected." in page.text
    with app.app.state.engine.connect() as connection:
        visit = connection.execute(select(tables.visit)).one()
    assert (visit.adults, visit.route) == (1, ["housing", "benefits"])


def test_a_draft_is_put_in_force_and_kept_as_a_version(adam, toml, app):
    assert adam.take(with_keys(toml, name="Hafen"), note="a new name").address == f"{SITE}?taken=2"

    page = adam.open(f"{SITE}?taken=2")
    assert "Version 2 is in force." in page.text
    assert "a new name" in page.text
    assert app.app.state.room.site.name == "Hafen"
    told = adam.open(f"{SITE}/versions/2").text
    assert "changed name Info-Point → now: Hafen" in told


def test_nothing_is_put_in_force_unless_somebody_has_said_to_have_read_it(adam, toml, app):
    page = adam.take(with_keys(toml, name="Hafen"), sure="")

    assert page.status == 422
    assert "Nothing was changed." in page.text
    assert app.app.state.room.site.name == "Info-Point"


def test_a_file_from_the_computer_takes_the_place_of_the_text(adam, toml):
    new = with_keys(toml, name="Hafen").encode()
    sent = {"toml": (None, toml), "seen": (None, "1"), "file": ("site.toml", new)}

    page = Page(adam.client.post(f"{SITE}/check", files=sent))

    assert "name Info-Point → now: Hafen" in page.text


def test_a_file_that_is_no_text_is_refused(adam, toml):
    sent = {"toml": (None, toml), "seen": (None, "1"), "file": ("x.png", b"\x89PNG\xff")}

    page = Page(adam.client.post(f"{SITE}/check", files=sent))

    assert (page.status, "x.png is no text." in page.text) == (422, True)


def test_the_slower_of_two_admins_learns_who_was_faster_and_loses_nothing(app, adam, toml):
    assert adam.take(with_keys(toml, name="Hafen")).status == 303
    adam.log_in("berta", language="en")
    mine = without_counters(toml, "i16")

    page = adam.take(mine, seen=1)

    assert page.status == 409
    assert "Version 2 was put in force meanwhile, by adam." in page.text
    assert "name Hafen → now: Info-Point" in page.text  # against what is in force now
    assert "removed i16" in page.text
    assert adam.take(mine, seen=2).status == 303  # knowing it
    assert app.app.state.room.site.name == "Info-Point"


def test_the_same_press_twice_makes_one_version(adam, toml):
    new = with_keys(toml, name="Hafen")

    assert [adam.take(new).address for _ in range(2)] == [f"{SITE}?taken=2"] * 2


def test_an_older_version_comes_back_with_a_look_at_what_that_changes(adam, toml, app):
    adam.take(with_keys(toml, name="Hafen"))

    look = adam.open(f"{SITE}/versions/1/back")
    assert "Back to version 1" in look.text
    assert "name Hafen → now: Info-Point" in look.text
    assert adam.take(toml, seen=2, based_on="1").address == f"{SITE}?taken=3"

    assert app.app.state.room.site.name == "Info-Point"
    assert "as version 1 was" in adam.open(SITE).text


def test_a_version_that_there_is_not_is_said_to_be_none(adam):
    for path in ("versions/9", "versions/9.toml", "versions/9/back"):
        page = adam.open(f"{SITE}/{path}")
        assert (page.status, "There is no such version." in page.text) == (404, True)


def test_staff_whose_counter_is_gone_are_asked_to_choose_another(adam, app, toml):
    adam.log_in("anna", language="en")
    assert adam.send("/staff/counter/at", counter="1").status == 303
    anna = dict(app.cookies)
    adam.log_in("adam", language="en")
    assert adam.take(without_counters(toml, "1")).status == 303

    app.cookies.clear()
    app.cookies.update(anna)
    for path in ("/staff", "/staff/counter"):
        page = adam.open(path)
        assert page.status in (200, 303), path
        assert "Counter 1 " not in page.text, path


def test_what_would_strand_somebody_is_refused_with_the_reason(adam, toml):
    page = adam.check(with_keys(toml, time_zone="Europe/Kyiv"))

    assert "It cannot follow the one in force" in page.text
    assert "the days that are stored would begin at another hour" in page.text
    assert adam.take(with_keys(toml, id="elsewhere")).status == 422


def test_what_was_done_is_in_the_audit(adam, toml, app):
    adam.take(with_keys(toml, name="Hafen"), note="why")

    with app.app.state.engine.connect() as connection:
        rows = connection.execute(tables.audit.select()).all()
    (entry,) = [row for row in rows if row.act == "site-taken"]
    assert (entry.staff, entry.about, entry.detail) == ("adam", "version 2", "why")


def test_a_site_file_larger_than_any_message_is_taken(adam, toml):
    large = toml + "".join(f"# {n:04} {'x' * 100}\n" for n in range(2000))
    assert len(large) > 200_000

    assert "Only remarks or the way of writing differ." in adam.check(large).text


PROGRAM = """
import json, pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
out.mkdir()
out.joinpath("01.png").write_bytes(b"the picture")
told = [{"file": "01.png", "name": "question:need", "words": ["What do you need?"]}]
out.joinpath("preview.json").write_text(json.dumps(told))
"""


def test_screens_and_slips_are_shown_with_what_stands_on_them(adam, toml, app):
    app.app.state.site_previews.program = (sys.executable, "-c", PROGRAM)

    page = adam.send_draft("preview", toml, language="uk")

    assert "Question need" in page.text
    src, alt = re.search(r'<img src="([^"]+)"[^>]* alt="([^"]+)"', page.html).groups()
    assert alt == "Question: What do you need?"
    assert adam.client.get(src).content == b"the picture"
    assert adam.client.get(f"{SITE}/preview/0/01.png").status_code == 404


@pytest.mark.parametrize(
    ("code", "seconds", "said"),
    [
        ("raise SystemExit(2)", 20.0, "could not draw it"),
        ("import time; time.sleep(60)", 0.3, "too busy to draw"),
    ],
)
def test_a_preview_that_fails_says_what_to_do(adam, toml, app, code, seconds, said):
    app.app.state.site_previews = Previews((sys.executable, "-c", code), seconds=seconds)

    assert said in adam.send_draft("preview", toml, language="uk").text


@pytest.mark.parametrize("language", ["\0", "u\nk"])
def test_a_language_that_is_none_is_drawn_by_nobody(adam, toml, language):
    assert "could not draw it" in adam.send_draft("preview", toml, language=language).text


def test_what_a_preview_leaves_behind_when_it_is_stopped_goes_with_it(adam, toml, app, tmp_path):
    told = tmp_path / "told"
    code = f"""
import pathlib, tempfile, time
pathlib.Path({str(told)!r}).write_text(tempfile.mkdtemp(prefix="left-"))
time.sleep(60)
"""
    app.app.state.site_previews = Previews((sys.executable, "-c", code), seconds=3.0)

    adam.send_draft("preview", toml, language="uk")

    assert not Path(told.read_text()).exists()


def test_a_disk_without_room_for_a_preview_is_said_to_have_failed(adam, toml, monkeypatch):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("server_stub.site_previews.TemporaryDirectory", full)

    assert "could not draw it" in adam.send_draft("preview", toml, language="uk").text


def test_a_number_that_no_database_counts_to_is_no_version(adam):
    assert adam.open(f"{SITE}/versions/99999999999999999999").status == 404


def test_a_server_without_the_kiosks_program_says_so(adam, toml, monkeypatch):
    monkeypatch.setattr("server_stub.site_previews.find_spec", lambda _: None)

    page = adam.send_draft("preview", toml, language="uk")

    assert "not installed on this server" in page.text


def _between(text: str, begin: str, end: str) -> str:
    return text.split(begin, 1)[1].split(end, 1)[0]


def _unescaped(text: str) -> str:
    from html import unescape

    return unescape(text)


def test_hours_are_written_into_the_file_and_hold(adam, toml, app):
    page = adam.open("/staff/admin/hours")
    assert "Today, Monday, 23 November" in page.text
    assert "Open now 08:00–18:00" in page.text  # noqa: RUF001  # a range
    fields = page.form("/staff/admin/hours").fields
    del fields["always"]
    for stage in app.app.state.room.site.stages:
        del fields[f"own_{stage.id}"]
    changed = fields | {
        "week_sat": "10-14",
        "week_sun": "",
        "first_0": "2026-12-24",
        "last_0": "2026-12-26",
        "reason_0": "Christmas",
        "own_benefits": "yes",
        "stage_benefits_mon": "9-12",
    }

    answer = adam.client.post("/staff/admin/hours", data=changed)

    assert answer.headers["location"] == "/staff/admin/hours?taken=2"
    assert "These hours hold now." in adam.open("/staff/admin/hours?taken=2").text
    site = app.app.state.room.site
    assert (site.hours.on(4), site.hours.on(5), site.hours.on(6)) == (
        ("08:00-18:00",),
        ("10:00-14:00",),
        (),
    )
    assert [(c.days, c.hours, c.reason) for c in site.closures] == [
        ("2026-12-24 to 2026-12-26", (), "Christmas")
    ]
    assert site.stage("benefits").hours.on(0) == ("09:00-12:00",)
    assert site.stage("benefits").hours.on(1) == ()
    new = adam.client.get(f"{SITE}/versions/2.toml").text
    assert [r for r in toml.splitlines() if r.startswith("#")] == [
        r for r in new.splitlines() if r.startswith("#")
    ]
    assert parse_site(new, source="") == site


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("week_sat", "10-", "Not understood: &#39;10-&#39;: 08:00-18:00"),
        ("week_sat", "10-12, 11-13", "&#39;10:00-12:00&#39; and &#39;11:00-13:00&#39; overlap"),
        ("last_0", "2026-12-20", "Not understood: 2026-12-20 &lt; 2026-12-24"),
    ],
)
def test_hours_that_cannot_be_are_refused_and_what_was_entered_stays(adam, app, field, text, said):
    fields = adam.open("/staff/admin/hours").form("/staff/admin/hours").fields
    kept = {n: v for n, v in fields.items() if not n.startswith(("own_", "always"))}
    sent = kept | {"first_0": "2026-12-24", field: text}

    page = Page(adam.client.post("/staff/admin/hours", data=sent))

    assert page.status == 422
    assert said in page.html
    assert page.form("/staff/admin/hours").fields[field] == text
    assert app.app.state.room.site.closures == ()


def test_one_press_closes_earlier_today_and_one_takes_it_back(adam, app):
    sent = {"from": "13:00", "reason": "power cut", "seen": "1"}
    assert adam.client.post("/staff/admin/hours/today", data=sent).status_code == 303

    page = adam.open("/staff/admin/hours")
    assert "08:00–13:00 otherwise than usual" in page.text  # noqa: RUF001  # a range
    (closure,) = app.app.state.room.site.closures
    assert (closure.days, closure.hours) == ("2026-11-23", ("08:00-13:00",))

    assert adam.send("/staff/admin/hours/today/usual", seen="2").status == 303
    assert app.app.state.room.site.closures == ()


def test_hours_of_the_slower_of_two_are_not_lost(adam, toml):
    adam.take(with_keys(toml, name="Hafen"))

    answer = adam.client.post("/staff/admin/hours/today", data={"from": "13:00", "seen": "1"})

    assert answer.status_code == 409
    assert "Version 2 was put in force meanwhile, by adam." in Page(answer).text
