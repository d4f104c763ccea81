"""The size of a load: how many people come, how many devices there are, and how long it takes."""

from dataclasses import dataclass, replace

from kiosk.courier import HEARTBEAT_SECONDS

DAY_MINUTES = 24 * 60.0
MOST_HEARTBEATS = 10.0
"""A second, of all kiosks together, unless they are so many that they send more anyway."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked of one server.

    Attributes:
        persons: Who come on the day.
        kiosks: That deliver.
        counters: Each with somebody who follows its page and presses.
        displays: Walls that follow the calls.
        phones: Open on a ticket page at any time.
        minutes: Into which the day is pressed: what people do takes that much less time.
        seed: The same gives the same day.

    """

    persons: int = 2500
    kiosks: int = 20
    counters: int = 40
    displays: int = 10
    phones: int = 500
    minutes: float = 6.0
    seed: int = 7

    @property
    def times_faster(self) -> float:
        """How many times faster than at a real entrance people come and are served."""
        return DAY_MINUTES / self.minutes

    @property
    def hurry(self) -> float:
        """How many times faster counters work, so that as many can serve as many as come."""
        return self.times_faster * (self.persons / 2500) * (40 / self.counters)

    @property
    def heartbeats(self) -> float:
        """Of all kiosks, a second: as much faster as the day, up to a bound."""
        real = self.kiosks / HEARTBEAT_SECONDS
        return max(real, min(MOST_HEARTBEATS, real * self.times_faster))

    def with_more_people(self, times: int) -> "Size":
        """Return it with so many times the people, at the same devices."""
        return replace(self, persons=times * self.persons)

    def grown(self, times: int) -> "Size":
        """Return it with so many times the people, and as many times the devices."""
        return replace(
            self.with_more_people(times),
            kiosks=times * self.kiosks,
            counters=times * self.counters,
            displays=times * self.displays,
            phones=times * self.phones,
        )
