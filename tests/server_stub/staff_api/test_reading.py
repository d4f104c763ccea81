"""Reading by the staff API: who gets in, what each may see, pages that miss nothing."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from server_stub.page_rendering import opaque
from server_stub.staff_api import paths
from server_stub.staff_api.paging import place_of
from tests.server_stub.enrolled import new_id, party
from tests.server_stub.staff_api.staff import PASSWORD, Staff, log_in

pytestmark = pytest.mark.both_databases


@pytest.fixture
def somebody_waits(line) -> dict[str, object]:
    check_in = line.kiosk.check_in(1)
    line.check_in(check_in)
    return {"id": str(check_in.id), "number": check_in.number}


READS = (
    paths.VISITS,
    paths.STAGES,
    f"{paths.STAGES}/information/queue",
    paths.KIOSKS,
    paths.HELP_CALLS,
    paths.EVENTS,
)


NOBODY = "01a20000-0000-7000-8000-000000000000"
"""The id of no visit, the same in every process that collects these tests."""


@pytest.mark.parametrize("path", [*READS, paths.THIS_SESSION, f"{paths.VISITS}/{NOBODY}"])
def test_nobody_reads_anything_without_logging_in(client, path):
    for headers in ({}, {"Authorization": "Bearer nobody's"}, {"Cookie": "ankunft-staff=nobody's"}):
        answer = client.get(path, headers=headers)

        assert answer.status_code == 401
        assert answer.json()["code"] == "not-logged-in"
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_works_until_its_owner_logs_out(client, logins, clock):  # noqa: ARG001
    anna = Staff(client, log_in(client, "api-counter").json()["token"])

    assert anna.get(paths.THIS_SESSION).json() == {
        "staff": "api-counter",
        "role": "counter",
        "counter": None,
    }
    assert anna.delete(paths.THIS_SESSION).status_code == 204
    assert anna.get(paths.THIS_SESSION).status_code == 401


def test_a_token_ends_with_the_shift(client, logins, clock):  # noqa: ARG001
    begun = log_in(client, "api-counter").json()
    clock.move(12 * 3600)

    assert Staff(client, begun["token"]).get(paths.THIS_SESSION).status_code == 401


def test_the_cookie_of_the_staff_pages_opens_the_api_too(client, logins, clock):  # noqa: ARG001
    client.post("/staff/login", data={"name": "api-counter", "password": PASSWORD})
    try:
        assert client.get(paths.THIS_SESSION).json()["staff"] == "api-counter"
    finally:
        client.cookies.clear()


def test_a_page_of_another_server_cannot_act_with_the_cookie(client, logins, clock):  # noqa: ARG001
    client.post("/staff/login", data={"name": "api-counter", "password": PASSWORD})
    try:
        answer = client.put(
            f"{paths.HELP_CALLS}/{new_id()}/acknowledgement",
            headers={"Origin": "https://elsewhere.example"},
        )
    finally:
        client.cookies.clear()

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["api-counter", "nobody", "nul\x00byte"])
def test_a_wrong_password_and_a_wrong_name_are_told_alike(client, logins, clock, name):  # noqa: ARG001
    answer = log_in(client, name, "wrong")

    assert answer.status_code == 401
    assert answer.json()["code"] == "wrong-password"
    assert answer.json()["message"] == "name or password is wrong"


def test_after_five_wrong_passwords_nobody_is_asked_for_a_while(client, logins, clock):
    for _ in range(5):
        assert log_in(client, "guessed", "wrong").status_code == 401
    answer = log_in(client, "guessed", "wrong")

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == str(15 * 60)
    clock.move(15 * 60)
    assert log_in(client, "guessed", "wrong").status_code == 401
    assert logins  # others log in meanwhile


def test_what_cannot_be_read_is_named_and_never_repeated(client):
    answer = client.post(
        paths.SESSIONS, json={"name": "anna", "password": "geheim" * 100, "more": "secret"}
    )

    assert answer.status_code == 422
    assert answer.json()["fields"] == [
        {"field": "more", "needs": "extra forbidden"},
        {"field": "password", "needs": "too long"},
    ]
    assert "geheim" not in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"name": 1}'])
def test_a_body_that_is_none_is_refused_in_words(client, body):
    answer = client.post(paths.SESSIONS, content=body)

    assert answer.status_code == 422
    assert answer.json()["code"] == "unreadable"


def test_staff_see_all_of_a_visit(staff, somebody_waits):
    visit = staff.get(f"{paths.VISITS}/{somebody_waits['id']}").json()

    assert visit["number"] == somebody_waits["number"]
    assert visit["language"] == "uk"
    assert (visit["adults"], visit["children"]) == (2, 1)
    assert visit["state"] == "waiting"
    assert "call" in visit["steps"]
    assert visit["version"] == 1
    assert visit["route"] == ["information", "housing"]
    assert "ticket_token_sha256" not in visit
    assert visit in staff.all(paths.VISITS)


def test_a_helper_sees_number_language_size_and_priority_only(helper, somebody_waits):
    listed = helper.all(paths.VISITS)

    assert {frozenset(visit) for visit in listed} == {
        frozenset({"number", "language", "adults", "children", "priority"})
    }
    assert somebody_waits["number"] in {visit["number"] for visit in listed}


@pytest.mark.parametrize(
    "path",
    [
        *(f"{paths.VISITS}/{NOBODY}", f"{paths.STAGES}/information/queue"),
        *(paths.KIOSKS, paths.EVENTS, paths.FIGURES),
    ],
)
def test_a_helper_may_not_read_the_rest(helper, path):
    answer = helper.get(path)

    assert answer.status_code == 403
    assert answer.json()["code"] == "may-not"


@pytest.mark.parametrize(
    ("name", "value"), [("day", "2026-11-23"), ("state", "finished"), ("stage", "information")]
)
def test_a_helper_may_not_ask_by_what_the_list_does_not_tell(helper, name, value):
    answer = helper.get(paths.VISITS, **{name: value})

    assert (answer.status_code, answer.json()["code"]) == (403, "may-not")
    assert answer.json()["message"] == f"a helper may not ask by {name}: leave it out"


@pytest.mark.usefixtures("nobody_here")
def test_a_helpers_cursor_tells_no_id_and_no_time(helper, line):
    sent = [line.kiosk.check_in(n) for n in (3, 1, 2)]
    for check_in in sent:
        line.check_in(check_in)
    numbers = [visit["number"] for visit in helper.all(paths.VISITS, limit=1)]

    cursor = helper.get(paths.VISITS, limit=1).json()["next"]

    assert place_of(cursor, TypeAdapter(tuple[str, str])) == ("G101", opaque(sent[1].id))
    assert numbers == ["G101", "G102", "G103"], "whoever came first"


@pytest.mark.usefixtures("nobody_here")
def test_a_helper_is_not_shown_who_has_gone(helper, staff, somebody_waits):
    called = staff.press("call-next", counter="1").json()["visit"]
    shown = helper.all(paths.VISITS, number=somebody_waits["number"])
    staff.press("finish", called, counter="1")

    assert [visit["number"] for visit in shown] == [somebody_waits["number"]]
    assert helper.all(paths.VISITS, number=somebody_waits["number"]) == []


@pytest.mark.usefixtures("nobody_here", "somebody_waits")
def test_a_stage_tells_a_helper_the_number_at_a_counter_and_no_id_or_time(helper, staff):
    called = staff.press("call-next", counter="1").json()["visit"]

    (counter,) = (one for one in stage(helper, "information")["counters"] if one["id"] == "1")

    assert counter == {
        "id": "1",
        "number": called["number"],
        "visit": None,
        "state": "called",
        "since": None,
    }
    assert called["id"] not in helper.get(paths.STAGES).text
    assert called["id"] in staff.get(paths.STAGES).text


def test_a_helper_sees_and_answers_help_calls(helper, line):
    call = line.kiosk.help_call()
    line.put(f"/v1/help-calls/{call.id}", call)

    assert str(call.id) in {shown["id"] for shown in helper.all(paths.HELP_CALLS)}
    answer = helper.put(f"{paths.HELP_CALLS}/{call.id}/acknowledgement")
    assert answer.json()["acknowledged_by"] == "api-helper"


def test_pages_of_any_size_show_every_visit_once(staff, line):
    sent = [line.kiosk.check_in(n) for n in range(1, 8)]
    for check_in in sent:
        line.check_in(check_in)

    whole = staff.all(paths.VISITS)
    for limit in (1, 2, 3, 200):
        assert staff.all(paths.VISITS, limit=limit) == whole
    ids = [visit["id"] for visit in whole]
    assert ids == sorted(set(ids))
    assert {str(check_in.id) for check_in in sent} <= set(ids)


def test_the_queue_is_paged_in_the_order_of_calling(staff, line):
    stage = "onward-travel"
    sent = [line.kiosk.check_in(n, content=party(stage)) for n in range(1, 6)]
    for check_in in sent:
        line.check_in(check_in)
    path = f"{paths.STAGES}/{stage}/queue"

    whole = staff.all(path)

    assert [visit["id"] for visit in whole][-5:] == [str(check_in.id) for check_in in sent]
    assert staff.all(path, limit=2) == whole


def test_visits_are_found_by_day_state_stage_and_number(staff, somebody_waits):
    day = staff.get(f"{paths.VISITS}/{somebody_waits['id']}").json()["service_day"]

    def found(**query) -> bool:
        return somebody_waits["id"] in {v["id"] for v in staff.all(paths.VISITS, **query)}

    assert found(day=day)
    assert not found(day="2026-01-01")
    assert found(state="waiting")
    assert found(state="open")
    assert not found(state="finished")
    assert found(stage="information")
    assert not found(stage="housing")
    assert found(number=somebody_waits["number"])
    assert not found(number="A101")


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (paths.VISITS, {"limit": 0}, "limit"),
        (paths.VISITS, {"limit": 201}, "limit"),
        (paths.VISITS, {"after": "W" * 401}, "after"),
        (paths.VISITS, {"day": "yesterday"}, "day"),
        (paths.VISITS, {"colour": "red"}, "colour"),
        (f"{paths.VISITS}/17", {}, "visit_id"),
        (paths.EVENTS, {"after": -1}, "after"),
    ],
)
def test_a_query_that_cannot_be_read_is_named(staff, path, query, field):
    answer = staff.get(path, **query)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["fields"]] == [field]


@pytest.mark.parametrize("cursor", ["", "nothing", "ä", "W10", "WzFd", "bm90aGluZw", "\x00"])
def test_a_cursor_that_nobody_gave_out_leads_to_no_page(staff, cursor):
    answer = staff.get(paths.VISITS, after=cursor)

    assert answer.status_code == 404
    assert answer.json()["message"] == "this list has no such page: ask without `after`"


def test_what_an_address_knows_is_told_to_whoever_asks_otherwise(client):
    answer = client.options(paths.THIS_SESSION)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET"


def test_a_cursor_of_another_list_is_refused(staff, line):
    for n in (1, 2):
        line.check_in(line.kiosk.check_in(n))
    cursor = staff.get(f"{paths.STAGES}/information/queue", limit=1).json()["next"]

    assert staff.get(paths.VISITS, after=cursor).status_code == 404


def test_what_is_not_there_is_told_as_json(staff):
    for path in (f"{paths.VISITS}/{new_id()}", f"{paths.STAGES}/nowhere/queue", f"{paths.ROOT}/x"):
        answer = staff.get(path)

        assert answer.status_code == 404
        assert answer.json()["code"] == "unknown"
    assert staff.delete(paths.VISITS).status_code == 405
    assert staff.delete(paths.VISITS).json()["code"] == "unknown"


def test_a_stage_tells_how_many_wait_and_who_is_at_its_counters(staff, somebody_waits):
    stages = {stage["id"]: stage for stage in staff.all(paths.STAGES, limit=1)}

    information = stages["information"]
    waiting = staff.all(paths.VISITS, stage="information", state="waiting")
    assert information["waiting"] == len(waiting)
    assert information["persons_waiting"] == sum(v["adults"] + v["children"] for v in waiting)
    assert {counter["id"] for counter in information["counters"]} >= {"1", "i1"}
    assert somebody_waits["id"] in {visit["id"] for visit in waiting}


@pytest.mark.usefixtures("nobody_here")
def test_a_stage_tells_how_long_a_party_waits_that_comes_now(staff, line, clock):
    """One counter takes six minutes for each, and four wait."""
    for sequence in range(1, 15):
        line.check_in(line.kiosk.check_in(sequence, content=party(adults=2, children=1)))
    assert stage(staff, "information")["wait"] == {
        "parties_ahead": 14,
        "persons_ahead": 42,
        "minutes_from": None,
        "minutes_to": None,
    }

    for _ in range(10):
        called = staff.press("call-next", counter="1").json()["visit"]
        clock.move(6 * 60)
        staff.press("finish", called, counter="1")
    waits = stage(staff, "information")["wait"]

    assert (waits["parties_ahead"], waits["persons_ahead"]) == (4, 12)
    assert waits["minutes_from"] <= 4 * 6 <= waits["minutes_to"]
    assert stage(staff, "housing")["wait"]["parties_ahead"] == 0


@pytest.mark.usefixtures("nobody_here")
def test_a_stage_tells_why_calls_pause_and_for_whom(staff, line, client):
    for sequence in (1, 2):
        line.check_in(line.kiosk.check_in(sequence, content=party(adults=2, children=1)))
    with small_hall(client, persons=5):
        assert stage(staff, "information")["calls_pause"] is None
        called = staff.press("call-next", counter="1").json()["visit"]
        pause = stage(staff, "information")["calls_pause"]

        assert pause == {"stage": None, "persons": 3, "most": 5, "number": "G102", "party": 3}
        assert staff.press("call-next", counter="i1").json()["paused"] == pause
        assert stage(staff, "housing")["calls_pause"] is None

        staff.press("finish", called, counter="1")
        assert stage(staff, "information")["calls_pause"] is None


def stage(staff, name: str) -> dict[str, object]:
    return next(stage for stage in staff.all(paths.STAGES) if stage["id"] == name)


@contextmanager
def small_hall(client, *, persons: int):
    """The hall takes no more persons meanwhile."""
    room = client.app.state.room
    in_force = room._in_force
    room._in_force = replace(
        in_force, site=in_force.site.model_copy(update={"most_persons": persons})
    )
    try:
        yield
    finally:
        room._in_force = in_force


def test_kiosks_are_listed_by_name_with_what_they_reported(staff, line):
    line.beat(line.kiosk.heartbeat(highest=3, troubles=["texts-uk"]))

    kiosks = staff.all(paths.KIOSKS, limit=1)

    assert [kiosk["name"] for kiosk in kiosks] == ["entrance-1", "entrance-2", "entrance-9"]
    assert kiosks[-1]["troubles"] == ["texts-uk"]
    assert kiosks[-1]["printer"] == "ready"
    assert kiosks[0]["reported_at"] is None


def test_whoever_answers_a_help_call_first_goes(staff, lead, line):
    call = line.kiosk.help_call()
    line.put(f"/v1/help-calls/{call.id}", call)
    path = f"{paths.HELP_CALLS}/{call.id}/acknowledgement"

    assert str(call.id) in {c["id"] for c in staff.all(paths.HELP_CALLS, unanswered=True)}
    assert staff.put(path).json()["acknowledged_by"] == "api-counter"
    assert lead.put(path).json()["acknowledged_by"] == "api-counter"
    assert str(call.id) not in {c["id"] for c in staff.all(paths.HELP_CALLS, unanswered=True)}
    assert str(call.id) in {c["id"] for c in staff.all(paths.HELP_CALLS, limit=1)}


def test_a_help_call_that_nobody_made_cannot_be_answered(staff):
    assert staff.put(f"{paths.HELP_CALLS}/{new_id()}/acknowledgement").status_code == 404


def test_events_are_followed_from_the_last_one_on(staff, line):
    last = staff.get(paths.EVENTS).json()
    check_in = line.kiosk.check_in(1)
    line.check_in(check_in)

    events = staff.get(paths.EVENTS, after=last["last"]).json()

    assert last["items"] == []
    assert [(e["number"], e["kind"], e["about"]) for e in events["items"]] == [
        (last["last"] + 1, "check-in", str(check_in.id))
    ]
    assert events["last"] == last["last"] + 1
    assert staff.get(paths.EVENTS, after=events["last"]).json()["items"] == []


def test_events_that_were_never_given_are_gone(staff):
    answer = staff.get(paths.EVENTS, after=10**9)

    assert answer.status_code == 410
    assert answer.json()["code"] == "pruned"


def test_a_number_that_no_database_knows_is_refused(staff):
    assert staff.get(paths.EVENTS, after=2**63).status_code == 422


def test_a_day_is_written_as_one_and_is_no_count_of_seconds(staff):
    for day in ("0", "20261123", "2026-11-23T00:00:00", "1e3"):
        assert staff.get(paths.VISITS, day=day).status_code == 422, day
    assert staff.get(paths.VISITS, day="2026-11-23").status_code == 200
