"""Sequences and answers typed by hand from the manuals (Epson TM, Citizen CT-S: GS ( L)."""

import pytest

from printer.nv_graphics import (
    ASK_FREE,
    ASK_KEYS,
    KeyBlock,
    define,
    delete,
    parse_free,
    parse_keys,
    print_stored,
)
from printer.raster import Raster
from printer.virtual.commands import RealTimeReader


def test_a_picture_is_defined_by_function_67() -> None:
    sent = define(b"G1", Raster(2, 3, b"\x80\x00\x40\x00\x20\x01"))

    assert sent == bytes.fromhex(
        "1d 28 4c  11 00  30 43 30  47 31  01  10 00 03 00  31  80 00 40 00 20 01"
    )


def test_a_large_picture_has_a_longer_count() -> None:
    sent = define(b"G1", Raster(72, 1000, bytes(72_000)))

    assert sent[:7] == bytes.fromhex("1d 38 4c") + (72_011).to_bytes(4, "little")
    assert len(sent) == 7 + 72_011


def test_the_longest_short_count_is_65535() -> None:
    fits, does_not = (define(b"G1", Raster(1, rows, bytes(rows))) for rows in (65_524, 65_525))

    assert fits[:5] == bytes.fromhex("1d 28 4c ff ff")
    assert does_not[:3] == bytes.fromhex("1d 38 4c")


def test_printing_asking_and_deleting_are_short() -> None:
    assert print_stored(b"G1") == bytes.fromhex("1d 28 4c 06 00 30 45 47 31 01 01")
    assert print_stored(b"G1", doubled=True) == bytes.fromhex("1d 28 4c 06 00 30 45 47 31 02 02")
    assert delete(b"G1") == bytes.fromhex("1d 28 4c 04 00 30 42 47 31")
    assert bytes.fromhex("1d 28 4c 04 00 30 40 4b 43") == ASK_KEYS
    assert bytes.fromhex("1d 28 4c 02 00 30 33") == ASK_FREE


def test_a_picture_to_keep_holds_no_real_time_command() -> None:
    sent = define(b"G1", Raster(3, 2, b"\x10\x14\x01\x10\x04\x02"))

    assert RealTimeReader().feed(sent) == []


@pytest.mark.parametrize("key", [b"", b"A", b"ABC", b"A\x1f", b"\x7fA"])
def test_a_key_that_could_be_no_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="two bytes of 20h to 7Eh"):
        print_stored(key)


@pytest.mark.parametrize(
    ("received", "block"),
    [
        (b"\x37\x72\x40\x00", KeyBlock((), more=False)),
        (b"\x37\x72\x40a!a\x22\x00", KeyBlock((b"a!", b'a"'), more=False)),
        (b"\x37\x72\x41a!\x00", KeyBlock((b"a!",), more=True)),
        (b"\x37\x72\x407r@@\x00", KeyBlock((b"7r", b"@@"), more=False)),
        (b"\x14\x37\x72\x40a!\x00\x16", KeyBlock((b"a!",), more=False)),
        (b"\x37\x72\x40a!", None),
        (b"\x37\x72\x40a\x00", None),
        (b"\x37\x22a!\x00", None),
    ],
)
def test_a_list_of_keys_is_read_by_its_blocks(received: bytes, block: KeyBlock | None) -> None:
    assert parse_keys(received) == block


@pytest.mark.parametrize(
    ("received", "free"),
    [(b"\x37\x31262144\x00", 262_144), (b"\x12\x37\x310\x00", 0), (b"\x37\x3112", None)],
)
def test_free_space_is_read_from_its_digits(received: bytes, free: int | None) -> None:
    assert parse_free(received) == free
