import errno
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from server_stub import tables
from server_stub.app import create_app
from server_stub.device_tokens import new_token, token_sha256
from server_stub.keys import KeyFileError, make_key, read_keys
from tests.server_stub.conftest import copy_of
from tests.server_stub.enrolled import MONDAY_NOON, new_id


def test_a_key_is_readable_by_its_owner_alone(tmp_path):
    key = make_key(tmp_path / "keys")

    path = tmp_path / "keys" / f"{key.key_id}.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read_keys(tmp_path / "keys").public_key(key.key_id) == key


def test_two_keys_never_share_a_name(tmp_path):
    first, second = make_key(tmp_path), make_key(tmp_path)

    keys = read_keys(tmp_path)
    assert first.key_id != second.key_id
    assert keys.public_key(first.key_id) == first
    assert keys.public_key(second.key_id) == second


def test_of_two_keys_of_one_second_it_is_known_which_is_newer(tmp_path):
    first = make_key(tmp_path, now=MONDAY_NOON)
    second = make_key(tmp_path, now=MONDAY_NOON + timedelta(milliseconds=1))

    made = read_keys(tmp_path).made
    assert made[first.key_id] < made[second.key_id]


def test_power_that_fails_while_a_key_is_destroyed_keeps_nobody_from_reading_the_others(
    tmp_path, monkeypatch
):
    destroyed, kept = make_key(tmp_path), make_key(tmp_path)
    keys = read_keys(tmp_path)

    def power_fails(_path):
        raise SystemExit

    monkeypatch.setattr(Path, "unlink", power_fails)
    with pytest.raises(SystemExit):
        keys.forget([destroyed.key_id])

    assert read_keys(tmp_path).private.keys() == {kept.key_id}


def test_power_that_fails_while_a_key_is_made_leaves_a_server_that_starts(
    made_once, tmp_path, clock, monkeypatch
):
    settings = copy_of(made_once[0], tmp_path / "data", clock=clock)
    before = {path.name: path.read_bytes() for path in settings.keys.iterdir()}
    cut = replace(settings, data=tmp_path / "cut")

    def power_fails(_file):
        """Leave what is certain on the disk: names, and nothing in what was just made."""
        shutil.copytree(settings.data, cut.data)
        for path in cut.keys.iterdir():
            path.write_bytes(before.get(path.name, b""))
        raise OSError(errno.EIO, "the power fails")

    with monkeypatch.context() as failing:
        failing.setattr(os, "fsync", power_fails)
        with pytest.raises(KeyFileError, match="no key can be written: the power fails"):
            make_key(settings.keys)

    with TestClient(create_app(cut)) as client:
        assert len(client.app.state.keys.private) == 1
    for keys in (settings.keys, cut.keys):
        assert {path.name for path in keys.iterdir()} == before.keys()


@pytest.mark.parametrize("content", [bytes(90), b"not yet overwritten"], ids=["zeros", "whole"])
def test_a_server_that_starts_deletes_what_is_left_of_a_destroyed_key(
    made_once, tmp_path, clock, content
):
    settings = copy_of(made_once[0], tmp_path / "data", clock=clock)
    leftover = settings.keys / "key-1.destroyed"
    leftover.write_bytes(content)

    with TestClient(create_app(settings)) as client:
        assert len(client.app.state.keys.private) == 1

    assert not leftover.exists()


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b"AAAA\n", 0o600, "3 bytes, an X25519 key has 32"),
        (b"no base64!", 0o600, "not a key: put it back from your backup"),
        (b"", 0o600, "0 bytes"),
        (b"A" * 43 + b"=", 0o644, "others may read it; run: chmod 600"),
    ],
)
def test_a_key_file_that_cannot_be_trusted_is_refused(tmp_path, content, mode, said):
    path = tmp_path / "key-1.key"
    path.write_bytes(content)
    path.chmod(mode)

    with pytest.raises(KeyFileError, match=said):
        read_keys(tmp_path)


def test_a_missing_key_is_named_with_what_to_do(tmp_path):
    with pytest.raises(KeyFileError, match=r"key-1 is missing: put key-1\.key back"):
        read_keys(tmp_path).public_key("key-1")


def test_a_keyring_does_not_show_its_keys(tmp_path):
    make_key(tmp_path)
    keys = read_keys(tmp_path)

    assert all(str(private) not in repr(keys) for private in keys.private.values())


def test_a_token_is_stored_only_as_its_hash(settings, room, kiosk):
    stored = {row["enrolment"]: row["token_sha256"] for row in room.rows(tables.kiosk_token)}

    assert stored[kiosk.enrolment] == token_sha256(kiosk.token)
    files = [path for path in settings.data.rglob("*") if path.is_file()]
    assert files
    assert all(kiosk.token.encode() not in path.read_bytes() for path in files)


def test_a_private_key_is_not_in_the_database(settings):
    (key_file,) = settings.keys.glob("*.key")

    assert key_file.read_bytes().strip() not in settings.database.read_bytes()
    (private,) = read_keys(settings.keys).private.values()
    assert private.private_bytes_raw() not in settings.database.read_bytes()


def test_tokens_differ():
    assert len({new_token() for _ in range(100)}) == 100
    assert {len(new_token()) for _ in range(100)} == {43}


def test_an_unknown_token_is_nobodys(room):
    assert room.run(room.room.device(token=new_token())) is None
    assert room.run(room.room.device(token="")) is None
    assert room.run(room.room.device(token=str(new_id()))) is None
