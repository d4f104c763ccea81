"""What a slip says: plain data, already translated and in the site's own time."""

from dataclasses import dataclass


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
class Slip:
    """Everything that is printed on one slip.

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
    copy: int = 1
