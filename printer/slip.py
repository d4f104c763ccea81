"""What a slip says: plain data, already translated and in the site's own time."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One sentence for the party, and in German for whoever helps it.

    Attributes:
        own: In the party's language.
        german: The same in German; empty when the party reads German.

    """

    own: str
    german: str


@dataclass(frozen=True, slots=True)
class Place:
    """One stop of the route, known by its picture.

    Attributes:
        landmark: Name of the picture, ``"tree"`` for the icon ``landmark-tree``.
        door: What stands on the door, mostly a digit.

    """

    landmark: str
    door: str


@dataclass(frozen=True, slots=True)
class Later:
    """Places of the route that are closed now.

    Attributes:
        places: Those that open at the same time.
        opens: When: "Opens: Thursday 09:00".

    """

    places: tuple[Place, ...]
    opens: Bilingual


@dataclass(frozen=True, slots=True)
class Slip:
    """Everything that is printed on one slip with a number.

    Attributes:
        number: As printed and called: ``"D214"``.
        language: BCP 47 code of the party's language: ``"uk"``.
        language_name: That language in its own words: ``"Українська"``.
        right_to_left: Whether that language runs from the right; mirrors the slip.
        site_name: Name of the reception point.
        printed_at: Date and time in the site's zone and words; empty where the clock
            cannot be trusted.
        heading: What the number is: "Your number".
        adults: Persons of 18 and above in the party.
        children: Persons below 18 in the party.
        places: The route in order; the first is where to go now.
        waiting: Parties ahead and the wait; None where no fresh figure is at hand.
        follow: What the QR code is for; printed only with `ticket_url`.
        ticket_url: Address of the ticket page; None where the site has none.
        keep: "Please keep this slip."
        later: When places open that are closed now.
        copy: 1 for the first slip; 2 on a copy, which then shows "2" in a box.

    """

    number: str
    language: str
    language_name: str
    right_to_left: bool
    site_name: str
    printed_at: str
    heading: Bilingual
    adults: int
    children: int
    places: tuple[Place, ...]
    waiting: Bilingual | None
    follow: Bilingual | None
    ticket_url: str | None
    keep: Bilingual
    later: tuple[Later, ...] = ()
    copy: int = 1


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do while it is closed.

    Attributes:
        icon: Name of the pictogram, ``"bed"``.
        text: What it is.
        detail: An address, a bus line: printed as it is, in Latin letters; "" for none.
        place: Where it is, where it has a door; None where it has none.

    """

    icon: str
    text: Bilingual
    detail: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Directions:
    """Everything that is printed on a slip without a number: what to do while it is closed.

    Attributes:
        right_to_left: Whether the party's language runs from the right; mirrors the slip.
        site_name: Name of the reception point.
        printed_at: Date and time in the site's zone and words; "" where the clock is not trusted.
        heading: "Closed now".
        opens: When it opens; None where that is not known.
        advice: What to do until then.
        no_number: "This slip has no number."
        come_again: "Come again when it is open."
        emergency: "In danger to life call 112."

    """

    right_to_left: bool
    site_name: str
    printed_at: str
    heading: Bilingual
    opens: Bilingual | None
    advice: tuple[Advice, ...]
    no_number: Bilingual
    come_again: Bilingual
    emergency: Bilingual
    number: ClassVar[str] = ""
    copy: ClassVar[int] = 1


Printable = Slip | Directions
"""What a printer prints: one piece of paper."""
