import base64
import logging
from pathlib import Path
from stat import S_IMODE

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.private_key import KeyFileError, make_key, public_half, read_key


def test_a_key_is_its_owners_alone_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.key"
    made = make_key(path)

    assert public_half(read_key(path)) == public_half(made)
    assert S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.key"
    make_key(path)
    before = path.read_bytes()

    with pytest.raises(KeyFileError, match="is there already, and a key is never overwritten"):
        make_key(path)

    assert path.read_bytes() == before


def test_a_start_that_was_cut_off_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".kiosk.key.unfinished").write_bytes(b"half a key")

    make_key(tmp_path / "kiosk.key")

    assert [path.name for path in tmp_path.iterdir()] == ["kiosk.key"]


def test_a_key_that_others_could_read_is_closed_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "kiosk.key"
    make_key(path)
    path.chmod(0o644)

    with caplog.at_level(logging.WARNING):
        read_key(path)

    assert S_IMODE(path.stat().st_mode) == 0o600
    assert "key was readable for others" in caplog.text


ED25519 = b"\x2b\x65\x70"


def pkcs8(kind: bytes) -> bytes:
    """A private key of 32 bytes whose object identifier is another one (RFC 8410, section 7)."""
    der = bytes.fromhex("302e020100300506032b657004220420" + "20" * 32)
    text = base64.b64encode(der.replace(ED25519, kind))
    return b"-----BEGIN PRIVATE KEY-----\n" + text + b"\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n",
        pkcs8(b"\x2b\x65\x6c"),  # nobody's kind of key
        pkcs8(b"\x2b\x65\x6f"),  # X448, whose keys are longer
    ],
)
def test_a_key_that_cannot_be_used_is_told_with_what_to_do(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "kiosk.key"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(
        KeyFileError, match=r"kiosk\.key: .*enrol anew with `python -m kiosk enrol`"
    ):
        read_key(path)


def test_a_key_of_the_right_kind_is_read(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.key"
    path.write_bytes(pkcs8(ED25519))

    assert public_half(read_key(path)) == public_half(
        Ed25519PrivateKey.from_private_bytes(b"\x20" * 32)
    )


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"cannot be written .* make the folder writable"):
        make_key(tmp_path / "gone" / "kiosk.key")
