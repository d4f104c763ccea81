import base64
import io
import json
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kiosk.contract.outbox_file import OutboxFileError, OutboxHeader, OutboxReader, write_outbox

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
OTHER = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()

BODIES = [b'{"id": 1}', b'{"id": 2, "sealed": "\xff"}', b""]


def header(entries: int) -> OutboxHeader:
    return OutboxHeader(
        site="duesseldorf", kiosk="entrance-1", enrolment=UUID(int=7), entries=entries
    )


def written(bodies: list[bytes], *, key: Ed25519PrivateKey | None = KEY) -> bytes:
    out = io.BytesIO()
    write_outbox(out, header(len(bodies)), bodies, sign=key.sign if key else None)
    return out.getvalue()


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_the_exact_bytes_come_back_as_often_as_they_are_read(bodies):
    reader = OutboxReader(io.BytesIO(written(bodies)))

    assert list(reader.bodies()) == list(reader.bodies()) == bodies
    assert reader.header == header(len(bodies))


def test_a_signature_holds_for_its_own_key_alone():
    reader = OutboxReader(io.BytesIO(written(BODIES)))

    assert reader.is_signed
    assert reader.is_signed_by(PUBLIC)
    assert not reader.is_signed_by(OTHER)


def test_a_kiosk_without_a_key_writes_a_file_that_nobody_has_signed():
    reader = OutboxReader(io.BytesIO(written(BODIES, key=None)))

    assert list(reader.bodies()) == BODIES
    assert not reader.is_signed
    assert not reader.is_signed_by(PUBLIC)


def test_what_a_kiosk_signs_for_a_token_is_no_signature_of_a_file():
    file = written(BODIES, key=None).splitlines()
    end = json.loads(file[-1])
    end["signature"] = base64.b64encode(KEY.sign(bytes.fromhex(end["sha256"]))).decode()

    reader = OutboxReader(io.BytesIO(b"\n".join([*file[:-1], json.dumps(end).encode(), b""])))

    assert not reader.is_signed_by(PUBLIC)


@given(st.data())
def test_a_file_in_which_a_byte_differs_is_refused_or_signed_by_nobody(data):
    file = bytearray(written(BODIES))
    place = data.draw(st.integers(0, len(file) - 1))
    file[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != file[place]))

    try:
        reader = OutboxReader(io.BytesIO(bytes(file)))
    except OutboxFileError:
        return
    # A byte that means nothing: base64 has spare bits at its end.
    assert list(reader.bodies()) == BODIES
    assert reader.header == header(len(BODIES))


@given(st.data())
def test_a_file_that_is_cut_off_or_goes_on_is_refused(data):
    file = written(BODIES)
    end = data.draw(st.integers(0, len(file) - 1))

    for wrong in (file[:end], file + b"more\n"):
        with pytest.raises(OutboxFileError):
            OutboxReader(io.BytesIO(wrong))


@pytest.mark.parametrize(
    "other", [b"", b"\n", b"%PDF-1.7\n", b'{"ankunft": "outbox"}\n', b"\0" * 300_000, b"[" * 90_000]
)
def test_what_is_no_outbox_is_refused_and_named(other):
    with pytest.raises(OutboxFileError, match=r"no outbox|not whole"):
        OutboxReader(io.BytesIO(other))


def test_a_header_that_promises_more_than_is_there_is_not_believed():
    first, *rest = written(BODIES).splitlines(keepends=True)
    more = first.replace(b'"entries":3', b'"entries":9007199254740991')

    with pytest.raises(OutboxFileError):
        OutboxReader(io.BytesIO(b"".join([more, *rest])))
