"""An enrolled kiosk over HTTP: how it gets in, what is open to it, and when it is out again."""

import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from kiosk.contract import paths
from kiosk.contract.enrolling import (
    ChallengeRequest,
    EnrolmentState,
    TokenAnswer,
    TokenRequest,
)
from kiosk.contract.messages import RefusalCode
from kiosk.contract.site import SiteAnswer
from server_stub import (
    administration,
    device_tokens,
    display_pages,
    enrolment_codes,
    enrolment_requests,
    fleet_kiosks,
    staff_login,
)
from server_stub.admin_act import AdminAct
from server_stub.app import create_app
from server_stub.door_limits import WRONG_CODES
from server_stub.settings import Settings
from tests.server_stub.asking import HARDWARE, Machine
from tests.server_stub.conftest import CHEAP, ROOT, point_to
from tests.server_stub.enrolled import EnrolledKiosk, Line, StandingClock, new_id
from tests.stand.doors import ASKED

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]

TABLE = Path(__file__).with_name("pages") / "rights_of_routes.toml"
DAY = 24 * 3600


class Entrance:
    """An app, a machine that was enrolled there, and an administrator."""

    def __init__(self, client: TestClient, clock: StandingClock, name: str) -> None:
        self.client = client
        self.clock = clock
        self.machine = Machine(client)
        self.code = self.act(enrolment_codes.make_code, name).code
        self.enrolment: UUID = self.machine.asks(self.code).enrolment
        self.act(enrolment_requests.approve, self.enrolment)

    def act(self, change, *args):
        state, now = self.client.app.state, self.clock.now

        def command(connection):
            act = AdminAct(connection, state.room.site.id, by="olga", now=now)
            return change(act, *args)

        return state.writer.submit(command).result(10)

    def token(self) -> str:
        return self.machine.gets_in(self.enrolment)

    def line(self, token: str | None = None) -> Line:
        """Return the line of the kiosk, with a token that it has signed for."""
        answer = self.machine.asks(self.code)
        assert answer.enrolled
        room = self.client.app.state.room
        kiosk = EnrolledKiosk(
            answer.enrolled.name,
            self.enrolment,
            answer.enrolled.letter,
            token or self.token(),
            answer.enrolled.site,
            room._keys.public_key(answer.enrolled.key_id),
        )
        return Line(self.client, kiosk)


@pytest.fixture
def entrance(client, clock):
    made = Entrance(client, clock, "entrance-8")
    client.app.state.room._devices._known.clear()
    yield made
    with suppress(fleet_kiosks.UnknownKioskError):  # the test has done it
        made.act(fleet_kiosks.revoke, made.enrolment)


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_machine_is_told_all_that_a_kiosk_must_know(entrance):
    answer = entrance.machine.asks(entrance.code)

    site = SiteAnswer.model_validate_json(entrance.line().get(paths.SITE).content)
    assert answer.state is EnrolmentState.APPROVED
    assert answer.fingerprint == entrance.machine.fingerprint
    told = answer.enrolled
    assert (told.name, told.highest_sequence) == ("entrance-8", 0)
    assert (told.site, told.skip_numbers) == (site.site.id, site.site.skip_numbers)
    assert (told.key_id, told.public_key) == (site.key_id, site.public_key)


def test_a_token_is_good_for_24_hours_and_the_next_one_needs_no_rest(entrance, clock):
    first = entrance.token()
    clock.move(DAY - 60)
    second = entrance.token()
    assert entrance.line(first).get(paths.SITE).status_code == 200

    clock.move(60)

    assert code_of(entrance.line(first).get(paths.SITE)) == (401, "token-expired")
    assert code_of(entrance.line(first).check_in(entrance.line(second).kiosk.check_in(1))) == (
        401,
        "token-expired",
    )
    assert entrance.line(second).get(paths.SITE).status_code == 200


def test_after_weeks_away_a_kiosk_gets_in_with_the_same_key(entrance, clock):
    entrance.token()
    clock.move(60 * DAY)

    line = entrance.line()

    assert line.check_in(line.kiosk.check_in(1)).status_code == 201


def test_a_kiosk_opens_no_door_that_is_not_a_kiosks(entrance):
    """Its token in a header, and as the cookie of staff and of displays."""
    token = entrance.token()
    doors = tomllib.loads(TABLE.read_text(encoding="utf-8"))["routes"]
    guarded = [
        route
        for route, row in doors.items()
        if row.split()[0] != "in" and not route.split()[1].startswith("/v1/")
    ]
    keys = (
        {"headers": {"Authorization": f"Bearer {token}"}},
        {"headers": {"Cookie": f"{staff_login.COOKIE}={token}"}},
        {"headers": {"Cookie": f"{display_pages.COOKIE}={token}"}},
    )

    opened = [
        route
        for route in guarded
        for key in keys
        if not _is_kept_out(entrance.client, route, key["headers"])
    ]

    assert len(guarded) > 80
    assert opened == []


def _is_kept_out(client: TestClient, route: str, headers: dict[str, str]) -> bool:
    method, template = route.split()
    asked = ASKED.get(template, "").format(display="nothing", enrolment=new_id())
    path = f"{template.replace('{page}', 'hall')}?{asked}"
    for name in ("visit", "visit_id", "check_in_id", "action_id", "help_call_id"):
        path = path.replace(f"{{{name}}}", f"{new_id()}")
    path = path.replace("{number}/{counter}", "D101/1")  # of a call
    path = path.replace("{day}", "2026-11-22").replace("{number}", "1")
    headers = {**headers, "Sec-Fetch-Site": "same-origin"}
    answer = client.request(method, path, headers=headers, follow_redirects=False)
    to_login = answer.headers.get("Location", "").startswith("/staff/login")
    return answer.status_code in {401, 403} or (answer.status_code == 303 and to_login)


def test_a_kiosk_speaks_for_itself_alone(entrance, kiosk):
    line = entrance.line()
    others = Line(entrance.client, replace(kiosk, token=line.kiosk.token))

    assert code_of(others.check_in(kiosk.check_in(1))) == (403, "not-yours")
    assert code_of(others.beat(kiosk.heartbeat())) == (403, "not-yours")


def test_a_kiosk_brings_numbers_of_its_own_series_alone(entrance):
    line = entrance.line()
    honest = line.kiosk.check_in(1)
    others = [f"{letter}{honest.number[-3:]}" for letter in ("F", f"{line.kiosk.letter}F")]

    refused = [line.check_in(honest.model_copy(update={"number": one})) for one in others]

    assert [code_of(answer) for answer in refused] == 2 * [(403, "not-yours")]
    assert line.check_in(honest).status_code == 201


def test_a_retired_kiosk_signs_delivers_what_it_made_and_may_do_nothing_else(entrance):
    before = entrance.line()
    entrance.act(fleet_kiosks.retire, entrance.enrolment)
    entrance.client.app.state.room._devices._known.clear()

    for line in (before, entrance.line()):
        made = line.kiosk.check_in(1)
        assert line.check_in(made).status_code in {200, 201}
        assert line.put(paths.slip(made.id), line.kiosk.slip(made)).status_code in {200, 201}
        for answer in (
            line.get(paths.SITE),
            line.beat(line.kiosk.heartbeat(highest=1)),
            line.put(paths.help_call(new_id()), line.kiosk.help_call()),
        ):
            assert code_of(answer) == (401, "not-enrolled")


def test_a_revoked_kiosk_is_out_within_a_second_with_every_token_it_has(entrance, monkeypatch):
    seconds = [0.0]
    devices = entrance.client.app.state.room._devices
    monkeypatch.setattr(devices, "_monotonic", lambda: seconds[0])
    lines = [entrance.line(), entrance.line()]
    signed = entrance.machine.signs(entrance.enrolment)
    assert [line.get(paths.SITE).status_code for line in lines] == [200, 200]

    entrance.act(fleet_kiosks.revoke, entrance.enrolment)
    seconds[0] = device_tokens.SECONDS_REMEMBERED

    for line in lines:
        assert code_of(line.get(paths.SITE)) == (401, "not-enrolled")
        assert code_of(line.check_in(line.kiosk.check_in(1))) == (401, "not-enrolled")
        assert code_of(line.beat(line.kiosk.heartbeat())) == (401, "not-enrolled")
    for request in (signed, entrance.machine.signs(entrance.enrolment)):
        answer = entrance.machine.post(paths.TOKENS, request)
        assert code_of(answer) == (401, "not-enrolled")
    assert entrance.machine.asks(entrance.code).state is EnrolmentState.REFUSED


def test_a_token_that_expires_while_it_is_remembered_is_refused_at_that_moment(entrance, clock):
    line = entrance.line()
    assert line.get(paths.SITE).status_code == 200

    clock.move(DAY)  # and not a second for the memory of devices, whose clock is another

    assert code_of(line.get(paths.SITE)) == (401, "token-expired")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (paths.ENROLMENTS, b"{}"),
        (paths.ENROLMENTS, b'{"code": "K7QM-2XPA", "public_key": "AAAA", "hardware": null}'),
        (paths.CHALLENGES, b"[]"),
        (paths.TOKENS, b'{"enrolment": "x", "nonce": "y", "signature": "z"}'),
        (paths.TOKENS, b"\xff\xfe"),
    ],
)
def test_what_breaks_the_contract_is_told_by_fields_and_never_by_values(client, path, body):
    answer = client.post(path, content=body)

    assert code_of(answer) == (422, "unreadable")
    assert "K7QM" not in answer.text


def test_answers_hold_nothing_that_a_cache_may_keep(entrance):
    for path, message in (
        (paths.ENROLMENTS, entrance.machine.request(entrance.code)),
        (paths.CHALLENGES, ChallengeRequest(enrolment=entrance.enrolment)),
        (paths.TOKENS, entrance.machine.signs(entrance.enrolment)),
    ):
        answer = entrance.machine.post(path, message)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_whoever_asks_for_something_to_sign_gets_it_and_learns_nothing_of_who_is_enrolled(
    entrance,
):
    stranger, unknown = Machine(entrance.client), new_id()
    asked = stranger.signs(unknown)

    answer = stranger.post(paths.TOKENS, asked)
    of_ours = stranger.post(paths.TOKENS, stranger.signs(entrance.enrolment))

    assert code_of(answer) == code_of(of_ours) == (401, RefusalCode.NOT_ENROLLED)


def test_too_many_are_told_for_how_long_to_wait(client, monkeypatch):
    monkeypatch.setattr("server_stub.enrolment_requests.WRONG_CODES", replace(WRONG_CODES, most=1))
    machine = Machine(client)
    assert machine.refusal("0000-0000") == "code-unknown"

    answer = machine.post(paths.ENROLMENTS, machine.request("0000-0000"))

    assert code_of(answer) == (429, "too-many")
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_no_secret_of_enrolling_is_in_the_log(entrance, caplog):
    caplog.set_level("DEBUG")
    token = entrance.token()
    entrance.machine.asks(entrance.code)
    entrance.machine.refusal("0000-0000")

    told = caplog.text
    assert "token given" in told
    for secret in (token, entrance.code, "0000-0000", entrance.machine.public_key, HARDWARE):
        assert secret not in told


# ---- another site ----


@pytest.fixture
def elsewhere(request, tmp_path, database, clock):
    """Another site's server, on a store of its own: a store holds one site."""
    settings = Settings(
        data=tmp_path / "data", clock=clock, password_cost=CHEAP, seconds_between_rounds=None
    )
    if database == "postgresql":
        stand = request.getfixturevalue("postgres_stand")
        settings.data.mkdir()
        point_to(settings, stand.url(stand.make_database()))
    administration.init(settings, ROOT / "assets" / "sites" / "one-queue.toml")
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def test_the_kiosk_of_one_site_is_nobody_at_another(entrance, elsewhere):
    token = entrance.token()
    signed = entrance.machine.signs(entrance.enrolment)
    there = Machine(elsewhere)
    there.key = entrance.machine.key

    line = Line(elsewhere, entrance.line(token).kiosk)
    assert code_of(line.get(paths.SITE)) == (401, "not-enrolled")
    assert code_of(line.check_in(line.kiosk.check_in(1))) == (401, "not-enrolled")
    for request in (signed, there.signs(entrance.enrolment)):
        assert code_of(there.post(paths.TOKENS, request)) == (401, "not-enrolled")
    assert there.refusal(entrance.code) == "code-unknown"


def test_what_was_signed_for_one_site_gets_nothing_at_another_with_the_same_enrolment(
    entrance, elsewhere
):
    """As on a copy of the store: the other site gave no such challenge."""
    there = Entrance(elsewhere, entrance.clock, "entrance-8")
    signed = entrance.machine.signs(entrance.enrolment)
    moved = TokenRequest(enrolment=there.enrolment, nonce=signed.nonce, signature=signed.signature)

    answer = there.machine.post(paths.TOKENS, moved)

    assert code_of(answer) == (403, "challenge-lapsed")
    assert TokenAnswer.model_validate_json(
        entrance.machine.post(paths.TOKENS, signed).content
    ).token
