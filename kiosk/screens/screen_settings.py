"""The screen's own settings: its size in pixels and in inches, and how long it waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import hypot

from kiosk.keypad import Command, commands

MM_PER_INCH = 25.4

LOW_MM = 1050
"""The highest that anything touched may lie above the floor in low reach (DIN 18040-1)."""

ENOUGH = {False: 860, True: 600}
"""In landscape or not: how much room the lowered tiles need, in units of the drawings."""


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """How large the screen is, and how long it waits for a party.

    Attributes:
        width: Pixels.
        height: Pixels; higher than wide is portrait.
        diagonal_inches: Of the visible picture, so that a touch target can be 20 mm.
        mounting_mm: The lower edge of the visible picture above the floor.
        fullscreen: True on a kiosk: no border, no cursor.
        idle_seconds: Without a touch until the party is asked whether it is still there.
        warning_seconds: From asking until everything is forgotten.
        ticket_seconds: How long the number stays after the last news of the slip; longer while it
            is on its way.
        keys: What each key of a keypad does, by its USB usage.
        double_strike_seconds: How soon after itself an arrow is taken for a trembling hand.
        listening_seconds: Both of these at least, while screens are read aloud.

    """

    width: int = 1080
    height: int = 1920
    diagonal_inches: float = 23.8
    mounting_mm: float = 800
    fullscreen: bool = True
    idle_seconds: float = 60
    warning_seconds: float = 20
    ticket_seconds: float = 45
    keys: Mapping[int, Command] = field(default_factory=commands, hash=False)
    double_strike_seconds: float = 0.2
    listening_seconds: float = 180

    @property
    def pixels_per_mm(self) -> float:
        """Pixels in one millimetre of the screen."""
        return hypot(self.width, self.height) / (self.diagonal_inches * MM_PER_INCH)

    @property
    def is_landscape(self) -> bool:
        """True where the screen is wider than high."""
        return self.width > self.height

    @property
    def density(self) -> float:
        """Pixels in one unit of the drawings, which are made for 1080 by 1920 or 1920 by 1080."""
        short, long = sorted((self.width, self.height))
        return min(short / 1080, long / 1920)

    @property
    def reach(self) -> float:
        """How much of the picture lies within low reach, in pixels from its lower edge."""
        return min(max((LOW_MM - self.mounting_mm) * self.pixels_per_mm, 0), self.height)

    @property
    def can_lower(self) -> bool:
        """True where low reach would move anything, and has room enough."""
        return self.reach < self.height and self.low_trouble is None

    @property
    def low_trouble(self) -> str | None:
        """Why nothing can be lowered although something lies too high, and what would help."""
        needed = ENOUGH[self.is_landscape] * self.density
        if self.reach >= min(needed, self.height):
            return None
        highest = int(LOW_MM - needed / self.pixels_per_mm)
        return (
            f"[screen] mounting_mm = {self.mounting_mm:g}: too little of the picture lies within "
            f"{LOW_MM} mm of the floor; {highest} or less would do"
        )
