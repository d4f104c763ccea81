"""The plan of a load: who comes when to which kiosk, and everything by which a part gets in.

The parent writes it into the folder of the run, and each part, a process of its own, reads it.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from tests.day.office import token
from tests.day.plan import arrivals
from tests.load.size import Size

FILE = "plan.json"
FIRST_DIGITS, DIGITS = 100, 900


@dataclass(frozen=True, slots=True)
class PlannedParty:
    """A party that comes.

    Attributes:
        check_in: The id of its check-in, which is that of its visit.
        number: On its slip.
        at: Seconds since the load began.
        kiosk: Which one it goes to, from 0.
        sequence: Its number's place in the kiosk's series.
        language: That it reads.
        adults: 18 and above.
        children: Below 18.
        route: The stages it has to pass.
        proposed: The kiosk proposes priority.
        ticket_token: The secret of its ticket.

    """

    check_in: str
    number: str
    at: float
    kiosk: int
    sequence: int
    language: str
    adults: int
    children: int
    route: tuple[str, ...]
    proposed: bool
    ticket_token: str

    @property
    def id(self) -> UUID:
        """The id of its check-in."""
        return UUID(self.check_in)

    @property
    def persons(self) -> int:
        """How many they are."""
        return self.adults + self.children


@dataclass(frozen=True, slots=True)
class KioskKey:
    """By which a kiosk gets in, and to what it seals."""

    name: str
    letter: str
    token: str
    site: str
    key_id: str
    public_key: str


@dataclass(frozen=True, slots=True)
class CounterKey:
    """By which somebody at a counter gets in: the cookies of their browser."""

    counter: str
    stage: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the parts of a load have to know.

    Attributes:
        size: How much.
        port: Of the server, on loopback.
        ticket_port: Of its ticket listener.
        parties: Who come, in order.
        kiosks: One for each.
        counters: One for each.
        lead: The cookies of the shift lead's browser.
        displays: The path that lets each display in.

    """

    size: Size
    port: int
    ticket_port: int
    parties: tuple[PlannedParty, ...]
    kiosks: tuple[KioskKey, ...]
    counters: tuple[CounterKey, ...]
    lead: str
    displays: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Keep it for the parts."""
        file = folder / FILE
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def read(folder: Path) -> "Plan":
        """Return what the parent has written."""
        told: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        told["size"] = Size(**told["size"])
        told["kiosks"] = tuple(KioskKey(**key) for key in told["kiosks"])
        told["counters"] = tuple(CounterKey(**key) for key in told["counters"])
        told["displays"] = tuple(told["displays"])
        told["parties"] = tuple(
            PlannedParty(**party | {"route": tuple(party["route"])}) for party in told["parties"]
        )
        return Plan(**told)


def planned_parties(size: Size, letters: Sequence[str]) -> tuple[PlannedParty, ...]:
    """Return who comes; everybody goes to a kiosk, each with a letter of its own."""
    chance = random.Random(size.seed)  # noqa: S311  # a day to be had again, not a secret
    given = [0] * size.kiosks
    parties = []
    for arrival in arrivals(size.persons, chance):
        kiosk = chance.randrange(size.kiosks)
        given[kiosk] += 1
        parties.append(
            PlannedParty(
                check_in=str(uuid7()),
                number=f"{letters[kiosk]}{FIRST_DIGITS + given[kiosk] % DIGITS}",
                at=arrival.minute * 60 / size.times_faster,
                kiosk=kiosk,
                sequence=given[kiosk],
                language=arrival.language,
                adults=arrival.adults,
                children=arrival.children,
                route=arrival.route,
                proposed=arrival.proposed,
                ticket_token=token(),
            )
        )
    return tuple(parties)
