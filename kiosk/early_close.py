"""The early close: the server's word that no more numbers are given out on this service day."""

from dataclasses import dataclass
from datetime import timedelta

from kiosk.contract.messages import HeartbeatAnswer
from kiosk.contract.site import Site
from kiosk.hours import Opening, closed_until

LONGEST = timedelta(hours=25)
"""No service day is longer: a server that says more errs, and then the hours decide again."""


@dataclass(frozen=True, slots=True)
class EarlyClose:
    """Staff have closed before the hours of the site say so.

    It ends by itself, counted in seconds since the server said it: the wall clock of the kiosk
    may be wrong by years, and a server that has gone away says nothing more. Nothing of it is
    kept on disk.

    Attributes:
        opening: That the site is closed, and when it opens.
        ends: When the hours of the site decide again, in seconds that never jump.

    """

    opening: Opening
    ends: float

    @classmethod
    def heard(cls, answer: HeartbeatAnswer, site: Site, *, at: float) -> "EarlyClose | None":
        """Return what the server's answer says of it; None where numbers are given out.

        Args:
            answer: As the server gave it.
            site: Whose hours tell when it opens after that.
            at: When it came, in seconds that never jump.

        """
        if answer.closed_until is None:
            return None
        until = min(answer.closed_until, answer.as_of + LONGEST)
        rest = (until - answer.as_of).total_seconds()
        if rest <= 0:
            return None
        return cls(closed_until(site, until, now=answer.as_of), at + rest)

    def holds(self, *, at: float) -> bool:
        """Return whether the server's word still counts."""
        return at < self.ends
