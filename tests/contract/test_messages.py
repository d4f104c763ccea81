import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from kiosk.contract import paths
from kiosk.contract.messages import (
    FINAL_STATUSES,
    CheckIn,
    CheckInContent,
    Heartbeat,
    Refusal,
    RefusalCode,
    SlipOutcome,
)
from tests.kiosk.arrivals import check_in

ENVELOPE: dict[str, Any] = json.loads(check_in(1).to_bytes())


GOLDEN = Path(__file__).parents[2] / "assets" / "contract" / "v1"


def parse(**changes: object) -> CheckIn:
    return CheckIn.model_validate_json(json.dumps({**ENVELOPE, **changes}))


def test_a_check_in_is_the_same_after_its_way() -> None:
    assert CheckIn.model_validate_json(check_in(1).to_bytes()) == check_in(1)


@pytest.mark.parametrize("sealed", [None, 7, True, ["text"], {"a": 1}])
def test_an_envelope_is_read_whatever_was_sealed_into_it(sealed: object) -> None:
    assert parse(sealed=sealed).sealed is None


def test_an_envelope_is_read_without_any_content() -> None:
    envelope = {key: value for key, value in ENVELOPE.items() if key != "sealed"}

    assert CheckIn.model_validate_json(json.dumps(envelope)).number == "D101"


def test_an_envelope_keeps_a_text_that_cannot_be_opened() -> None:
    assert parse(sealed="@@@").sealed == "@@@"


def test_fields_of_a_newer_kiosk_are_ignored() -> None:
    newer = parse(weather="rain", nested={"a": [1]})

    assert newer == check_in(1)
    assert b"rain" not in newer.to_bytes()


@pytest.mark.parametrize("field", sorted(set(ENVELOPE) - {"sealed"}))
def test_an_envelope_without_one_of_its_fields_is_refused(field: str) -> None:
    envelope = {key: value for key, value in ENVELOPE.items() if key != field}

    with pytest.raises(ValidationError, match=field):
        CheckIn.model_validate_json(json.dumps(envelope))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "214"),
        ("kiosk", "Entrance 1"),
        ("kiosk", "a" * 41),
        ("kiosk", "entrance-1\n"),
        ("key_id", ""),
        ("sequence", 0),
        ("sequence", 2**53),
        ("sequence", 1.5),
        ("number", "214"),
        ("number", "D014"),
        ("number", "DDD214"),
        ("number", "d214"),
        ("number", "D2145"),
        ("made_at", "2026-03-02T09:00:00"),
        ("made_at", "yesterday"),
        ("site_version", "v" * 65),
    ],
)
def test_a_broken_field_of_the_envelope_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        parse(**{field: value})


def test_a_clock_that_is_not_trusted_tells_no_time() -> None:
    assert parse(made_at=None).made_at is None


def test_a_message_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        check_in(1).number = "D102"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "value"),
    [("adults", 100), ("adults", -1), ("children", 100), ("ticket_token", "short")],
)
def test_content_has_its_limits(field: str, value: object) -> None:
    good = {"language": "uk", "adults": 1, "children": 0, "ticket_token": "a" * 22}
    assert CheckInContent.model_validate(good).route == ()

    with pytest.raises(ValidationError, match=field):
        CheckInContent.model_validate({**good, field: value})


@pytest.mark.parametrize("field", ["program_version", "site_version", "printer"])
@pytest.mark.parametrize("value", ["a\0", "a\nb", "\x1b[2J"])
def test_what_a_kiosk_tells_of_itself_is_words_in_one_line(field: str, value: str) -> None:
    """PostgreSQL keeps no text with a zero byte, and logs and pages have lines."""
    told = json.loads((GOLDEN / "heartbeat.json").read_bytes())

    with pytest.raises(ValidationError, match=field):
        Heartbeat.model_validate({**told, field: value})


@pytest.mark.parametrize("state", ["waiting", "sending", "lost"])
def test_only_outcomes_of_slips_travel(state: str) -> None:
    outcome = {"id": str(UUID(int=1)), "kiosk": "k", "outcome": state, "copies": 1, "revision": 1}

    with pytest.raises(ValidationError, match="outcome"):
        SlipOutcome.model_validate(outcome)


def test_a_refusal_is_told_from_a_proxys_page() -> None:
    ours = Refusal(code=RefusalCode.OTHER_BYTES, message="another one is stored").to_bytes()

    assert Refusal.model_validate_json(ours).code is RefusalCode.OTHER_BYTES
    assert json.loads(ours)["ankunft"] == 1
    assert {409, 422} == FINAL_STATUSES


def test_both_ends_agree_on_the_paths() -> None:
    some_id = check_in(1).id

    assert paths.check_in(some_id) == f"/v1/check-ins/{some_id}"
    assert paths.help_call(some_id) == f"/v1/help-calls/{some_id}"
    assert paths.slip(some_id) == f"/v1/slips/{some_id}"
