"""The virtual printer's NV memory, by byte sequences typed from the manuals."""

import pytest

from tests.printer.virtual_machine import CUT, Desk, rows

FREE = b"\x1d(L\x02\x00\x30\x33"
"""GS ( L fn 51."""

KEYS = b"\x1d(L\x04\x00\x30\x40KC"
"""GS ( L fn 64."""

ACK, NAK, CAN = b"\x06", b"\x15", b"\x18"


def define(key: bytes) -> bytes:
    """Fn 67: 8 x 2 dots, the first row black and the second with a dot at each end."""
    return b"\x1d(L\x0d\x00\x30\x43\x30" + key + b"\x01\x08\x00\x02\x00\x31\xff\x81"


def show(key: bytes, scale: bytes = b"\x01\x01") -> bytes:
    """Fn 69."""
    return b"\x1d(L\x06\x00\x30\x45" + key + scale


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_kept_picture_is_printed_by_its_key(desk):
    desk.send(define(b"A1"))
    piece = desk.printed(show(b"A1") + show(b"A1", b"\x02\x01"))

    assert rows(piece) == ["########", "#......#", "#" * 16, "##............##"]
    assert piece.stored == (b"A1", b"A1")
    assert piece.remarks == ()


def test_a_kept_picture_outlives_initialising_clearing_and_a_power_cut(desk):
    desk.send(define(b"A1") + b"\x1b@")
    desk.send(b"\x10\x05\x02")
    desk.machine.power_cycle()

    assert rows(desk.printed(show(b"A1")))[0] == "########"


def test_a_kept_picture_stands_where_margin_and_justification_say(desk):
    desk.send(define(b"A1"))

    assert rows(desk.printed(b"\x1dL\x10\x00" + show(b"A1")))[0] == "." * 16 + "########"
    assert rows(desk.printed(b"\x1b@\x1ba2" + show(b"A1")))[0] == "." * 568 + "########"


def test_inside_a_line_a_kept_picture_is_ignored_and_noted(desk):
    desk.send(define(b"A1"))
    piece = desk.printed(b"X" + show(b"A1") + b"\n")

    assert piece.picture.height == 30
    assert piece.stored == ()
    assert piece.remarks == ("GS ( L fn 69 b'A1': not at the beginning of a line",)


def test_an_unknown_key_prints_nothing_and_is_noted(desk):
    piece = desk.printed(show(b"ZZ") + b"A\n")

    assert piece.remarks == ("GS ( L fn 69 b'ZZ': nothing is kept by this key",)


def test_free_space_counts_the_dots_and_24_bytes_a_picture(desk):
    assert desk.send(FREE) == b"\x37\x31262144\x00"
    desk.send(define(b"A1"))
    assert desk.send(FREE) == b"\x37\x31262118\x00"
    assert desk.send(b"\x1d(L\x02\x00\x30\x30") == b"\x37\x30262144\x00"  # fn 48: in all


def test_a_picture_of_the_same_key_takes_the_place_of_the_old_one(desk):
    desk.send(define(b"A1") + define(b"A1"))

    assert desk.send(FREE) == b"\x37\x31262118\x00"


def test_what_does_not_fit_is_refused_and_what_is_kept_stays():
    desk = Desk(nv_bytes=60)
    desk.send(define(b"A1") + define(b"A2") + define(b"A3"))

    assert list(desk.machine.memory) == [b"A1", b"A2"]
    desk.send(define(b"A2"))  # fits: it takes the place of the old one
    assert desk.printed(b"A\n").remarks == ("GS ( L fn 67 b'A3': does not fit into what is free",)


def test_one_or_all_pictures_are_deleted(desk):
    desk.send(define(b"A1") + define(b"A2") + define(b"A3"))
    desk.send(b"\x1d(L\x04\x00\x30\x42A2")
    assert list(desk.machine.memory) == [b"A1", b"A3"]
    desk.send(b"\x1d(L\x05\x00\x30\x41CLS")
    assert list(desk.machine.memory) == [b"A1", b"A3"]
    desk.send(b"\x1d(L\x05\x00\x30\x41CLR")
    assert list(desk.machine.memory) == []


def test_a_picture_longer_than_64_kilobytes_comes_by_the_long_command(desk):
    """GS 8 L, 72 bytes a row, 1000 rows: 72,011 bytes."""
    head = b"\x1d8L\x4b\x19\x01\x00\x30\x43\x30BB\x01\x40\x02\xe8\x03\x31"
    desk.send(head + b"\x80" * 72_000)

    assert desk.printed(show(b"BB")).picture.size == (576, 1000)


@pytest.mark.parametrize("key", [b"\x1fA", b"A\x7f"])
def test_a_key_out_of_range_is_refused(desk, key):
    desk.send(define(key))

    assert list(desk.machine.memory) == []


def test_an_empty_memory_says_so_in_one_block(desk):
    assert desk.send(KEYS) == b"\x37\x72\x40\x00"


def test_keys_come_in_one_block_and_an_acknowledgement_ends_it(desk):
    desk.send(define(b"A1") + define(b"B2"))

    assert desk.send(KEYS) == b"\x37\x72\x40A1B2\x00"
    assert desk.send(ACK + b"\x1dr1") == b"\x00"


def test_more_than_forty_keys_come_block_by_block(desk):
    keys = [b"K%c" % (0x20 + n) for n in range(85)]
    desk.send(b"".join(map(define, keys)))

    first, second, third = keys[:40], keys[40:80], keys[80:]
    assert desk.send(KEYS) == b"\x37\x72\x41" + b"".join(first) + b"\x00"
    assert desk.send(NAK) == b"\x37\x72\x41" + b"".join(first) + b"\x00"
    assert desk.send(ACK) == b"\x37\x72\x41" + b"".join(second) + b"\x00"
    assert desk.send(ACK) == b"\x37\x72\x40" + b"".join(third) + b"\x00"
    assert desk.send(ACK) == b""
    assert desk.printed(b"A\n").text == "A"


def test_a_list_may_be_cancelled(desk):
    desk.send(b"".join(define(b"K%c" % (0x20 + n)) for n in range(50)))
    desk.send(KEYS)

    assert desk.send(CAN) == b""
    assert desk.printed(ACK + b"A\n").text == "A"


def test_a_forgotten_acknowledgement_costs_the_next_byte_and_is_noted(desk):
    desk.send(define(b"A1") + KEYS)
    piece = desk.printed(b"\x1b@A\n")

    assert piece.text == "@A"
    assert piece.remarks == ("key list: 1b where an ACK was due",)


def test_status_questions_are_no_acknowledgement(desk):
    desk.send(define(b"A1") + KEYS)

    assert desk.send(b"\x10\x04\x01") == b"\x12"
    assert desk.send(NAK) == b"\x37\x72\x40A1\x00"


def test_while_it_writes_a_printer_that_keeps_time_is_deaf_and_mute():
    desk = Desk(nv_seconds=0.5)
    desk.send(define(b"A1"))

    assert desk.machine.mute
    assert desk.send(b"\x10\x04\x01") == b""
    assert desk.machine.wakes_at == desk.clock.now + 0.5
    desk.clock.now += 0.5
    assert desk.send(b"\x10\x04\x01") == b"\x12"


def test_what_came_before_a_write_is_answered():
    desk = Desk(nv_seconds=0.5)

    assert desk.send(b"\x1dr1" + define(b"A1") + b"\x1dr1") == b"\x00"
    desk.clock.now += 0.5
    assert desk.machine.work() == b"\x00"


def test_each_write_is_counted_for_memories_wear_out(desk):
    desk.send(define(b"A1") + show(b"A1") + CUT + KEYS + ACK + b"\x1d(L\x04\x00\x30\x42A1")

    assert desk.machine.memory.writes == 2
