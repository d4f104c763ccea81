"""The log: tells what happened to which id, and nothing that a visitor entered or a secret."""

import asyncio
import json
import logging

import pytest

from kiosk.contract import paths
from kiosk.contract.messages import CheckInContent
from server_stub.admission_log import AdmissionLog
from tests.server_stub.enrolled import new_id

CANARY = "canary"


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


def content() -> CheckInContent:
    return CheckInContent(
        language="uk",
        adults=97,
        children=96,
        answers={CANARY: (CANARY,)},
        route=("information", f"{CANARY}-stage"),
        ticket_token=f"{CANARY}0123456789abcdef",
    )


def test_an_admission_is_logged_by_kiosk_and_id(line, log):
    check_in = line.kiosk.check_in(1)

    line.check_in(check_in)
    line.check_in(check_in)

    assert f"check-in admitted kiosk={line.kiosk.name} id={check_in.id}" in log.text
    assert f"check-in repeated kiosk={line.kiosk.name} id={check_in.id}" in log.text


def test_check_ins_that_are_answered_in_one_turn_of_the_loop_share_one_line(log):
    first, second, theirs, later = (new_id() for _ in range(4))

    async def answer() -> None:
        admissions = AdmissionLog()
        admissions.note(first, kiosk="entrance-1", first=True)
        admissions.note(theirs, kiosk="entrance-2", first=True)
        admissions.note(second, kiosk="entrance-1", first=True)
        await asyncio.sleep(0)
        admissions.note(later, kiosk="entrance-1", first=False)
        await asyncio.sleep(0)

    asyncio.run(answer())

    assert [r.getMessage() for r in log.records if r.name == "server_stub.admission_log"] == [
        f"check-in admitted kiosk=entrance-1 id={first},{second} kiosk=entrance-2 id={theirs}",
        f"check-in repeated kiosk=entrance-1 id={later}",
    ]


def test_content_that_cannot_be_opened_is_logged_with_the_reason(line, log):
    check_in = line.kiosk.check_in(1).model_copy(update={"key_id": "key-old"})

    line.check_in(check_in)

    assert "content unreadable" in log.text
    assert "reason='no private key key-old'" in log.text


def test_no_log_line_holds_a_secret_or_what_a_visitor_entered(line, log):
    check_in = line.kiosk.check_in(1, content=content())
    told = json.loads(check_in.to_bytes())
    sealed = check_in.sealed
    broken = json.dumps(told | {"number": CANARY, "kiosk": CANARY, "sealed": sealed}).encode()

    line.check_in(check_in)
    line.check_in(check_in.model_copy(update={"id": new_id()}))
    line.put(paths.check_in(check_in.id), broken)
    line.put(paths.check_in(check_in.id), f'"{CANARY}'.encode())
    line.put(f"/v1/{CANARY.upper()}?token={CANARY}", b"")
    line.headers = {"Authorization": f"Bearer {CANARY}-token"}
    line.check_in(check_in)

    # The test's own client logs addresses; the server must not.
    ours = "\n".join(r.getMessage() for r in log.records if not r.name.startswith("httpx2"))
    assert "check-in admitted" in ours
    assert CANARY not in ours.lower()
    assert line.kiosk.token not in ours
    assert sealed not in ours
