"""The mutation: from known inputs to ones that nobody has thought of, the same for a seed."""

from collections.abc import Callable, Sequence
from random import Random

LONGEST = 64 * 1024
MOST_CHANGES = 5

TELLING = (
    *(b"\x00", b"\xff", b"\x7f", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r\n"),
    *(b"0", b"-1", b"2147483648", b"9223372036854775808", b"1e999", b"NaN", b"-0", b"0x", b"1_0"),
    *(b'"', b"'", b"\\", b"[", b"[[", b"{", b"]", b"}", b"=", b".", b",", b"#", b'"""', b"\\u0000"),
    *(b"null", b"true", b"[]", b"{}", b"a.a.a.a", b"\xe2\x80\xae", b"\xd8\xa7", b"%s%n", b"../"),
)
"""What parsers have stumbled over before."""


def mutated(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """Return an input that is like `data`, changed in up to `MOST_CHANGES` places."""
    for _ in range(chance.randint(1, MOST_CHANGES)):
        data = chance.choice(CHANGES)(data, others, chance)
    return data[:LONGEST]


def _somewhere(data: bytes, chance: Random) -> int:
    return chance.randint(0, len(data))


def _flip(data: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _any_byte(data: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    at = _somewhere(data, chance)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + chance.randint(0, 1) :]


def _leave_out(data: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    at = _somewhere(data, chance)
    return data[:at] + data[at + chance.randint(1, 1 + len(data) // 4) :]


def _repeat(data: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    at = _somewhere(data, chance)
    piece = data[at : at + chance.randint(1, 1 + len(data) // 4)]
    times = chance.choice((1, 1, 2, 8, 64, 512))
    return data[:at] + piece * times + data[at:]


def _put_in(data: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    at = _somewhere(data, chance)
    return data[:at] + chance.choice(TELLING) * chance.choice((1, 1, 1, 3, 50)) + data[at:]


def _cross(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    other = chance.choice(others)
    return data[: _somewhere(data, chance)] + other[_somewhere(other, chance) :]


def _cut_off(data: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    return data[: _somewhere(data, chance)]


def _swap_lines(data: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    lines = data.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


CHANGES: tuple[Callable[[bytes, Sequence[bytes], Random], bytes], ...] = (
    *(_flip, _any_byte, _leave_out, _repeat, _put_in, _cross, _cut_off, _swap_lines),
)
