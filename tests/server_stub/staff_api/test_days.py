"""What a lead does with a day over HTTP, and with numbers that were served by hand."""

from dataclasses import replace

import pytest

from server_stub import tables
from server_stub.staff_api import paths
from tests.server_stub.enrolled import new_id

pytestmark = [pytest.mark.usefixtures("nobody_here", "untouched_days"), pytest.mark.both_databases]

MONDAY = "2026-11-23"


@pytest.fixture
def untouched_days(client) -> None:
    """Nothing was done with any day, and nothing served by hand."""
    with client.app.state.engine.execution_options(writes=True).begin() as connection:
        for table in (tables.service_day, tables.served_by_hand, tables.daily_figures):
            connection.execute(table.delete())


@pytest.fixture
def arrive(line):
    def check_in(*sequences: int) -> list[str]:
        kiosk = replace(line.kiosk, letter="G")  # as it is enrolled
        made = [kiosk.check_in(n) for n in sequences]
        assert {line.check_in(one).status_code for one in made} == {201}
        return [str(one.id) for one in made]

    return check_in


def states(lead) -> dict[str, str]:
    return {visit["number"]: visit["state"] for visit in lead.all(paths.VISITS)}


def until(line) -> str | None:
    return line.beat(line.kiosk.heartbeat()).json()["closed_until"]


def test_a_lead_closes_a_day_in_two_steps_and_kiosks_hear_of_it(lead, line, arrive):
    first, second = arrive(1, 2)
    assert lead.get(f"{paths.DAYS}/{MONDAY}").json()["state"] == "open"

    stopped = lead.press("stop-numbers", day=MONDAY)
    assert (stopped.status_code, stopped.json()["day"]["state"]) == (201, "closing")
    assert until(line) == "2026-11-24T03:00:00Z"
    here = lead.all(f"{paths.DAYS}/{MONDAY}/open-visits", limit=1)
    assert [visit["id"] for visit in here] == [first, second]

    each = [{"visit": second, "end": "leave"}]
    closed = lead.press("close-day", day=MONDAY, rest="carry-over", each=each)
    assert closed.json()["day"] == {
        "day": MONDAY,
        "state": "closed",
        "carried_over": 1,
        "left": 1,
    }
    assert states(lead) == {"G101": "waiting", "G102": "left"}
    assert lead.all(f"{paths.DAYS}/{MONDAY}/open-visits", limit=1)[0]["carried_over"]
    (day,) = lead.all(paths.DAYS)
    assert (day["day"], day["state"], day["changed_by"]) == (MONDAY, "closed", "api-lead")

    again = lead.press("open-day-again", day=MONDAY)
    assert again.json()["day"]["state"] == "open"
    assert until(line) is None


def test_who_is_still_here_and_was_not_decided_on_is_named(lead, arrive):
    arrive(1, 2)
    lead.press("stop-numbers", day=MONDAY)
    refused = lead.press("close-day", day=MONDAY)

    assert refused.status_code == 409
    assert refused.json()["reason"] == "undecided"
    assert "G101, G102" in refused.json()["message"]


def test_a_step_that_the_day_does_not_allow_says_why(lead):
    refused = lead.press("close-day", day=MONDAY, rest="leave")

    assert (refused.status_code, refused.json()["reason"]) == (409, "day-state")
    assert "stop its numbers first" in refused.json()["message"]


def test_a_range_is_marked_listed_and_taken_back(lead, arrive):
    arrive(1, 2, 3)
    action = new_id()
    marked = lead.press("served-by-hand", first="G101", last="G102", action=action)
    told = {"id": str(action), "numbers": 2, "visits": 2}
    assert (marked.status_code, marked.json()["marked"]) == (201, told)
    repeated = lead.press("served-by-hand", first="G101", last="G102", action=action)
    assert (repeated.status_code, repeated.json()) == (200, marked.json())
    assert states(lead) == {"G101": "finished", "G102": "finished", "G103": "waiting"}
    (row,) = lead.all(paths.SERVED_BY_HAND)
    assert (row["first"], row["last"], row["kiosk"]) == ("G101", "G102", "entrance-9")

    back = lead.press("take-back-served-by-hand", marked=str(action))
    assert back.json()["marked"] == told
    assert set(states(lead).values()) == {"waiting"}
    assert lead.all(paths.SERVED_BY_HAND) == []
    gone = lead.press("take-back-served-by-hand", marked=str(action))
    assert (gone.status_code, gone.json()["message"]) == (404, "there is no such range")


def test_numbers_that_are_no_range_are_refused(lead, arrive):
    arrive(1)
    refused = lead.press("served-by-hand", first="G103", last="G101")

    assert (refused.status_code, refused.json()["reason"]) == (409, "no-range")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("stop-numbers", {"day": MONDAY}),
        ("open-day-again", {"day": MONDAY}),
        ("close-day", {"day": MONDAY}),
        ("served-by-hand", {"first": "G101", "last": "G102"}),
        ("take-back-served-by-hand", {"marked": str(new_id())}),
    ],
)
def test_only_a_lead_may(staff, step, said):
    assert staff.press(step, **said).status_code == 403


@pytest.mark.parametrize(
    ("step", "said", "field"),
    [
        ("stop-numbers", {"day": "23.11.2026"}, "day"),
        ("stop-numbers", {"day": "2026-02-29"}, "day"),
        ("close-day", {"day": MONDAY, "rest": "finish"}, "rest"),
        ("close-day", {"day": MONDAY, "each": [{"visit": "D101", "end": "leave"}]}, "each.0.visit"),
        ("served-by-hand", {"first": "D1", "last": "D102"}, "first"),
    ],
)
def test_what_cannot_be_read_names_the_field(lead, step, said, field):
    refused = lead.press(step, **said)

    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["fields"]] == [field]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_all_days_is_open_and_cannot_be_closed(lead, day):
    assert lead.get(f"{paths.DAYS}/{day}").json()["state"] == "open"
    refused = lead.press("stop-numbers", day=day)

    assert (refused.status_code, refused.json()["reason"]) == (409, "day-state")
