"""What staff's programs and browsers send: bodies of actions, and forms."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.datastructures import FormData

from server_stub.counter_forms import STEPS, action_of, asked_by
from server_stub.staff_api.presses import STAFF_ACTION
from server_stub.visit import StepError
from tests.fuzz.target import Target, feeding, held, some

VISIT = "019aaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa"
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)

BODIES = (
    b'{"step":"call-next","counter":"1"}',
    b'{"step":"serve","counter":"1","visit":"%b","seen":3}' % VISIT.encode(),
    b'{"step":"outcome","counter":"1","visit":"%b","seen":3,"outcomes":{"housed":2}}'
    % VISIT.encode(),
    b'{"step":"reroute","visit":"%b","seen":3,"later":["housing"]}' % VISIT.encode(),
    b'{"step":"split","visit":"%b","seen":3,"adults":1,"children":0,"ticket_token":"%b"}'
    % (VISIT.encode(), b"A" * 22),
    b'{"step":"appointment","visit":"%b","seen":1,"appointment_at":"2026-11-23T11:00:00Z"}'
    % VISIT.encode(),
    b'{"step":"close-day","day":"2026-11-22","rest":"carry-over","each":[]}',
    b'{"step":"stock","figure":"housed","persons":4}',
)

FORMS = (
    b"call-next?action=%b&counter=1" % VISIT.encode(),
    b"outcome?action=%b&counter=1&visit=%b&seen=3&outcome.housed=2" % (2 * (VISIT.encode(),)),
    b"by-hand?action=%b&route=information&route=housing&adults=2&children=0&language=uk"
    b"&ticket_token=AAAAAAAAAAAAAAAAAAAAAA" % VISIT.encode(),
    b"correct?action=%b&visit=%b&seen=1&was.adults=2&adults=3&was.route=information"
    b"&route=information&route=housing&outcome.housed=1&was.outcome.housed=0"
    % (2 * (VISIT.encode(),)),
    b"appointment?action=%b&visit=%b&seen=1&time=14%%3A30" % (2 * (VISIT.encode(),)),
    b"reroute?action=%b&visit=%b&seen=1&later=housing&was.later=housing" % (2 * (VISIT.encode(),)),
)


def read_body(data: bytes) -> None:
    """Read the body of an action; what is one means the same when it is written and read."""
    try:
        asked = STAFF_ACTION.validate_json(data)
    except ValidationError:
        return
    assert STAFF_ACTION.validate_json(STAFF_ACTION.dump_json(asked)) == asked
    assert asked.step


def read_form(data: bytes) -> None:
    """Read a form of the counter page: an action of the API, or a refusal in words."""
    step, _, query = data.decode("utf-8", "replace").partition("?")
    form = FormData(parse_qsl(query, keep_blank_values=True))
    try:
        action_of(form)
        asked = asked_by(step, form, zone="Europe/Berlin", now=NOW)
    except StepError as error:
        held(bool(str(error)), "the error says nothing of use")
        return
    assert asked.step == step
    assert step in STEPS


TARGETS = (
    Target(
        name="bodies of staff actions",
        holds="refused, or the same after being written and read",
        corpus=some(BODIES),
        open=feeding(read_body),
        modules=("server_stub.staff_api.presses", "server_stub.staff_api.day_presses"),
    ),
    Target(
        name="forms of the counter page",
        holds="an action of the staff API, or a refusal in words",
        corpus=some(FORMS),
        open=feeding(read_form),
        modules=("server_stub.counter_forms", "server_stub.staff_api.presses"),
    ),
)
