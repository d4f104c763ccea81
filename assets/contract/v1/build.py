#!/usr/bin/env python3
"""The golden messages of contract v1: one of each, byte for byte as it travels.

They belong together: `receipt.json` confirms `check-in.json`, whose content opens with the key
in `golden-test-key.txt` to `check-in-content.json`, and `site-answer.json` offers that key. A
test holds all of it. Run ``python assets/contract/v1/build.py`` when a message changes on
purpose; sealing takes random numbers, so `check-in.json` is other bytes then. `openapi.json` is
made by ``python -m server_stub openapi``.
"""

import base64
import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: E402  # as below
    Ed25519PrivateKey,
)

from kiosk.contract import enrolling as e  # noqa: E402
from kiosk.contract import messages as m  # noqa: E402  # found through the line above
from kiosk.contract.questions import Choices, Count, Option  # noqa: E402
from kiosk.contract.sealing import public_key, seal  # noqa: E402
from kiosk.contract.signs import Place  # noqa: E402
from kiosk.contract.site import Counter, Site, SiteAnswer, Stage  # noqa: E402

TEST_KEY = b"NOT A SECRET, ANKUNFT GOLDEN KEY"
KEY = public_key(TEST_KEY, key_id="golden-test-key")
SITE = Site(
    id="golden",
    name="Info-Point",
    languages=("uk", "de", "en"),
    first_stages=("information",),
    stages=(
        Stage(
            id="information",
            name={"de": "Auskunft", "en": "Information"},
            landmark="tree",
            door="1",
        ),
        Stage(id="housing", name={"de": "Unterkunft", "en": "Housing"}, landmark="fish", door="2"),
    ),
    counters=(Counter(id="1", stage="information"), Counter(id="2", stage="housing")),
    questions=(
        Choices(
            id="need",
            kind="choices",
            text="What do you need today?",
            most=2,
            options=(
                Option(id="sleep", text="A place to sleep", icon="bed", stages=("housing",)),
                Option(id="ask", text={"en": "Ask", "de": "Fragen", "uk": "Запитати"}, icon="ask"),
                Option(
                    id="food",
                    text="Food and drink",
                    icon="food",
                    place=Place(landmark="apple", door="12"),
                ),
            ),
        ),
        Count(
            id="nights",
            kind="count",
            text={"en": "How many nights?", "de": "Wie viele Nächte?", "uk": "Скільки ночей?"},
            when={"need": ("sleep",)},
            least=1,
            most=9,
        ),
        Choices(
            id="wait",
            text="Is there someone who should not wait long?",
            options=(
                Option(id="baby", text="A baby", icon="baby", priority=True),
                Option(id="nobody", text="Nobody", icon="nobody"),
            ),
        ),
    ),
)
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
CHECK_IN = UUID("01a20000-0000-7000-8000-000000000001")
HELP_CALL = UUID("01a20000-0000-7000-8000-000000000002")
ENROLMENT = UUID("6f1d2c3b-0000-4000-8000-000000000004")
KIOSK_KEY = Ed25519PrivateKey.from_private_bytes(b"NOT A SECRET, GOLDEN KIOSK'S KEY")
NONCE = base64.b64encode(b"NO NONCE, FOR IT IS ALWAYS THIS.").decode()
STORE = UUID("6f1d2c3b-0000-4000-8000-000000000003")


def golden_messages() -> dict[str, m.Message]:
    """Return the messages by the names of their files."""
    content = m.CheckInContent(
        language="uk",
        adults=2,
        children=1,
        answers={"need": ("sleep", "food"), "nights": ("2",)},
        route=("information", "housing"),
        priority=True,
        ticket_token="AAAAAAAAAAAAAAAAAAAAAA",  # noqa: S106  # a picture of one
    )
    envelope = m.CheckIn(
        id=CHECK_IN,
        kiosk="entrance-1",
        key_id=KEY.key_id,
        sequence=114,
        number="D214",
        made_at=NOON,
        site_version=SITE.version,
    )
    sealed = seal(content, site=SITE.id, envelope=envelope, key=KEY)
    check_in = envelope.model_copy(update={"sealed": sealed})
    digest = hashlib.sha256(check_in.to_bytes()).hexdigest()
    return {
        "check-in": check_in,
        "check-in-content": content,
        "receipt": m.Receipt(id=CHECK_IN, sha256=digest, highest_sequence=114),
        "help-call": m.HelpCall(
            id=HELP_CALL, kiosk="entrance-1", kind=m.HelpKind.DOCTOR, language=None
        ),
        "help-call-answer": m.HelpCallAnswer(id=HELP_CALL, state=m.HelpState.ACKNOWLEDGED),
        "slip-outcome": m.SlipOutcome(
            id=CHECK_IN, kiosk="entrance-1", outcome=m.SlipState.PRINTED, copies=1, revision=1
        ),
        "slip-receipt": m.SlipReceipt(id=CHECK_IN, revision=1),
        "heartbeat": _heartbeat(),
        "heartbeat-answer": _heartbeat_answer(),
        "site-answer": SiteAnswer(
            version=SITE.version, key_id=KEY.key_id, public_key=KEY.to_text(), site=SITE
        ),
        "refusal": m.Refusal(
            code=m.RefusalCode.OTHER_BYTES, message="check-in: another one is stored under this id"
        ),
        **_enrolling(),
    }


def _enrolling() -> dict[str, m.Message]:
    """Return how a kiosk is enrolled and gets its first token."""
    challenge = e.Challenge(nonce=NONCE)
    public_key = e.public_key_text(KIOSK_KEY)
    return {
        "enrolment-request": e.EnrolmentRequest(
            code="K7QM-2XPA", public_key=public_key, hardware="5a" * 32, program_version="0.1.0"
        ),
        "enrolment-answer": e.EnrolmentAnswer(
            state=e.EnrolmentState.APPROVED,
            enrolment=ENROLMENT,
            fingerprint=e.fingerprint(public_key),
            enrolled=e.Enrolled(
                name="entrance-1",
                letter="D",
                skip_numbers=(200, 300, 666),
                site=SITE.id,
                key_id=KEY.key_id,
                public_key=KEY.to_text(),
                store_id=STORE,
                highest_sequence=0,
            ),
        ),
        "challenge-request": e.ChallengeRequest(enrolment=ENROLMENT),
        "challenge": challenge,
        "token-request": e.sign(KIOSK_KEY, ENROLMENT, challenge),
        "token-answer": e.TokenAnswer(token="A" * 43, seconds=86_400),
    }


def _heartbeat() -> m.Heartbeat:
    return m.Heartbeat(
        kiosk="entrance-1",
        program_version="0.1.0",
        site_version=SITE.version,
        printer="ready",
        clock_trusted=True,
        disk_free_bytes=12_000_000_000,
        outbox_depth=2,
        highest_sequence=116,
        counters=m.Counters(check_ins=116, abandoned=9, help_calls=3, wrong_codes=1),
        sound="ready",
        troubles=("taken-out",),
        sealed_to=(KEY.key_id,),
    )


def _heartbeat_answer() -> m.HeartbeatAnswer:
    return m.HeartbeatAnswer(
        kiosk="entrance-1",
        as_of=NOON,
        store_id=STORE,
        site_version=SITE.version,
        key_id=KEY.key_id,
        highest_sequence=114,
        missing_sequences=(115, 116),
        waits=tuple(m.StageWait(stage=stage.id, parties_ahead=3) for stage in SITE.stages),
    )


def main() -> None:
    """Write every message to its file."""
    for name, message in golden_messages().items():
        (HERE / f"{name}.json").write_bytes(message.to_bytes())
    (HERE / "golden-test-key.txt").write_bytes(TEST_KEY)


if __name__ == "__main__":
    main()
