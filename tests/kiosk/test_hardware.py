from pathlib import Path

import pytest

from kiosk.hardware import Hardware, Reading, read_hardware
from kiosk.journal import Journal
from kiosk.stops import stop_on_other_hardware

UUID_1, UUID_2 = "4c4c4544-0042-3510-8052-b4c04f4d3132", "4c4c4544-0042-3510-8052-b4c04f4d3133"
CARD_1, CARD_2 = "a4:bb:6d:12:34:56", "a4:bb:6d:12:34:57"


def machine(*, board: str = "", cards: tuple[str, ...] = ()) -> Hardware:
    return Hardware.of(Reading((board,), cards))


FULL = machine(board=UUID_1, cards=(CARD_1,))


@pytest.mark.parametrize(
    ("now", "another"),
    [
        (FULL, False),
        (machine(board=UUID_1, cards=(CARD_2,)), False),  # a new card
        (machine(cards=(CARD_1,)), False),  # read by a user, not by root
        (machine(cards=(CARD_1, CARD_2)), False),
        (machine(), False),  # nothing can be read: nothing is said
        (machine(board=UUID_2, cards=(CARD_2,)), True),
        (machine(cards=(CARD_2,)), True),
        (machine(board=UUID_2), True),
    ],
)
def test_a_machine_is_another_where_all_that_both_tell_differs(
    now: Hardware,
    another: bool,  # noqa: FBT001
) -> None:
    assert now.is_another_than(FULL) is another


def test_kinds_that_only_one_of_two_machines_tells_of_say_nothing() -> None:
    assert not machine(board=UUID_1).is_another_than(machine(cards=(CARD_1,)))


@pytest.mark.parametrize(
    "reading",
    [
        Reading(("00000000-0000-0000-0000-000000000000",), ()),
        Reading(("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",), ()),
        Reading(("03000200-0400-0500-0006-000700080009",), ()),
        Reading(("Not Settable", "To be filled by O.E.M."), ()),
        Reading((), ("00:00:00:00:00:00", "02:42:ac:11:00:02", "ff:ff:ff:ff:ff:ff", "none")),
    ],
    ids=["zeros", "ones", "sample", "words", "cards"],
)
def test_what_many_machines_have_in_common_tells_nothing(reading: Reading) -> None:
    assert not Hardware.of(reading)
    assert str(Hardware.of(reading)) == "nothing that can be read here"


def test_what_is_kept_is_no_serial_number_and_comes_back() -> None:
    text = FULL.to_text()

    assert Hardware.from_text(text) == FULL
    assert "4c4c4544" not in text
    assert "a4:bb" not in text
    assert str(FULL) == "the board's number and 1 built-in network card(s)"
    assert FULL.digest() != machine(board=UUID_2).digest()


def put_card(root: Path, name: str, address: str, *, device: str | None, kind: str = "0") -> None:
    card = root / "sys/class/net" / name
    card.mkdir(parents=True)
    (card / "address").write_text(f"{address}\n")
    (card / "addr_assign_type").write_text(f"{kind}\n")
    if device:
        (root / device).mkdir(parents=True)
        (card / "device").symlink_to(root / device)


def test_only_what_hangs_on_the_board_is_read(tmp_path: Path) -> None:
    (tmp_path / "sys/class/dmi/id").mkdir(parents=True)
    (tmp_path / "sys/class/dmi/id/product_uuid").write_text(f"{UUID_1.upper()}\n")
    put_card(tmp_path, "eno1", CARD_1, device="sys/devices/pci0000:00/0000:00:1f.6")
    put_card(tmp_path, "wlx1", CARD_2, device="sys/devices/pci0000:00/0000:00:14.0/usb1/1-2")
    put_card(tmp_path, "br0", CARD_2, device=None)
    put_card(tmp_path, "eno2", CARD_2, device="sys/devices/pci0000:00/0000:00:1f.7", kind="3")

    assert read_hardware(tmp_path) == FULL


def test_a_machine_that_tells_nothing_is_read_all_the_same(tmp_path: Path) -> None:
    assert read_hardware(tmp_path) == Hardware()


def test_a_disk_in_another_machine_stops_and_says_what_to_do(journal: Journal) -> None:
    stop_on_other_hardware(journal, FULL)
    stop_on_other_hardware(journal, FULL)
    assert (journal.stopped, journal.hardware) == ("", FULL.to_text())

    stop_on_other_hardware(journal, machine(board=UUID_2, cards=(CARD_2,)))

    assert "belongs to another machine" in journal.stopped
    assert "python -m kiosk enrol" in journal.stopped


def test_a_machine_that_tells_nothing_keeps_and_stops_nothing(journal: Journal) -> None:
    stop_on_other_hardware(journal, Hardware())
    assert journal.hardware == ""
    stop_on_other_hardware(journal, FULL)
    stop_on_other_hardware(journal, Hardware())

    assert (journal.stopped, journal.hardware) == ("", FULL.to_text())
