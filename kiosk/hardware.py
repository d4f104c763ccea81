"""The hardware of a kiosk: what tells this machine from the next one, as far as Linux lets on.

Each trait is hashed at once: what is kept, sent or shown is no serial number. Only what a disk
does not carry along counts, so ``/etc/machine-id`` does not. Without root the board's number cannot
be read (the kernel shows it to nobody else), and then the built-in network cards are what there
is. A virtual machine, a container or a machine with nothing but a USB adapter may have no trait at
all: then nothing is known, and nothing is said of it.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BOARD_FILES = (
    "sys/class/dmi/id/product_uuid",  # SMBIOS 3.7, 7.2.1; mode 0400
    "sys/firmware/devicetree/base/serial-number",  # Raspberry Pi and the like
)
CARDS = "sys/class/net"

# Written into machine after machine by makers who filled in nothing: one digit over and over, or
# the number of the sample that AMI ships.
_NOBODYS = re.compile(r"(.)\1*|03000200040005000006000700080009")
_NUMBER = re.compile(r"[0-9a-f]{8,64}")

_LOCALLY_GIVEN, _GROUP = 0x02, 0x01
"""Bits of the first byte of a MAC address (IEEE 802, 8.2): no maker stands for it; not one card."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a machine.

    Attributes:
        boards: Numbers of the board, as they stood there.
        cards: MAC addresses of network cards that are built in.

    """

    boards: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hardware:
    """What is known of a machine: traits such as ``"card:9f86d0…"``; none is honest as well."""

    traits: frozenset[str] = frozenset()

    @classmethod
    def of(cls, reading: Reading) -> "Hardware":
        """Return what a reading tells; what many machines have in common tells nothing."""
        boards = {number for board in reading.boards if (number := _board_number(board))}
        cards = {number for card in reading.cards if (number := _card_number(card))}
        return cls(frozenset(_hashed("board", boards)) | frozenset(_hashed("card", cards)))

    @classmethod
    def from_text(cls, text: str) -> "Hardware":
        """Return what `to_text` wrote."""
        return cls(frozenset(text.split()))

    def to_text(self) -> str:
        """Return the traits in a line."""
        return " ".join(sorted(self.traits))

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.traits)

    def is_another_than(self, known: "Hardware") -> bool:
        """Whether this is surely not the machine that was known.

        One trait in common is enough: a network card may be changed. Kinds that only one of the
        two tells of, because root could read them and a user cannot, say nothing.
        """
        kinds = _kinds(self.traits) & _kinds(known.traits)
        return bool(kinds) and not self.traits & known.traits

    def digest(self) -> str:
        """Return one SHA-256 over all traits, in hexadecimal, for the server."""
        return hashlib.sha256(self.to_text().encode()).hexdigest()

    def __str__(self) -> str:
        """Return what it is known by, in words."""
        counts = {kind: sum(t.startswith(kind) for t in self.traits) for kind in ("board", "card")}
        known = [
            *(["the board's number"] if counts["board"] else []),
            *([f"{counts['card']} built-in network card(s)"] if counts["card"] else []),
        ]
        return " and ".join(known) or "nothing that can be read here"


def read_hardware(root: Path = Path("/")) -> Hardware:
    """Return what is known of the machine that this runs on."""
    boards = tuple(_read(root / name) for name in BOARD_FILES)
    try:
        cards = tuple(
            _read(card / "address")
            for card in sorted((root / CARDS).iterdir())
            if _is_built_in(card)
        )
    except OSError:
        cards = ()
    return Hardware.of(Reading(boards, cards))


def _is_built_in(card: Path) -> bool:
    """Whether it hangs on the board: virtual ones have no device, and USB ones go elsewhere."""
    device = card / "device"
    permanent = _read(card / "addr_assign_type") == "0"  # NET_ADDR_PERM of linux/netdevice.h
    return device.exists() and permanent and "/usb" not in f"{device.resolve()}"


def _board_number(text: str) -> str:
    number = text.lower().replace("-", "")
    is_one = _NUMBER.fullmatch(number) and not _NOBODYS.fullmatch(number)
    return number if is_one else ""


def _card_number(text: str) -> str:
    number = text.lower()
    if not re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", number):
        return ""
    first = int(number[:2], 16)
    is_of_a_maker = not first & (_LOCALLY_GIVEN | _GROUP) and number != "00:00:00:00:00:00"
    return number if is_of_a_maker else ""


def _hashed(kind: str, numbers: Iterable[str]) -> Iterable[str]:
    for number in numbers:
        digest = hashlib.sha256(f"ankunft hardware v1\0{kind}\0{number}".encode()).hexdigest()
        yield f"{kind}:{digest}"


def _kinds(traits: frozenset[str]) -> set[str]:
    return {trait.partition(":")[0] for trait in traits}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip("\0 \n")
    except OSError:
        return ""
