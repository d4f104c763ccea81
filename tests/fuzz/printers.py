"""What comes from a printer, and what goes to the one made of software."""

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from printer.profile import PROFILES, ProfileError, parse_profile, profile_toml
from printer.questions import Clock, Questions
from printer.status import (
    FrameKind,
    PrinterState,
    Question,
    cut_frames,
    is_cleared,
    is_offline,
    parse_automatic,
    parse_process_ids,
    parse_queued,
    parse_realtime,
    parse_state,
    queued_paper_end,
)
from printer.virtual.machine import Machine
from printer.virtual.paper import Paper
from tests.fuzz.target import Target, feeding, some

LONGEST_REPLY = 96
DLE = b"\x10"

REPLIES = (
    b"\x12\x12\x12\x12",
    b"\x16\x12\x1e\x72",
    b"\x10\x00\x00\x00\x12",
    b"\x37\x221234\x00\x00",
    b"\x37\x25\x00\x11\x13",
    b"\x5fEPSON\x00\x5fTM-T88V\x00",
    b"\x37" + b"A" * 100 + b"\x00\x12",
    b"\x14\x0c\x0f\x0f\x16",
)

PRINTED = (
    b"\x1b@\x1bt.Hi\n\x1d!\x11\x1b$\x40\x01\x1dL\x08\x00\x1dVB\x00\x1dr1",
    b"\x1dv0\x00\x02\x00\x02\x00\x10\x04\x01\xff\x1d(k\x03\x001Q0\x1dV\x00",
    b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x0b\x001P0https://a\x1d(k\x03\x001Q0",
    b"\x1d(L\x0b\x000C0ab\x01\x08\x00\x01\x00\x31\xff\x1d(L\x06\x000Eab\x01\x01",
    b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04\x10\x05\x02\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08",
    b"\x1da\xff\x1d(H\x06\x0000abcd\x1dI\x42\x1bJ\xff\x1bd\x03\x1dV\x41\x03",
    b"\x1bE\x01\x1ba\x01\x1d\x42\x01abc\xe4\xf6\n\x1bM\x01\x1b2\x1b3\x10\x1b \x05x\n\x1dV\x01",
)


def read_replies(data: bytes) -> None:
    """Cut replies, whole and as they may come; say what each means."""
    frames, rest = cut_frames(data)
    assert b"".join(frame.data for frame in frames) + rest == data, "bytes were lost or made up"
    assert len(rest) < LONGEST_REPLY, "a reply without an end hides what follows it"
    again, begun = [], b""
    for at in range(0, len(data), 7):
        some_frames, begun = cut_frames(begun + data[at : at + 7])
        again += some_frames
    assert (tuple(again), begun) == (frames, rest), "it depends on how the bytes came"
    for frame in frames:
        assert isinstance(parse_automatic(frame), PrinterState | None)
        assert is_offline(frame) in (True, False, None)
        assert is_cleared(frame) in (True, False)
    assert all(len(told) == 4 for told in parse_process_ids(data))
    for answer in (parse_realtime(data), parse_queued(data)):
        if answer is not None:
            queued_paper_end(answer)
    if len(data) >= len(Question):
        assert parse_state(dict(zip(Question, data, strict=False))) in PrinterState


@dataclass
class Babbler:
    """A line at whose other end somebody says these bytes, some at each reading."""

    said: bytes
    seconds: float = 0.0

    def write(self, data: bytes, *, timeout: float = 0.0) -> None:
        """Take what is said to it."""

    def read(self, limit: int, *, timeout: float) -> bytes:
        """Return the next bytes; none where there are no more, after that long."""
        some_bytes, self.said = self.said[:5], self.said[5:]
        self.seconds += 0.001 if some_bytes else timeout
        return some_bytes[:limit]

    def close(self) -> None:
        """Hang up."""


def ask_a_babbler(data: bytes) -> None:
    """Ask a printer that says anything: a state comes out, in bounded time."""
    line = Babbler(data)
    patient = Clock(lambda: line.seconds, lambda _: None)
    questions = Questions(line, patience=0.5, clock=patient)  # type: ignore[arg-type]
    assert questions.state() in PrinterState
    assert isinstance(questions.more_comes(FrameKind.REALTIME), bool)
    assert line.seconds < 60, "it listens for ever"


@contextmanager
def virtual_printers(_: Path) -> Iterator[Callable[[bytes], None]]:
    """Lend a virtual printer that takes anything: what it cuts off has a bounded length."""

    def feed(data: bytes) -> None:
        pieces = []
        machine = Machine(576, pieces.append, nv_bytes=65_536)
        half = len(data) // 2
        machine.receive(data[:half])
        machine.receive(data[half:])
        if DLE in data:
            return  # what is obeyed at once depends on when it comes
        whole = []
        Machine(576, whole.append, nv_bytes=65_536).receive(data)
        assert [_look(piece) for piece in pieces] == [_look(piece) for piece in whole], (
            "what comes out depends on how the bytes came"
        )

    assert Paper(576)
    yield feed


def _look(piece: object) -> tuple[tuple[int, int], bytes]:
    picture = piece.picture  # type: ignore[attr-defined]
    return picture.size, picture.convert("L").tobytes()


def read_profile(data: bytes) -> None:
    """Read a printer profile; what can be read comes back the same from what it is written as."""
    try:
        content = tomllib.loads(data.decode())
    except (ValueError, RecursionError):
        return
    try:
        profile = parse_profile(content)
    except ProfileError:
        return
    assert parse_profile(tomllib.loads(profile_toml(profile))) == profile


TARGETS = (
    Target(
        name="replies of a printer",
        holds="no byte lost or made up; the same however they come; every reply has an end",
        corpus=some(REPLIES),
        open=feeding(read_replies),
        modules=("printer.status",),
        longest=4096,
    ),
    Target(
        name="questions to a printer that says anything",
        holds="a state comes out, within a minute of the printer's clock",
        corpus=some(REPLIES),
        open=feeding(ask_a_babbler),
        modules=("printer.questions", "printer.status"),
        longest=4096,
    ),
    Target(
        name="the virtual printer's decoder",
        holds="it obeys or leaves out; without real-time commands the same paper however they come",
        corpus=some(PRINTED),
        open=virtual_printers,
        modules=tuple(
            f"printer.virtual.{name}"
            for name in ("commands", "machine", "paper", "graphics", "nv_memory", "real_time")
        ),
        seconds=5.0,
        longest=8192,
    ),
    Target(
        name="printer profiles",
        holds="refused by ProfileError, or the same after being written and read",
        corpus=some(file.read_bytes() for file in sorted(PROFILES.glob("*.toml"))),
        open=feeding(read_profile),
        modules=("printer.profile",),
    ),
)
