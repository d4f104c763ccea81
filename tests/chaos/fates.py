"""Fates: what can befall a connection or a request on its way, and the dice that decide it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Misfortune(StrEnum):
    """What goes wrong on a line."""

    # Of any connection, whatever it carries.
    REFUSED = "refused"
    CUT = "cut"
    ENDED = "ended"
    SILENT = "half-open"
    DEAF = "bytes of one direction vanish"
    LATE = "late"
    TRICKLE = "a byte at a time"
    # Of one request over HTTP and its answer.
    ANSWER_LOST = "answer lost"
    ANSWER_TRUNCATED = "answer truncated"
    TWICE = "sent twice"
    OVERTAKEN = "overtaken"
    NOT_DELIVERED = "somebody else answers"
    DELIVERED_ALL_THE_SAME = "delivered, and somebody else answers"


OF_CONNECTIONS = (
    Misfortune.REFUSED,
    Misfortune.CUT,
    Misfortune.ENDED,
    Misfortune.SILENT,
    Misfortune.DEAF,
    Misfortune.LATE,
    Misfortune.TRICKLE,
)
OF_LASTING = (
    Misfortune.CUT,
    Misfortune.ENDED,
    Misfortune.DEAF,
    Misfortune.LATE,
    Misfortune.TRICKLE,
)
OF_REQUESTS = tuple(set(Misfortune) - set(OF_CONNECTIONS))


@dataclass(frozen=True, slots=True)
class Fate:
    """What befalls one connection.

    Attributes:
        kind: None where nothing does.
        after: Bytes that were carried in its direction before it strikes.
        upwards: Whether it strikes what the client sends, or else what it is sent.

    """

    kind: Misfortune | None = None
    after: int = 0
    upwards: bool = True


class Dice:
    """Decides what befalls whom: the same seed throws the same, throw by throw.

    Args:
        seed: Of the throws.
        share: Of connections, and of requests, that something befalls; 0.0 to 1.0.
        kinds: What may.

    """

    def __init__(
        self, seed: int, *, share: float = 0.3, kinds: Sequence[Misfortune] = tuple(Misfortune)
    ) -> None:
        self.share = share
        self._random = Random(seed)  # noqa: S311  # not a secret
        self._of_connections = [kind for kind in OF_CONNECTIONS if kind in kinds]
        self._of_lasting = [kind for kind in OF_LASTING if kind in kinds]
        self._of_requests = sorted(kind for kind in OF_REQUESTS if kind in kinds)

    def connection(self) -> Fate:
        """Return what befalls a new connection."""
        kind = self._throw(self._of_connections)
        # Mostly within the first message, whose places are all different.
        after = int(2 ** self._random.uniform(0, 12))
        return Fate(kind, after, upwards=self._random.random() < 0.5)

    def lasting(self) -> Fate:
        """Return what befalls a connection, or an answer, that goes on for hours: some time."""
        kind = self._random.choice(self._of_lasting) if self._of_lasting else None
        after = int(2 ** self._random.uniform(5, 16))
        return Fate(kind, after, upwards=self._random.random() < 0.5)

    def request(self) -> Misfortune | None:
        """Return what befalls a request."""
        return self._throw(self._of_requests)

    def between(self, least: float, most: float) -> float:
        """Return a number, such as of seconds."""
        return self._random.uniform(least, most)

    def one_of(self, things: Sequence[bytes]) -> bytes:
        """Return one of them."""
        return self._random.choice(things)

    def _throw(self, kinds: Sequence[Misfortune]) -> Misfortune | None:
        if not kinds or self._random.random() >= self.share:
            return None
        return self._random.choice(kinds)
