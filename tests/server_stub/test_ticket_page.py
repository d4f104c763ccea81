"""What a ticket's page tells, and that it tells nobody more."""

import base64
import hashlib
import re
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from server_stub import ticket_reading
from server_stub.ticket_page import create_ticket_app
from server_stub.ticket_reading import TicketReader
from server_stub.ticket_texts import LANGUAGES
from server_stub.ticket_view import KEPT_AFTER_ITS_END, Passed, Standing, view_of
from tests.server_stub.enrolled import party

pytestmark = pytest.mark.both_databases

MOST_BYTES = 30_000
ROUTE = ("information", "housing", "registration")


def token(name: str) -> str:
    return f"{name:-<22}"


@pytest.fixture
def phone(room, clock):
    """A browser before the ticket listener of an empty room."""
    state = SimpleNamespace(
        room=room.room,
        tickets=TicketReader(room.engine, site=lambda: room.site, clock=clock),
        settings=SimpleNamespace(clock=clock),
    )
    app = create_ticket_app(SimpleNamespace(state=state))
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def arrive(room, kiosk, clock):
    """Let a party check in whose token begins with a name; return its visit."""
    sequence = iter(range(1, 100))

    def check_in(name, *route, language="uk"):
        content = party(*(route or ROUTE), language=language)
        content = content.model_copy(update={"ticket_token": token(name)})
        message = kiosk.check_in(next(sequence), content=content)
        room.admit(kiosk, message)
        clock.move(60)
        return room.visit(message.id)

    return check_in


def ticket(phone, name, **headers):
    answer = phone.get(f"/t/{token(name)}", headers=headers)
    assert answer.status_code == 200
    return answer.text


def shown(html):
    """The text of the ticket, without head, style and script."""
    main = re.search(r"<main.*?</main>", html, re.DOTALL)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)).strip()


def test_a_party_that_waits_reads_its_number_its_way_and_how_many_are_before_it(phone, arrive):
    arrive("first")
    visit = arrive("mine")

    html = ticket(phone, "mine")

    assert '<html lang="uk" dir="ltr">' in html
    assert f'<bdi dir="ltr">{visit.number}</bdi>' in html
    assert "1 група перед вами" in shown(html)
    assert re.findall(r'href="#(\w+)"', html) == ["tree", "fish", "boat"]
    assert re.findall(r"Двері (\d+)", shown(html)) == ["1", "2", "4"]


def test_a_page_shows_no_more_than_the_slip(phone, arrive, room):
    visit = arrive("mine")

    html = ticket(phone, "mine")

    for stage in room.site.stages:
        assert stage.id not in html
        assert not any(name in html for name in stage.name.values())
    assert token("mine") not in html
    assert str(visit.id) not in html
    assert visit.kiosk not in html


def test_a_called_party_reads_counter_and_door_in_its_language(phone, arrive, room):
    visit = room.do(room.room.call_chosen, arrive("mine", language="ar")).visit

    html = ticket(phone, "mine")

    assert '<html lang="ar" dir="rtl">' in html
    assert "تم نداء رقمكم" in html
    assert "Sie sind aufgerufen" in html
    assert f"<title>{visit.number} → 1 · " in html
    assert re.search(r"المكتب 1 .*الباب 1", shown(html))


def test_a_page_follows_its_party_to_the_end(phone, arrive, room):
    visit = room.do(room.room.call_chosen, arrive("mine")).visit
    visit = room.do(room.room.serve, visit)
    assert "Ваша черга" in ticket(phone, "mine")

    visit = room.do(room.room.forward, visit)
    assert shown(ticket(phone, "mine")).count("Пройдено") == 1

    visit = room.do(room.room.call_chosen, visit, counter="3").visit
    visit = room.do(room.room.serve, visit, counter="3")
    visit = room.do(room.room.park, visit, counter="3")
    assert "Запитайте, будь ласка, біля дверей 2" in shown(ticket(phone, "mine")).replace("  ", " ")

    room.do(room.room.leave, visit, counter=None, role="lead")
    assert "Ваш візит завершено." in ticket(phone, "mine")
    assert 'class="way"' not in ticket(phone, "mine")


def test_a_merged_party_follows_the_one_that_it_goes_on_as(phone, arrive, room):
    kept, given_up = arrive("kept"), arrive("given-up")
    room.run(
        room.room.merge(
            room.press(given_up, counter=None, role="lead"), into=kept.id, into_seen=kept.version
        )
    )

    told = shown(ticket(phone, "given-up"))
    assert f"{given_up.number} тепер має номер {kept.number}" in told

    room.do(room.room.call_chosen, room.visit(kept))
    assert "викликають" in ticket(phone, "given-up")


def test_an_expired_ticket_an_early_one_and_nonsense_look_the_same(phone, arrive, room, clock):
    visit = arrive("mine")
    room.do(room.room.leave, visit, counter=None, role="lead")
    clock.move(KEPT_AFTER_ITS_END.total_seconds() - 1)
    assert "Ваш візит завершено." in ticket(phone, "mine")
    clock.move(2)

    addresses = [f"/t/{token('mine')}", f"/t/{token('early')}", "/t/x", f"/t/{quote('ü<b>')}"]
    answers = [phone.get(address) for address in addresses]
    parts = [phone.get(f"{address}/now") for address in addresses]

    assert len({(a.status_code, a.text, str(a.headers)) for a in answers}) == 1
    assert len({(a.status_code, a.text, str(a.headers)) for a in parts}) == 1
    assert "noch nicht bekannt" in answers[0].text


def test_who_is_not_known_is_answered_in_the_browsers_language_and_german_and_english(phone):
    html = ticket(phone, "early", **{"Accept-Language": "ka-GE,ka;q=0.9,en;q=0.5"})

    assert '<html lang="ka" dir="ltr">' in html
    assert re.findall(r'<section lang="(\w+)"', html) == ["ka", "de", "en"]
    assert "A new slip is valid." in html


def test_an_open_page_is_told_only_what_has_changed(phone, arrive, room):
    visit = arrive("mine")
    address = f"/t/{token('mine')}/now"
    first = phone.get(address)
    again = phone.get(address, headers={"If-None-Match": first.headers["ETag"]})
    call = room.do(room.room.call_chosen, visit).visit.called_at
    called = phone.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.text) == (304, "")
    assert called.status_code == 200
    assert f'data-call="{call.isoformat()}"' in called.text
    assert called.text.strip() in phone.get(f"/t/{token('mine')}").text


def call_on(phone) -> str:
    return re.search(r'data-call="([^"]+)"', ticket(phone, "mine"))[1]


def test_a_call_and_a_recall_ring_apart(phone, arrive, room, clock):
    visit = room.do(room.room.call_chosen, arrive("mine")).visit
    first = call_on(phone)
    clock.move(60)
    room.do(room.room.recall, visit)

    assert call_on(phone) != first


def test_a_call_that_was_taken_back_and_the_next_one_ring_apart(phone, arrive, room, clock):
    """A phone that slept in between has seen nothing of the time without a call."""
    visit = room.do(room.room.call_chosen, arrive("mine")).visit
    first = call_on(phone)
    waiting = room.do(room.room.undo, visit)
    clock.move(60)
    room.do(room.room.call_chosen, waiting, counter="2")

    assert call_on(phone) != first


def test_every_answer_keeps_to_itself(phone, arrive):
    arrive("mine")
    for address in (f"/t/{token('mine')}", f"/t/{token('mine')}/now", "/t/x", "/staff"):
        answer = phone.get(address)

        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "set-cookie" not in answer.headers


def test_only_this_style_and_this_script_may_run(phone, arrive):
    arrive("mine")
    answer = phone.get(f"/t/{token('mine')}")

    for tag, source in (("style", "style-src"), ("script", "script-src")):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}';" in answer.headers["Content-Security-Policy"]
    assert not re.search(
        r' (style|on\w+)="|https?://|//\w+\.', answer.text.partition("</style>")[2]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_page_is_small_in_every_language(phone, arrive, language):
    arrive("mine", *ROUTE, "benefits", "onward-travel", language=language)

    assert len(phone.get(f"/t/{token('mine')}").content) < MOST_BYTES


@pytest.mark.parametrize(
    "path", ["/", "/staff", "/staff/v1/sessions", "/v1/site", "/display", "/healthz", "/static/x"]
)
def test_nothing_of_staff_or_kiosks_is_behind_the_listener(phone, path):
    assert phone.get(path).status_code == 404
    assert phone.post(path).status_code == 404


def test_a_ticket_is_only_read(phone, arrive):
    arrive("mine")

    assert phone.post(f"/t/{token('mine')}").status_code == 405
    assert phone.head(f"/t/{token('mine')}").status_code == 200


@pytest.mark.sqlite
def test_the_staff_server_has_no_tickets(client):
    assert client.get(f"/t/{token('mine')}").status_code == 404


def test_who_comes_when_too_many_ask_is_told_to_wait(phone, arrive, monkeypatch):
    arrive("mine")
    monkeypatch.setattr(ticket_reading, "MOST_IN_LINE", 0)

    answer, part = phone.get(f"/t/{token('mine')}"), phone.get(f"/t/{token('mine')}/now")

    assert (answer.status_code, part.status_code) == (503, 503)
    assert answer.headers["Retry-After"] == part.headers["Retry-After"] == "15"
    assert 'http-equiv="refresh"' in answer.text
    assert "Diese Seite sieht von selbst wieder nach." in answer.text


@pytest.mark.sqlite
def test_a_database_that_is_away_is_no_lost_ticket(phone, arrive, monkeypatch):
    arrive("mine")
    lost = "SELECT nothing FROM nowhere"
    monkeypatch.setattr(ticket_reading, "VISIT_OF_TOKEN", text(lost))

    assert phone.get(f"/t/{token('mine')}").status_code == 503
    monkeypatch.undo()
    assert phone.get(f"/t/{token('mine')}").status_code == 200


def test_a_wait_is_worked_out_once_in_some_seconds(phone, arrive, clock, monkeypatch):
    worked_out = []
    wait_of = ticket_reading.wait_of

    def counting(connection, site, *, visit, at):
        worked_out.append(visit)
        return wait_of(connection, site, visit=visit, at=at)

    monkeypatch.setattr(ticket_reading, "wait_of", counting)
    arrive("mine")
    for _ in range(5):
        ticket(phone, "mine")
    assert len(worked_out) == 1

    clock.move(ticket_reading.WAIT_HOLDS.total_seconds() + 1)
    ticket(phone, "mine")
    assert len(worked_out) == 2


@pytest.mark.sqlite
def test_a_token_is_found_by_an_index(room):
    with room.engine.connect() as connection:
        plan = connection.execute(
            text(f"EXPLAIN QUERY PLAN {ticket_reading.VISIT_OF_TOKEN}"),
            {"site": "x", "token_sha256": "y", "param_1": 1},
        ).all()

    assert "ix_visit_ticket" in str(plan)


def test_a_stage_that_the_site_no_longer_has_leaves_the_rest_of_the_way(arrive, room):
    visit = arrive("mine")
    unknown = replace(visit, route=("gone", *visit.route[1:]), stage="gone")

    view = view_of(unknown, room.site, printed=visit.number, wait=None)

    assert view.standing is Standing.WAITING
    assert view.here is None
    assert [place.passed for place in view.places] == [Passed.LATER, Passed.LATER]


def test_a_phone_looks_more_often_the_nearer_its_turn_is(phone, arrive):
    for n in range(10):
        arrive(f"{n}")
    seconds = [
        int(re.search(r'data-seconds="(\d+)"', ticket(phone, f"{n}"))[1]) for n in (0, 2, 5, 9)
    ]

    assert seconds == [3, 3, 6, 10]
