import base64

import pytest

from kiosk.contract.messages import CheckIn, CheckInContent
from kiosk.contract.sealing import SealError, SiteKey, new_private_key, public_key, seal, unseal
from tests.kiosk.arrivals import KEY, PRIVATE_KEY, check_in

CONTENT = CheckInContent(
    language="uk",
    adults=2,
    children=1,
    answers={"need": ("sleep",)},
    route=("information",),
    ticket_token="a" * 22,
)
ENVELOPE = check_in(1)
SEALED = ENVELOPE.model_copy(
    update={"sealed": seal(CONTENT, site="hbf", envelope=ENVELOPE, key=KEY)}
)


def with_sealed(text: str | None) -> CheckIn:
    return ENVELOPE.model_copy(update={"sealed": text})


def test_the_sites_key_opens_what_was_sealed() -> None:
    assert unseal(SEALED, site="hbf", private_key=PRIVATE_KEY) == CONTENT


def test_the_same_content_is_sealed_differently_each_time() -> None:
    assert seal(CONTENT, site="hbf", envelope=ENVELOPE, key=KEY) != SEALED.sealed


def test_nothing_of_the_content_shows_in_what_is_sealed() -> None:
    assert SEALED.sealed
    plain = base64.b64decode(SEALED.sealed)
    assert not [word for word in (b"uk", b"sleep", b"information", b"a" * 22) if word in plain]


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealError, match="another key or envelope, or damaged"):
        unseal(SEALED, site="hbf", private_key=new_private_key())


@pytest.mark.parametrize(
    "moved",
    [
        {"kiosk": "entrance-2"},
        {"key_id": "key-2"},
        {"id": check_in(2).id},
        {"sequence": 2},
        {"number": "D102"},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_it_cannot_be_moved_into_another_envelope(moved: dict[str, object]) -> None:
    with pytest.raises(SealError, match="another key or envelope"):
        unseal(SEALED.model_copy(update=moved), site="hbf", private_key=PRIVATE_KEY)


def test_it_cannot_be_moved_to_another_site() -> None:
    with pytest.raises(SealError, match="another key or envelope"):
        unseal(SEALED, site="hbf-2", private_key=PRIVATE_KEY)


def test_what_is_not_bound_may_be_told_later() -> None:
    without_time = SEALED.model_copy(update={"made_at": None})

    assert unseal(without_time, site="hbf", private_key=PRIVATE_KEY) == CONTENT


@pytest.mark.parametrize("damage", ["first", "middle", "last", "short", "empty", "no base64"])
def test_a_damaged_seal_is_not_opened(damage: str) -> None:
    assert SEALED.sealed
    raw = bytearray(base64.b64decode(SEALED.sealed))
    if damage in {"first", "middle", "last"}:
        raw[{"first": 0, "middle": len(raw) // 2, "last": -1}[damage]] ^= 1
    text = {
        "short": base64.b64encode(raw[:20]).decode(),
        "empty": "",
        "no base64": "@@@",
    }.get(damage, base64.b64encode(raw).decode())

    with pytest.raises(SealError, match="damaged"):
        unseal(with_sealed(text), site="hbf", private_key=PRIVATE_KEY)


def test_an_envelope_without_content_says_so() -> None:
    with pytest.raises(SealError, match="no sealed content"):
        unseal(ENVELOPE, site="hbf", private_key=PRIVATE_KEY)


def test_a_content_that_breaks_the_contract_is_told_by_its_fields_and_not_its_values() -> None:
    broken = CONTENT.model_copy(update={"adults": 777, "ticket_token": "canary"})
    sealed = with_sealed(seal(broken, site="hbf", envelope=ENVELOPE, key=KEY))

    with pytest.raises(SealError) as raised:
        unseal(sealed, site="hbf", private_key=PRIVATE_KEY)

    assert f"{raised.value}" == "the content breaks the contract at: adults, ticket_token"


def test_a_key_survives_being_written_down() -> None:
    assert SiteKey.from_text("key-1", KEY.to_text()) == KEY
    assert public_key(PRIVATE_KEY, key_id="key-1") == KEY
    assert len(new_private_key()) == 32
    assert new_private_key() != new_private_key()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("AAAA", "site key key-1: 3 bytes, an X25519 key has 32"),
        ("@@@@", "site key key-1: not base64"),
        ("ä", "site key key-1: not base64"),
    ],
)
def test_a_text_that_is_no_key_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SiteKey.from_text("key-1", text)
