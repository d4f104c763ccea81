"""The stockroom: which pictures a printer holds, and putting there what is missing.

What a printer holds is what it says that it holds, asked each time the line is new: a swapped
or emptied printer is noticed, and nothing has to be remembered here.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from printer.artwork import Artwork
from printer.compact import PictureStep
from printer.nv_graphics import ACK, ASK_FREE, ASK_KEYS, define, delete, parse_free, parse_keys
from printer.profile import Profile
from printer.questions import Clock, Questions
from printer.status import Frame, FrameKind
from printer.stock import LABEL, Stock, is_label, is_ours, stock_for, stored_raster
from printer.transports import Transport

log = logging.getLogger(__name__)

OVERHEAD = 64
"""Bytes that a printer may need beside each picture (24 on Epson's TM-T81)."""

PAUSE_SECONDS = 24 * 3600 / 10
"""Between two pictures that are put there by the way: at most ten a day, for memories wear."""

WRITE_SECONDS = 10.0
"""How long a printer may be mute while it writes one picture."""

_BLOCKS = 100
"""Blocks of keys that are listened to; more is a printer that repeats itself."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Work:
    """Commands, and what must be seen afterwards."""

    commands: bytes
    there: frozenset[bytes] = frozenset()
    gone: frozenset[bytes] = frozenset()


class Stockroom:
    """The pictures of one printer; belongs to the thread of its printer.

    Args:
        profile: What the printer can do; without `nv_graphics` nothing is ever asked or sent.
        artwork: Fonts and pictograms.
        patience: Seconds a printer may take to answer.
        clock: Seconds.

    """

    def __init__(
        self,
        profile: Profile,
        artwork: Artwork,
        *,
        patience: float = 3.0,
        clock: Clock | None = None,
    ) -> None:
        self._profile = profile
        self._artwork = artwork
        self._patience = patience
        self._clock = clock or Clock()
        self._put_at = 0.0
        self.forget()

    def forget(self) -> None:
        """Assume nothing: the printer may be another one by now."""
        self._ask_at = 0.0
        self._listed: frozenset[bytes] | None = None
        self._free = 0
        self._in_vain: set[bytes] = set()
        self._held: Mapping[PictureStep, bytes] = _NOTHING

    @property
    def held(self) -> Mapping[PictureStep, bytes]:
        """The pictures that this printer was seen to hold, with their keys."""
        return self._held

    @property
    def asked(self) -> bool:
        """Whether the printer has said what it holds since `forget`."""
        return self._listed is not None

    @property
    def due(self) -> bool:
        """Whether there is something for `tend` to do by now."""
        at = self._put_at if self.asked else self._ask_at
        return self._profile.nv_graphics and self._clock.monotonic() >= at

    def tend(self, transport: Transport) -> None:
        """Ask what the printer holds, or put one picture there, where it is time for that.

        Raises:
            PrinterUnreachableError: The line is dead.

        """
        if not self.due:
            return
        if not self.asked:
            self._ask_at = self._clock.monotonic() + PAUSE_SECONDS
            self.ask(transport)
        else:
            self._put_at = self._clock.monotonic() + PAUSE_SECONDS
            self.put_next(transport)

    @property
    def wanted(self) -> int:
        """How many pictures are worth keeping, where there is room."""
        return len(self._stock.keys) if self._profile.nv_graphics else 0

    def ask(self, transport: Transport) -> None:
        """Ask what the printer holds and what is free; one that says nothing holds nothing.

        Raises:
            PrinterUnreachableError: The line is dead.

        """
        if self._profile.nv_graphics:
            self._ask(transport, self._patience)

    def put_next(self, transport: Transport) -> bool:
        """Bring what the printer holds one step nearer to the stock, and see whether it worked.

        Only for a printer that is idle and ready: it prints nothing while it writes.

        Returns:
            True while there is more to do.

        Raises:
            PrinterUnreachableError: The line is dead; what the printer holds is open.

        """
        work = self._next_work()
        if work is None:
            return False
        self._held = _NOTHING  # until the printer has said what it holds now
        transport.write(work.commands)
        wire = len(work.commands) / (transport.bytes_per_second or float("inf"))
        self._ask(transport, self._patience + wire + WRITE_SECONDS)
        if self._listed is None:
            return False
        self._in_vain |= (work.there - self._listed) | (work.gone & self._listed)
        return self._next_work() is not None

    def _ask(self, transport: Transport, patience: float) -> None:
        self._listed, self._held = None, _NOTHING
        questions = Questions(transport, patience=patience, clock=self._clock)
        questions.forget()
        listed = _ask_keys(questions, patience)
        if listed is not None:
            questions.send(ASK_FREE)
            free = questions.wait_for(_understood(parse_free), self._patience)
        if listed is None or free is None:
            log.warning("printer does not say which pictures it keeps")
            return
        self._listed, self._free = listed, free
        if {key for key in listed if is_label(key)} == self._stock.labels:
            keys = self._stock.keys
            self._held = {step: key for step, key in keys.items() if key in listed}

    def _next_work(self) -> _Work | None:
        """Return what to do next; None when all is done that can be done."""
        if self._listed is None:
            return None
        missing = self._stock.labels - self._listed
        strange = {key for key in self._listed if is_label(key)} - self._stock.labels
        if not missing and not strange:
            return self._next_picture(self._listed)
        # Another stock, or the remains of one: its keys mean other pictures.
        stale = frozenset(key for key in self._listed if is_ours(key)) - self._stock.labels
        work = _Work(b"".join(map(delete, sorted(stale))), gone=stale)
        if not stale:
            labels = b"".join(define(key, LABEL) for key in sorted(missing))
            work = _Work(labels, there=missing)
        return None if (work.there | work.gone) & self._in_vain else work

    def _next_picture(self, listed: frozenset[bytes]) -> _Work | None:
        for step, key in self._stock.keys.items():
            if key in listed or key in self._in_vain:
                continue
            raster = stored_raster(step, self._profile, self._artwork)
            if len(raster.data) + OVERHEAD <= self._free:
                return _Work(define(key, raster), there=frozenset({key}))
            self._in_vain.add(key)  # there is no room for it
        return None

    @cached_property
    def _stock(self) -> Stock:
        return stock_for(self._profile, self._artwork)


_NOTHING: Mapping[PictureStep, bytes] = MappingProxyType({})


def _ask_keys(questions: Questions, patience: float) -> frozenset[bytes] | None:
    """Return the keys in use; None where no whole answer came."""
    questions.send(ASK_KEYS)
    keys: set[bytes] = set()
    for _ in range(_BLOCKS):
        block = questions.wait_for(_understood(parse_keys), patience)
        if block is None:
            return None
        keys.update(block.keys)
        questions.send(ACK)
        if not block.more:
            return frozenset(keys)
    return None


def _understood(parse: Callable[[bytes], Answer | None]) -> Callable[[Frame], Answer | None]:
    return lambda frame: parse(frame.data) if frame.kind is FrameKind.BLOCK else None
