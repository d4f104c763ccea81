"""What is shown in assets/contract/v1 is what really travels."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.contract import enrolling, messages
from kiosk.contract.sealing import SiteKey, public_key, seal, unseal
from kiosk.contract.site import SiteAnswer
from server_stub.openapi import openapi_document, openapi_text

GOLDEN = Path(__file__).parents[2] / "assets" / "contract" / "v1"

MODELS = {
    "check-in": messages.CheckIn,
    "check-in-content": messages.CheckInContent,
    "receipt": messages.Receipt,
    "help-call": messages.HelpCall,
    "help-call-answer": messages.HelpCallAnswer,
    "slip-outcome": messages.SlipOutcome,
    "slip-receipt": messages.SlipReceipt,
    "heartbeat": messages.Heartbeat,
    "heartbeat-answer": messages.HeartbeatAnswer,
    "site-answer": SiteAnswer,
    "refusal": messages.Refusal,
    "enrolment-request": enrolling.EnrolmentRequest,
    "enrolment-answer": enrolling.EnrolmentAnswer,
    "challenge-request": enrolling.ChallengeRequest,
    "challenge": enrolling.Challenge,
    "token-request": enrolling.TokenRequest,
    "token-answer": enrolling.TokenAnswer,
}


def golden(name: str) -> messages.Message:
    return MODELS[name].model_validate_json((GOLDEN / f"{name}.json").read_bytes())


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi_document()


def test_there_is_one_golden_message_of_each_kind():
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*MODELS, "openapi"}
    of_the_contract = {
        model
        for module in (messages, enrolling)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, messages.Message)
    }
    parts = {messages.Message, messages.Counters, messages.StageWait, enrolling.Enrolled}
    assert set(MODELS.values()) == (of_the_contract - parts) | {SiteAnswer}


@pytest.mark.parametrize("name", MODELS)
def test_a_golden_message_is_read_and_written_byte_for_byte(name):
    assert golden(name).to_bytes() == (GOLDEN / f"{name}.json").read_bytes()


def test_the_golden_check_in_opens_with_the_test_key_beside_it():
    test_key = (GOLDEN / "golden-test-key.txt").read_bytes()
    check_in, site = golden("check-in"), golden("site-answer").site

    assert test_key.startswith(b"NOT A SECRET")
    assert unseal(check_in, site=site.id, private_key=test_key) == golden("check-in-content")


def test_what_this_program_seals_opens_like_the_golden_check_in():
    test_key = (GOLDEN / "golden-test-key.txt").read_bytes()
    check_in, site = golden("check-in"), golden("site-answer").site
    key = public_key(test_key, key_id=check_in.key_id)

    sealed = seal(golden("check-in-content"), site=site.id, envelope=check_in, key=key)

    again = check_in.model_copy(update={"sealed": sealed})
    assert unseal(again, site=site.id, private_key=test_key) == golden("check-in-content")


def test_the_golden_site_offers_the_key_of_the_golden_check_in():
    answer, check_in = golden("site-answer"), golden("check-in")
    test_key = (GOLDEN / "golden-test-key.txt").read_bytes()

    assert SiteKey.from_text(answer.key_id, answer.public_key) == public_key(
        test_key, key_id=check_in.key_id
    )
    assert answer.version == answer.site.version == check_in.site_version


def test_the_golden_receipt_confirms_the_golden_check_in():
    receipt, check_in = golden("receipt"), golden("check-in")

    assert receipt.id == check_in.id
    assert receipt.sha256 == hashlib.sha256((GOLDEN / "check-in.json").read_bytes()).hexdigest()


def test_the_golden_kiosk_signs_for_its_token_with_the_key_that_it_asked_with():
    asked, answer = golden("enrolment-request"), golden("enrolment-answer")
    signed = golden("token-request")

    assert signed.is_signed_by(asked.public_key)
    assert signed.nonce == golden("challenge").nonce
    assert signed.enrolment == answer.enrolment == golden("challenge-request").enrolment
    assert answer.fingerprint == enrolling.fingerprint(asked.public_key)


def test_the_golden_kiosk_is_given_the_key_of_the_golden_site():
    enrolled, site = golden("enrolment-answer").enrolled, golden("site-answer")

    assert (enrolled.key_id, enrolled.public_key) == (site.key_id, site.public_key)
    assert enrolled.site == site.site.id


def test_the_openapi_document_is_the_one_in_the_assets():
    """Where it differs on purpose: python -m server_stub openapi > the file."""
    assert (GOLDEN / "openapi.json").read_text(encoding="utf-8") == openapi_text()


def test_the_openapi_document_has_every_route_and_message_and_no_page(document):
    assert {(method, path) for path, ways in document["paths"].items() for method in ways} == {
        ("get", "/v1/site"),
        ("put", "/v1/check-ins/{check_in_id}"),
        ("put", "/v1/help-calls/{help_call_id}"),
        ("put", "/v1/slips/{check_in_id}"),
        ("post", "/v1/heartbeats"),
        ("post", "/v1/enrolments"),
        ("post", "/v1/challenges"),
        ("post", "/v1/tokens"),
    }
    assert {model.__name__ for model in MODELS.values()} <= set(document["components"]["schemas"])


def test_every_refusal_of_the_openapi_document_is_a_refusal(document):
    for path, ways in document["paths"].items():
        for method, route in ways.items():
            for status, answer in route["responses"].items():
                if status >= "400":
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Refusal"}, (path, method)


def test_every_reference_in_the_openapi_document_leads_somewhere(document):
    referred = {
        part.split('"')[0] for part in json.dumps(document).split('"#/components/schemas/')[1:]
    }

    assert referred <= set(document["components"]["schemas"])
