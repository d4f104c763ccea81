"""The messages of contract v1, as pydantic models.

Unknown fields are ignored, so that an old server takes a newer kiosk's check-in; every known
field is checked. What a party said travels only inside `CheckIn.sealed`.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""A name that people gave to a site, kiosk, stage, counter or key: ``"entrance-1"``."""

Number = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}[1-9][0-9]{2}$")]
"""A number as printed and called: ``"D214"``."""

Language = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN)]
"""A language by its ISO 639 code: ``"uk"``."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in hexadecimal."""


Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]*$")]
"""Words in one line; not every database could keep others."""

TOO_MANY = 2**53
"""No count reaches it: up to here every JSON reader is exact, and every database."""


class Message(BaseModel):
    """What all messages share: they do not change once made."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    def to_bytes(self) -> bytes:
        """Return the message as JSON in UTF-8, the bytes that are sent and hashed."""
        return self.model_dump_json().encode()


def _text_or_nothing(value: Any) -> str | None:  # noqa: ANN401  # anything may arrive here
    return value if isinstance(value, str) else None


class CheckIn(Message):
    """A party has arrived: a clear envelope around sealed content.

    `PUT /v1/check-ins/{id}`. Only the envelope can make a server refuse (422). A `sealed`
    that is missing, no text or cannot be opened is admitted all the same, and marked: a party
    that holds a slip must never be stranded.
    """

    id: UUID = Field(description="UUIDv7, made on the kiosk; the same at every attempt.")
    kiosk: Name
    key_id: Name = Field(description="Which of the site's keys `sealed` is sealed to.")
    sequence: int = Field(ge=1, lt=TOO_MANY, description="Counts this enrolment's check-ins.")
    number: Number
    made_at: AwareDatetime | None = Field(description="Null where the clock is not trusted.")
    site_version: str = Field(max_length=64, description="The site file that asked.")
    sealed: Annotated[str | None, BeforeValidator(_text_or_nothing)] = Field(
        default=None,
        description="CheckInContent, sealed to the site (HPKE, RFC 9180), in base64.",
    )


class CheckInContent(Message):
    """What a party answered; travels sealed, and is forgotten by the kiosk at once."""

    language: Language
    adults: int = Field(ge=0, le=99)
    children: int = Field(ge=0, le=99)
    answers: dict[str, tuple[str, ...]] = Field(
        default={},
        description="Question to the options chosen, or to what was counted or entered, of those "
        "asked; without questions that propose priority.",
    )
    route: tuple[Name, ...] = Field(default=(), description="Stages in order.")
    priority: bool = Field(default=False, description="Proposed, not decided; no reason given.")
    ticket_token: str = Field(pattern=r"^[A-Za-z0-9_-]{22}$", description="128 random bits.")


class Receipt(Message):
    """The server has the check-in, durably. Nothing else confirms one."""

    id: UUID
    sha256: Sha256 = Field(description="Of the exact body that is stored.")
    highest_sequence: int = Field(ge=0, description="The highest seen of this enrolment.")


class HelpKind(StrEnum):
    """What a help call asks for."""

    DOCTOR = "doctor"
    PERSON = "person"
    CHILD_ALONE = "child-alone"


class HelpCall(Message):
    """A person is wanted at a kiosk. Never joined to a visit.

    `PUT /v1/help-calls/{id}`; repeating it asks whether anyone has answered.
    """

    id: UUID
    kiosk: Name
    kind: HelpKind
    language: Language | None = Field(description="Null before a language was chosen.")


class HelpState(StrEnum):
    """How far a help call is."""

    CALLED = "called"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class HelpCallAnswer(Message):
    """What the server knows of a help call."""

    id: UUID
    state: HelpState


class SlipState(StrEnum):
    """How a slip is. The last three are outcomes and travel to the server."""

    WAITING = "waiting"
    SENDING = "sending"
    PRINTED = "printed"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"


class SlipOutcome(Message):
    """What became of a slip. `PUT /v1/slips/{id}`, with the id of the check-in.

    The outcome may be corrected (unconfirmed, then printed): a higher `revision` replaces a
    lower one, and a lower one arriving late changes nothing.
    """

    id: UUID
    kiosk: Name
    outcome: Literal[SlipState.PRINTED, SlipState.FAILED, SlipState.UNCONFIRMED]
    copies: int = Field(ge=0, le=9, description="How many were sent to paper so far.")
    revision: int = Field(ge=1, lt=TOO_MANY)


class SlipReceipt(Message):
    """The server has stored this revision of the outcome, or a later one."""

    id: UUID
    revision: int = Field(ge=1, lt=TOO_MANY)


class Counters(Message):
    """What a kiosk has counted since its enrolment; only ever grows."""

    check_ins: int = Field(default=0, ge=0, lt=TOO_MANY)
    abandoned: int = Field(
        default=0, ge=0, lt=TOO_MANY, description="Dialogues left without a ticket."
    )
    help_calls: int = Field(default=0, ge=0, lt=TOO_MANY)
    wrong_codes: int = Field(
        default=0, ge=0, lt=TOO_MANY, description="At the staff menu; never the digits."
    )


Sounds = Literal["ready", "none", "off"]
"""What a kiosk tells of its sound device; "off" where the settings want no sound."""


class Trouble(StrEnum):
    """What staff should look at. A kiosk may tell of others, such as ``texts-uk``."""

    DISK_FULL = "disk-full"
    DISK_READ_ONLY = "disk-read-only"
    DISK_STUCK = "disk-stuck"
    JOURNAL_DAMAGED = "journal-damaged"
    JOURNAL = "journal"
    STOPPED = "stopped"
    TAKEN_OUT = "taken-out"
    NOT_ENROLLED = "not-enrolled"
    TEXTS = "texts"
    FONT = "font"
    PICTURES = "pictures"
    SCREENS = "screens"


TEXTS_OF = "texts-"
"""A trouble that begins so names a language whose texts are damaged: ``texts-uk``."""


MOST_KEYS_TOLD = 40
"""A kiosk that holds check-ins for more keys tells of none."""


class Heartbeat(Message):
    """How a kiosk is. `POST /v1/heartbeats`."""

    kiosk: Name
    program_version: Line = Field(max_length=64)
    site_version: Line = Field(max_length=64)
    printer: Line = Field(max_length=40, description="ready, paper-out, silent, …")
    clock_trusted: bool
    disk_free_bytes: int = Field(ge=0, lt=TOO_MANY)
    outbox_depth: int = Field(
        ge=0, lt=TOO_MANY, description="Check-ins that are not yet confirmed."
    )
    highest_sequence: int = Field(
        ge=0, lt=TOO_MANY, description="The highest this kiosk has given out."
    )
    counters: Counters
    sound: Sounds | None = Field(default=None, description="Null where the kiosk does not tell.")
    troubles: tuple[Name, ...] = Field(
        default=(), max_length=40, description="What staff should look at: disk-full, texts-uk, …"
    )
    sealed_to: tuple[Name, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_KEYS_TOLD,
        description="The site's keys that this kiosk holds check-ins for, whether confirmed or "
        "not; first the one that it seals to now. Null where it does not tell.",
    )


class StageWait(Message):
    """How long a stage's queue is. The range is null where no rate is known."""

    stage: Name
    parties_ahead: int = Field(ge=0)
    minutes_from: int | None = Field(default=None, ge=0)
    minutes_to: int | None = Field(default=None, ge=0)


class HeartbeatAnswer(Message):
    """What a kiosk learns when it reports."""

    kiosk: Name | None = Field(
        default=None, description="Whose report it answers. Another kiosk's is none of yours."
    )
    as_of: AwareDatetime
    store_id: UUID = Field(description="Changes when the server's store was made anew.")
    site_version: str
    key_id: Name | None = Field(
        default=None,
        description="The key to seal to. Another one than the kiosk has: fetch the site again.",
    )
    highest_sequence: int = Field(ge=0, description="The highest seen of this enrolment.")
    missing_sequences: tuple[int, ...] = Field(
        default=(), description="Below the highest and not here, at most 1,000: send again."
    )
    waits: tuple[StageWait, ...] = ()
    closed_until: AwareDatetime | None = Field(
        default=None,
        description="Staff give out no more numbers until then, the next service day at the "
        "latest; null while they do.",
    )


class RefusalCode(StrEnum):
    """Why a request was refused: for machines. The message beside it is for people."""

    UNREADABLE = "unreadable"
    OTHER_BYTES = "other-bytes"
    NOT_ENROLLED = "not-enrolled"
    TOKEN_EXPIRED = "token-expired"  # noqa: S105  # no password
    CHALLENGE_LAPSED = "challenge-lapsed"
    CODE_UNKNOWN = "code-unknown"
    CODE_LAPSED = "code-lapsed"
    CODE_USED = "code-used"
    KEY_USED = "key-used"
    NOT_YOURS = "not-yours"
    UNKNOWN = "unknown"
    TOO_LARGE = "too-large"
    TOO_MANY = "too-many"
    TRY_AGAIN = "try-again"


class Refusal(Message):
    """The server's own word that it does not take a message.

    `ankunft` tells it from the error page of a proxy in between, which is never final.
    """

    ankunft: Literal[1] = 1
    code: RefusalCode
    message: str


FINAL_STATUSES = frozenset({409, 422})
"""Statuses that will be the same tomorrow, given a `Refusal` body; all others are retried."""
