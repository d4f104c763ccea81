"""Codes, fingerprints and signatures, as both ends make and read them."""

from base64 import b64decode, b64encode
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kiosk.contract.enrolling import (
    ALPHABET,
    Challenge,
    EnrolmentRequest,
    TokenRequest,
    fingerprint,
    new_code,
    public_key_text,
    read_code,
    read_fingerprint,
    sign,
    signed_bytes,
)

ENROLMENT, OTHER = UUID(int=1), UUID(int=2)
NONCE = b64encode(bytes(range(32))).decode()
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.mark.parametrize("typed", ["K7QM-2XPA", "k7qm2xpa", " k7qm 2xpa ", "K7Q M2X-PA"])
def test_a_code_is_read_as_people_type_it(typed):
    assert read_code(typed) == "K7QM-2XPA"


def test_what_looks_alike_is_the_same():
    assert read_code("oOiI-lL1o") == "0011-1110"


@pytest.mark.parametrize("typed", ["", "K7QM-2XP", "K7QM-2XPAA", "K7QM-2XPU", "K7QM/2XPA", "Ä" * 8])
def test_what_is_no_code_is_refused_with_an_example(typed):
    with pytest.raises(ValueError, match="like K7QM-2XPA"):
        read_code(typed)


def test_a_new_code_is_one_that_is_read_and_sent():
    code = new_code()

    assert read_code(code) == code
    EnrolmentRequest(code=code, public_key=NONCE, hardware=None, program_version="")
    assert len({new_code() for _ in range(100)}) == 100


def test_a_fingerprint_is_the_first_80_bits_of_the_keys_hash():
    """SHA-256 of 32 zero bytes begins with 66687aadf862bd776c8f."""
    zeros = b64encode(bytes(32)).decode()
    bits = f"{0x66687AADF862BD776C8F:080b}"
    letters = "".join(ALPHABET[int(bits[i : i + 5], 2)] for i in range(0, 80, 5))

    assert fingerprint(zeros).replace(" ", "") == letters
    assert [len(group) for group in fingerprint(zeros).split(" ")] == [4, 4, 4, 4]


@given(st.binary(min_size=32, max_size=32))
def test_a_fingerprint_is_read_as_it_was_written_or_typed(raw):
    shown = fingerprint(b64encode(raw).decode())

    assert read_fingerprint(shown) == shown
    assert read_fingerprint(shown.lower().replace(" ", "-")) == shown


def test_what_is_no_fingerprint_is_refused():
    with pytest.raises(ValueError, match="four groups"):
        read_fingerprint("K7QM 2XPA 9DGH")


def test_a_kiosk_signs_these_bytes_and_no_others():
    assert signed_bytes(ENROLMENT, NONCE) == (
        b"ankunft token v1\x00" + bytes(15) + b"\x01" + bytes(range(32))
    )


def test_only_the_kiosks_own_signature_of_this_challenge_is_good():
    request = sign(KEY, ENROLMENT, Challenge(nonce=NONCE))
    stranger = Ed25519PrivateKey.generate()

    assert request.is_signed_by(public_key_text(KEY))
    assert not request.is_signed_by(public_key_text(stranger))
    for changed in ({"enrolment": OTHER}, {"nonce": b64encode(bytes(32)).decode()}):
        assert not request.model_copy(update=changed).is_signed_by(public_key_text(KEY))


@given(st.integers(0, 511))
def test_a_signature_with_one_bit_changed_is_none(bit):
    request = sign(KEY, ENROLMENT, Challenge(nonce=NONCE))
    raw = bytearray(b64decode(request.signature))
    raw[bit // 8] ^= 1 << bit % 8
    forged = request.model_copy(update={"signature": b64encode(raw).decode()})

    assert not forged.is_signed_by(public_key_text(KEY))


@given(st.binary(min_size=32, max_size=32))
def test_whatever_key_somebody_sends_a_signature_is_looked_at_without_a_fault(raw):
    request = sign(KEY, ENROLMENT, Challenge(nonce=NONCE))

    assert not request.is_signed_by(b64encode(raw).decode())


@pytest.mark.parametrize("version", ["1.0\0", "1\n0", "x" * 65, "\ud800"])
def test_a_version_that_a_database_could_not_keep_breaks_the_contract(version):
    with pytest.raises(ValidationError):
        EnrolmentRequest(code="K7QM-2XPA", public_key=NONCE, hardware=None, program_version=version)


@pytest.mark.parametrize(
    "signature", ["", "A" * 87 + "=", "A" * 85 + "B==", "A" * 86 + "=", "!" * 86 + "=="]
)
def test_what_is_no_signature_breaks_the_contract(signature):
    with pytest.raises(ValidationError):
        TokenRequest(enrolment=ENROLMENT, nonce=NONCE, signature=signature)
