"""How far enrolling is, as a screen shows it. Pure."""

from dataclasses import dataclass
from enum import Enum


class Step(Enum):
    """What somebody in front of the kiosk is to do now."""

    CODE = "enter a code"
    ASKING = "wait a moment"
    COMPARE = "have the fingerprint compared"
    DONE = "nothing: it is enrolled"


class Hindrance(Enum):
    """Why it does not go on; what is done about it stands on the screen."""

    NO_CODE = "there is no such code"
    LAPSED = "the code has lapsed"
    USED = "the code was used already"
    REFUSED = "an administrator has refused"
    NO_ANSWER = "the server does not answer"
    NOT_TRUSTED = "the server's certificate is not trusted"
    TOO_MANY = "too many tries"
    ELSE = "something that only a technician can mend; the log says what"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is.

    Attributes:
        step: What is to be done.
        hindrance: Why it does not go on; None where it does.
        fingerprint: Of this machine's key, once it asks.
        kiosk: What it is called from now on, once it is one.

    """

    step: Step
    hindrance: Hindrance | None = None
    fingerprint: str = ""
    kiosk: str = ""
