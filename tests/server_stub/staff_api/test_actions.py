"""What staff do through the staff API: each action once, and honest about what is in the way."""

import pytest

from server_stub import staff_login
from server_stub.staff_api import paths, presses
from tests.server_stub.enrolled import TICKET_TOKEN, new_id, party
from tests.server_stub.slow_request import send_slowly
from tests.server_stub.staff_api.staff import Staff, log_in

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("nobody_here")]


@pytest.fixture
def arrive(line, staff):
    """Let parties arrive; return their visits as staff see them."""
    sent = []

    def arrive(*route, **content):
        check_in = line.kiosk.check_in(len(sent) + 1, content=party(*route, **content))
        sent.append(check_in)
        line.check_in(check_in)
        return staff.visit(check_in.id)

    return arrive


@pytest.fixture
def called(arrive, staff):
    """A party that counter 1 has called."""
    arrive()
    return staff.press("call-next", counter="1").json()["visit"]


def refused(answer, status: int, code: str) -> dict[str, object]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()


def test_the_next_party_is_called_and_it_is_told_why(arrive, staff):
    first, second = arrive(), arrive()

    answer = staff.press("call-next", counter="1")

    assert answer.status_code == 201
    done = answer.json()
    assert done["visit"]["id"] == first["id"]
    assert (done["visit"]["state"], done["visit"]["counter"]) == ("called", "1")
    assert done["visit"]["version"] == first["version"] + 1
    assert done["why"] == {
        "calling_class": "others",
        "before": [{"number": second["number"], "reason": "waits-longer"}],
    }
    assert done["visit"] == staff.visit(first["id"])


def test_who_logs_out_while_their_action_comes_calls_nobody(arrive, staff, client, monkeypatch):
    monkeypatch.setattr(staff_login, "SLOWLY", 0)
    waiting = arrive()
    token = log_in(client, "api-counter").json()["token"]
    other = Staff(client, token)

    status = send_slowly(
        client,
        "PUT",
        f"{paths.ACTIONS}/{new_id()}",
        b'{"step": "call-next", "counter": "1"}',
        headers=other.headers,
        meanwhile=lambda: other.delete(paths.THIS_SESSION),
    )

    assert status == 401
    assert staff.visit(waiting["id"])["state"] == "waiting"


def test_an_action_that_is_sent_again_gets_the_same_answer_and_does_nothing(arrive, staff):
    arrive(), arrive()
    action = new_id()

    first = staff.press("call-next", action=action, counter="1")
    called = first.json()["visit"]
    staff.press("serve", called, counter="1")
    again = staff.press("call-next", action=action, counter="1")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert staff.visit(called["id"])["state"] == "serving"


def test_an_id_that_stands_for_another_action_is_refused(arrive, staff):
    first = arrive()
    action = new_id()
    staff.press("priority", first, action=action, counter="1", priority=True)

    answer = staff.press("priority", first, action=action, counter="1", priority=False)

    refused(answer, 409, "action-reused")
    assert staff.visit(first["id"])["priority"] is True


def test_whoever_is_slower_learns_who_was_faster(called, staff, lead, clock):
    clock.move(30)
    lead.press("recall", called, counter="1")

    answer = staff.press("serve", called, counter="1")

    said = refused(answer, 409, "stale")
    assert said["last_step"] == {
        "staff": "api-lead",
        "step": "recall",
        "counter": "1",
        "at": clock.now.isoformat().replace("+00:00", "Z"),
    }
    assert said["visit"] == called["id"]


def test_a_visit_that_was_never_touched_can_be_seen_wrongly_too(arrive, staff):
    visit = arrive()

    answer = staff.press("leave", visit | {"version": 7}, counter="1")

    said = refused(answer, 409, "stale")
    assert said["last_step"] is None
    assert said["visit"] == visit["id"]


def test_what_the_state_forbids_is_told_with_what_it_allows(arrive, staff):
    visit = arrive()

    said = refused(staff.press("recall", visit, counter="1"), 409, "not-possible")

    assert (said["reason"], said["state"]) == ("illegal-step", "waiting")
    assert "call" in said["steps"]
    assert "recall" not in said["steps"]
    assert sorted(said["steps"]) == sorted(staff.visit(visit["id"])["steps"])


def test_each_thing_in_the_way_has_a_word_of_its_own(arrive, called, staff):
    other = arrive()

    def reason(*press, **said) -> str:
        return refused(staff.press(*press, **said), 409, "not-possible")["reason"]

    assert reason("call-next", counter="1") == "counter-busy"
    assert reason("serve", called, counter="i1") == "other-counter"
    assert reason("call-next", counter="nowhere") == "unknown-counter"
    assert reason("call", arrive("housing"), counter="i1") == "other-stage"
    assert reason("reroute", other, counter="1", later=["moon"]) == "not-of-this-site"
    assert reason("no-show", called, counter="1") == "illegal-step"
    assert (
        reason("appointment", other, counter="1", appointment_at="2062-11-23T11:00:00Z")
        == "far-away"
    )


def test_a_visit_that_is_not_there_is_not_found(staff):
    answer = staff.press("leave", {"id": str(new_id()), "version": 1}, counter="1")

    refused(answer, 404, "unknown")


def test_nobody_to_call_is_an_answer_and_no_mistake(staff):
    done = staff.press("call-next", counter="1")

    assert done.status_code == 201
    assert done.json()["visit"] is None
    assert done.json()["nobody_waits"] is True


def test_a_party_goes_its_way_to_the_end(called, staff):
    way = []
    visit = called
    for step in ("recall", "serve", "forward"):
        visit = staff.press(step, visit, counter="1").json()["visit"]
        way.append((visit["stage"], visit["state"]))
    housing = next(
        stage["counters"][0]["id"] for stage in staff.all(paths.STAGES) if stage["id"] == "housing"
    )
    visit = staff.press("call-next", counter=housing).json()["visit"]
    visit = staff.press("finish", visit, counter=housing).json()["visit"]
    way.append((visit["stage"], visit["state"]))

    assert way == [
        ("information", "called"),
        ("information", "serving"),
        ("housing", "waiting"),
        ("housing", "finished"),
    ]
    done = staff.all(f"{paths.VISITS}/{visit['id']}/actions", limit=2)
    assert [action["step"] for action in done] == [
        *("call", "recall", "serve", "forward", "call", "finish")
    ]
    assert [action["version"] for action in done] == sorted(a["version"] for a in done)
    assert visit["ended_at"] is not None


def test_a_party_that_does_not_come_is_parked_after_three_calls(called, staff):
    visit = called
    for _ in range(2):
        visit = staff.press("recall", visit, counter="1").json()["visit"]

    parked = staff.press("no-show", visit, counter="1").json()["visit"]
    back = staff.press("readmit", parked, counter="1").json()["visit"]

    assert parked["state"] == "parked"
    assert back["state"] == "waiting"


def test_a_party_that_was_put_back_can_be_called_by_its_number(called, staff):
    served = staff.press("serve", called, counter="1").json()["visit"]
    parked = staff.press("park", served, counter="1").json()["visit"]

    done = staff.press("call", parked, counter="i3").json()

    assert done["visit"]["state"] == "called"
    assert done["visit"]["counter"] == "i3"
    assert done["why"]["before"] == []


def test_the_last_step_is_taken_back(called, staff):
    left = staff.press("leave", called, counter="1").json()["visit"]

    back = staff.press("undo", left, counter="1").json()["visit"]

    assert left["state"] == "left"
    assert back == called | {"version": called["version"] + 2}
    actions = staff.all(f"{paths.VISITS}/{called['id']}/actions")
    assert [(a["step"], a["undone"]) for a in actions] == [
        *(("call", False), ("leave", True), ("undo", False))
    ]


def test_a_party_can_be_split_and_goes_on_as_two(called, staff):
    action = new_id()

    done = staff.press(
        *("split", called),
        action=action,
        counter="1",
        adults=1,
        children=0,
        ticket_token=TICKET_TOKEN,
    ).json()

    assert done["other"]["id"] == str(action)
    assert done["other"]["split_from"] == called["id"]
    assert (done["visit"]["adults"], done["other"]["adults"]) == (1, 1)
    assert done["other"] == staff.visit(action)


def test_two_parties_can_go_on_as_one(arrive, staff):
    one, other = arrive(), arrive(adults=3, children=0)

    done = staff.press(
        "merge", one, counter="1", into=other["id"], into_seen=other["version"]
    ).json()

    assert done["visit"]["state"] == "merged"
    assert done["visit"]["merged_into"] == other["id"]
    assert (done["other"]["adults"], done["other"]["children"]) == (5, 1)


def test_a_number_by_hand_is_a_visit_like_any_other(staff):
    action = new_id()
    said = {
        "counter": "1",
        "route": ["information", "benefits"],
        "adults": 1,
        "children": 2,
        "language": "ar",
        "ticket_token": TICKET_TOKEN,
    }

    first = staff.press("by-hand", action=action, **said)
    again = staff.press("by-hand", action=action, **said)
    kiosks = {kiosk["name"] for kiosk in staff.all(paths.KIOSKS)}

    visit = first.json()["visit"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert visit["by_hand"] is True
    assert (visit["kiosk"], visit["state"]) == ("desk", "waiting")
    assert staff.press("call-next", counter="1").json()["visit"]["id"] == str(action)
    assert "desk" not in kiosks


def test_priority_and_an_appointment_are_for_staff_to_set(arrive, staff):
    first, second = arrive(), arrive()
    before = staff.press("priority", second, counter="1", priority=True).json()["visit"]

    done = staff.press("call-next", counter="1").json()

    assert before["priority"] is True
    assert done["visit"]["id"] == second["id"]
    assert done["why"]["before"] == [{"number": first["number"], "reason": "priority"}]
    confirmed = staff.press(
        "appointment", first, counter="1", appointment_at="2026-11-23T12:30:00+01:00"
    ).json()["visit"]
    assert confirmed["appointment_at"] == "2026-11-23T11:30:00Z"
    assert confirmed["waits_from"] == "2026-11-23T11:30:00Z"
    taken_away = staff.press("appointment", confirmed, counter="1", appointment_at=None).json()[
        "visit"
    ]
    assert taken_away["waits_from"] == first["waits_from"]


def test_what_a_stage_has_achieved_is_noted_and_a_lead_sets_it_right(client, arrive, staff, lead):
    outcome = next(o for o in client.app.state.room.site.outcomes if o.counts == 1)
    counter = next(c.id for c in client.app.state.room.site.counters if c.stage == outcome.stage)
    arrive(outcome.stage)
    visit = staff.press("call-next", counter=counter).json()["visit"]

    noted = staff.press("outcome", visit, counter=counter, outcomes={outcome.id: 3})
    corrected = {"outcomes": {outcome.id: -1}}
    refusal = staff.press("correct", noted.json()["visit"], **corrected)
    righted = lead.press("correct", noted.json()["visit"], **corrected)

    assert noted.json()["visit"]["state"] == "serving"
    refused(refusal, 403, "may-not")
    assert righted.status_code == 201
    assert righted.json()["visit"]["state"] == "serving"


def test_only_a_lead_counts_a_stock(client, staff, lead):
    figure = next(f.id for f in client.app.state.room.site.figures if f.stock)

    refused(staff.press("stock", figure=figure, persons=412), 403, "may-not")
    assert lead.press("stock", figure=figure, persons=412).status_code == 201
    assert lead.press("stock", figure="nothing", persons=1).json()["reason"] == "not-of-this-site"


def test_a_helper_does_nothing_at_all(helper):
    for example in presses.EXAMPLES.values():
        refused(helper.put(f"{paths.ACTIONS}/{new_id()}", example), 403, "may-not")


def test_nobody_does_anything_without_logging_in_and_no_body_is_read_before(client):
    answer = client.put(f"{paths.ACTIONS}/{new_id()}", content=b"{")

    refused(answer, 401, "not-logged-in")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["step"]),
        ({"step": "fly"}, ["step"]),
        ({"step": "call-next"}, ["counter"]),
        ({"step": "call-next", "counter": "1", "more": 1}, ["more"]),
        ({"step": "priority", "visit": "x", "seen": 1, "priority": 1}, ["priority", "visit"]),
        ({"step": "recall", "visit": str(new_id()), "seen": "1"}, ["seen"]),
        ({"step": "recall", "visit": str(new_id()), "seen": 2**31}, ["seen"]),
        (
            {
                "step": "appointment",
                "visit": str(new_id()),
                "seen": 1,
                "appointment_at": "1700000000",
            },
            ["appointment_at"],
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_named_by_its_fields(staff, body, fields):
    said = refused(staff.put(f"{paths.ACTIONS}/{new_id()}", body), 422, "unreadable")

    assert [each["field"] for each in said["fields"]] == fields


def test_every_example_of_the_document_can_be_read():
    for name, example in presses.EXAMPLES.items():
        asked = presses.STAFF_ACTION.validate_python(example, strict=False)
        assert asked.step == example["step"], name
    shown = {example["step"] for example in presses.EXAMPLES.values()}
    steps = {
        step for body in presses.BODIES for step in body.model_fields["step"].annotation.__args__
    }
    assert steps - shown <= {"recall", "no-show", "serve", "park", "readmit", "finish", "leave"}
