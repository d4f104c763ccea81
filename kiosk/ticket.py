"""A ticket: the right to be called, as the screen and the slip show it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kiosk.contract.messages import StageWait
from kiosk.contract.questions import Option
from kiosk.contract.site import Stage
from kiosk.hours import Opening
from kiosk.questionnaire import Party


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a party holds after its check-in; lives in memory until the party has gone.

    Attributes:
        id: The check-in's id, a UUIDv7.
        number: As printed and called, ``"D214"``.
        language: The party's, ``"uk"``.
        party: How many they are.
        route: The stages to pass, in order; the first is where to go now.
        places: What the party wants that needs no number, each with where it is.
        wait: How long the queue of its first stage is, where that was fresh.
        url: The ticket page, with the secret token; None where the site has no public address.
        opening: Which stages were closed when it was given out, and when they open.

    """

    id: UUID
    number: str
    language: str
    party: Party
    route: tuple[Stage, ...]
    places: tuple[Option, ...] = ()
    wait: StageWait | None = None
    url: str | None = None
    opening: Opening = field(default_factory=Opening)

    @property
    def closed_doors(self) -> tuple[tuple[datetime | None, tuple[Stage, ...]], ...]:
        """The stages of the route that are closed now, by when they open, in order of the route."""
        groups: dict[datetime | None, tuple[Stage, ...]] = {}
        for stage in self.route:
            if stage.id in self.opening.closed_stages:
                opens = self.opening.closed_stages[stage.id]
                groups[opens] = (*groups.get(opens, ()), stage)
        return tuple(groups.items())
