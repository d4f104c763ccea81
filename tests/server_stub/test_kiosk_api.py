"""Contract v1 as a kiosk meets it: over HTTP, with the whole app behind it."""

import json
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.testclient import TestClient

from kiosk.contract import paths
from kiosk.contract.messages import (
    CheckIn,
    HeartbeatAnswer,
    HelpCallAnswer,
    HelpState,
    Receipt,
    Refusal,
    SlipReceipt,
)
from kiosk.contract.sealing import SiteKey, unseal
from kiosk.contract.site import SiteAnswer
from server_stub import tables
from server_stub.app import create_app
from server_stub.keys import read_keys
from tests.server_stub.conftest import retire
from tests.server_stub.enrolled import Line, new_id, party, sha256

pytestmark = pytest.mark.both_databases


pytestmark = pytest.mark.slow  # each test runs the whole program


def refusal(response) -> tuple[int, str]:
    return response.status_code, Refusal.model_validate_json(response.content).code.value


def test_a_check_in_is_created_once_and_then_known(line):
    check_in = line.kiosk.check_in(1)

    first, again = line.check_in(check_in), line.check_in(check_in)

    assert (first.status_code, again.status_code) == (201, 200)
    receipt = Receipt.model_validate_json(first.content)
    assert (receipt.id, receipt.sha256) == (check_in.id, sha256(check_in.to_bytes()))
    assert again.content == first.content


def test_other_bytes_under_a_known_id_are_a_conflict(line):
    check_in = line.kiosk.check_in(1)
    line.check_in(check_in)

    other = line.put(paths.check_in(check_in.id), check_in.to_bytes() + b" ")

    assert refusal(other) == (409, "other-bytes")


def test_the_age_of_a_check_in_travels_beside_its_bytes(line, clock):
    check_in = line.kiosk.check_in(1)

    line.check_in(check_in, age="90.5")

    visits = line.client.portal.call(line.client.app.state.room.snapshot).visits
    (visit,) = [visit for visit in visits if visit.id == check_in.id]
    assert visit.arrived_at == clock.now - timedelta(seconds=90.5)


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("id", "no uuid", "id (uuid parsing)"),
        ("kiosk", "Entrance One", "kiosk (string pattern mismatch)"),
        ("key_id", None, "key_id (string type)"),
        ("sequence", 0, "sequence (greater than equal)"),
        ("sequence", 2**53, "sequence (less than)"),
        ("number", "214", "number (string pattern mismatch)"),
        ("made_at", "2026-11-23T12:00:00", "made_at (timezone aware)"),
        ("site_version", "v" * 65, "site_version (string too long)"),
    ],
)
def test_an_envelope_that_breaks_the_contract_is_refused_by_the_names_of_its_fields(
    line, field, value, named
):
    check_in = line.kiosk.check_in(1)
    broken = json.loads(check_in.to_bytes()) | {field: value}

    response = line.put(paths.check_in(check_in.id), json.dumps(broken).encode())

    assert refusal(response) == (422, "unreadable")
    assert named in response.text
    assert "Entrance One" not in response.text


def test_an_unknown_field_is_no_reason_to_refuse(line):
    check_in = line.kiosk.check_in(1)
    newer = json.loads(check_in.to_bytes()) | {"mood": "hopeful"}

    assert line.put(paths.check_in(check_in.id), json.dumps(newer).encode()).status_code == 201


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"id": "\xed\xa0\x80"}', b"[" * 10_000, b"NaN"],
)
def test_what_is_no_json_object_is_refused(line, body):
    for path in (paths.check_in(new_id()), paths.help_call(new_id()), paths.slip(new_id())):
        assert refusal(line.put(path, body)) == (422, "unreadable")


def test_a_check_in_with_unreadable_content_is_admitted(line):
    check_in = line.kiosk.check_in(1).model_copy(update={"sealed": "%%%"})

    assert line.check_in(check_in).status_code == 201


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer wrong", "Basic YTpi", "Bearer "])
def test_without_the_token_of_an_enrolled_kiosk_nothing_is_answered(line, authorization):
    line.headers = {"Authorization": authorization} if authorization else {}

    answers = [
        line.get(paths.SITE),
        line.check_in(line.kiosk.check_in(1)),
        line.put(paths.check_in(new_id()), b"not even JSON"),
        line.beat(line.kiosk.heartbeat()),
    ]

    assert {refusal(answer) for answer in answers} == {(401, "not-enrolled")}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


def test_a_message_that_speaks_for_another_kiosk_is_refused(line, other_kiosk):
    check_in, help_call = other_kiosk.check_in(1), other_kiosk.help_call()

    answers = [
        line.check_in(check_in),
        line.put(paths.help_call(help_call.id), help_call),
        line.put(paths.slip(check_in.id), other_kiosk.slip(check_in)),
        line.beat(other_kiosk.heartbeat()),
    ]

    assert [refusal(answer) for answer in answers] == 4 * [(403, "not-yours")]


def test_a_message_under_another_path_is_refused(line):
    check_in, help_call = line.kiosk.check_in(1), line.kiosk.help_call()

    answers = [
        line.put(paths.check_in(new_id()), check_in),
        line.put(paths.help_call(new_id()), help_call),
        line.put(paths.slip(new_id()), line.kiosk.slip(check_in)),
        line.put(f"{paths.CHECK_INS}/7", check_in),
    ]

    assert [refusal(answer) for answer in answers] == 4 * [(422, "unreadable")]


def test_a_body_that_says_it_is_too_large_is_not_read(line):
    body = b" " * (paths.LARGEST_BODY + 1)

    response = line.put(paths.check_in(new_id()), body)

    assert refusal(response) == (413, "too-large")
    assert str(paths.LARGEST_BODY) in response.text


def test_a_body_that_hides_its_length_is_read_no_further_than_the_limit(line):
    chunks = (b" " * 4096 for _ in range(100))

    response = line.put(paths.check_in(new_id()), chunks)

    assert refusal(response) == (413, "too-large")


def test_the_largest_body_that_is_allowed_is_taken(line):
    check_in = line.kiosk.check_in(1)
    body = check_in.to_bytes()
    body += b" " * (paths.LARGEST_BODY - len(body))

    assert line.put(paths.check_in(check_in.id), body).status_code == 201


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/check-ins"])
def test_an_unknown_path_of_the_contract_is_told_to_machines(line, path):
    assert refusal(line.get(path)) == (404, "unknown")


def test_a_wrong_method_is_told_to_machines(line):
    response = line.client.delete(paths.SITE)

    assert refusal(response) == (405, "unknown")
    assert response.headers["allow"] == "GET"


def test_an_unknown_path_elsewhere_is_told_to_people(client):
    response = client.get("/nothing-here")

    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/")
    assert "Traceback" not in response.text


def test_a_kiosk_fetches_the_site_and_the_key_to_seal_to(line):
    response = line.get(paths.SITE)

    answer = SiteAnswer.model_validate_json(response.content)
    assert answer.site.id == line.kiosk.site
    assert SiteKey.from_text(answer.key_id, answer.public_key) == line.kiosk.key
    assert response.headers["etag"] == f'"{answer.site.version}.{answer.key_id}"'


@pytest.mark.parametrize("tags", ['"{}"', 'W/"{}"', '"other", "{}"'])
def test_a_site_that_has_not_changed_is_not_sent_again(line, tags):
    etag = line.get(paths.SITE).headers["etag"]

    unchanged = line.get(paths.SITE, **{"If-None-Match": tags.replace('"{}"', etag)})
    changed = line.get(paths.SITE, **{"If-None-Match": '"another"'})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200


def test_a_help_call_is_created_once_and_then_answers_how_far_it_is(line):
    help_call = line.kiosk.help_call()
    room = line.client.app.state.room

    first = line.put(paths.help_call(help_call.id), help_call)
    again = line.put(paths.help_call(help_call.id), help_call)
    line.client.portal.call(lambda: room.acknowledge_help(help_call=help_call.id, staff="anna"))
    answered = line.put(paths.help_call(help_call.id), help_call)

    assert [r.status_code for r in (first, again, answered)] == [201, 200, 200]
    states = [HelpCallAnswer.model_validate_json(r.content).state for r in (first, answered)]
    assert states == [HelpState.CALLED, HelpState.ACKNOWLEDGED]


def test_a_slip_outcome_is_stored_and_confirmed(line):
    check_in = line.kiosk.check_in(1)
    line.check_in(check_in)
    path = paths.slip(check_in.id)

    first = line.put(path, line.kiosk.slip(check_in, revision=2))
    older = line.put(path, line.kiosk.slip(check_in, revision=1))

    assert (first.status_code, older.status_code) == (201, 200)
    assert SlipReceipt.model_validate_json(older.content).revision == 2


def test_a_kiosk_that_reports_learns_what_is_missing(line, clock):
    line.check_in(line.kiosk.check_in(3))

    response = line.beat(line.kiosk.heartbeat(highest=3))

    answer = HeartbeatAnswer.model_validate_json(response.content)
    assert response.status_code == 200
    assert (answer.missing_sequences, answer.highest_sequence) == ((1, 2), 3)
    assert answer.as_of == clock.now


def test_a_retired_kiosk_delivers_what_it_has_made_and_may_do_nothing_else(client, line, clock):
    writer = client.app.state.writer
    writer.submit(partial(retire, kiosk=line.kiosk, at=clock.now)).result(10)
    made = line.kiosk.check_in(1)

    assert line.check_in(made).status_code == 201
    assert line.put(paths.slip(made.id), line.kiosk.slip(made)).status_code == 201
    for response in (
        line.get(paths.SITE),
        line.beat(line.kiosk.heartbeat(highest=1)),
        line.put(paths.help_call(new_id()), line.kiosk.help_call()),
    ):
        assert refusal(response) == (401, "not-enrolled")


def test_of_a_revoked_kiosk_nothing_is_taken(client, line, clock):
    writer = client.app.state.writer
    writer.submit(partial(retire, kiosk=line.kiosk, at=clock.now, revoked=True)).result(10)

    assert refusal(line.check_in(line.kiosk.check_in(1))) == (401, "not-enrolled")
    assert refusal(line.get(paths.SITE)) == (401, "not-enrolled")


def test_what_is_stored_is_enough_to_open_a_check_in_with_the_sites_key(settings, kiosk):
    check_in = kiosk.check_in(1, content=party(language="ka"))
    with TestClient(create_app(settings)) as client:
        Line(client, kiosk).check_in(check_in)
        with client.app.state.engine.connect() as connection:
            body = connection.execute(select(tables.check_in_body.c.body)).scalar_one()

    stored = CheckIn.model_validate_json(body)
    key = read_keys(settings.keys).private_key(stored.key_id)
    assert unseal(stored, site=kiosk.site, private_key=key).language == "ka"


def test_while_the_server_stops_a_check_in_is_told_to_come_again(settings, kiosk):
    with TestClient(create_app(settings)) as client:
        client.app.state.writer.close()
        response = Line(client, kiosk).check_in(kiosk.check_in(1))

    assert refusal(response) == (503, "try-again")
    assert response.headers["retry-after"] == "1"


def test_a_mistake_of_the_server_is_answered_without_a_trace_of_it(line, monkeypatch, caplog):
    async def mistaken(*_args, **_more):
        raise KeyError("a-visitors-word")

    monkeypatch.setattr(line.client.app.state.room, "admit", mistaken)

    response = line.check_in(line.kiosk.check_in(1))

    assert refusal(response) == (500, "try-again")
    assert "a-visitors-word" not in response.text + caplog.text
    where = "route=/v1/check-ins/{check_in_id} error=KeyError at='test_kiosk_api.py:"
    assert f"request failed method=PUT {where}" in caplog.text


@settings_of_hypothesis(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=200), sealed=st.text(max_size=60))
def test_no_body_makes_the_server_fail(line, body, sealed):
    check_in = line.kiosk.check_in(1).model_copy(update={"sealed": sealed})

    assert line.put(paths.check_in(new_id()), body).status_code == 422
    assert line.check_in(check_in).status_code in {201, 422}
