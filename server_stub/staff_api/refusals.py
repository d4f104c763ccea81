"""The refusals of the staff API: what was not done, why, and what would be possible instead.

A `StaffRefusal` begins like the `Refusal` of the kiosks' contract, so that whoever knows one reads
the other. Messages are English sentences for people, and hold nothing that a party has said.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field
from starlette.responses import Response

from kiosk.contract.messages import Message


class StaffCode(StrEnum):
    """Why something was not done: for machines."""

    UNREADABLE = "unreadable"
    NOT_LOGGED_IN = "not-logged-in"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105  # a code
    MAY_NOT = "may-not"
    UNKNOWN = "unknown"
    STALE = "stale"
    NOT_POSSIBLE = "not-possible"
    ACTION_REUSED = "action-reused"
    PRUNED = "pruned"
    TOO_LARGE = "too-large"
    TOO_MANY = "too-many"
    TRY_AGAIN = "try-again"


class FieldTrouble(Message):
    """One field that cannot be read. Its value is not repeated."""

    field: str = Field(description="Its name, with dots where it lies inside another.")
    needs: str = Field(description="What is wrong with it: missing, too long, extra forbidden, …")


class LastStep(Message):
    """Who was faster."""

    staff: str
    step: str
    counter: str | None
    at: AwareDatetime


class StaffRefusal(Message):
    """The server's own word that something was not done. Nothing has changed."""

    ankunft: Literal[1] = 1
    code: StaffCode
    message: str = Field(description="Fact and next step, in English.")
    fields: tuple[FieldTrouble, ...] = Field(
        default=(), description="With `unreadable`: which fields, and what they need."
    )
    last_step: LastStep | None = Field(
        default=None, description="With `stale`: what was done since, by whom and when."
    )
    reason: str | None = Field(
        default=None, description="With `not-possible`: why, such as illegal-step, counter-busy."
    )
    state: str | None = Field(
        default=None, description="With `not-possible`: where the visit stands."
    )
    steps: tuple[str, ...] | None = Field(
        default=None, description="With `not-possible`: what can be done with the visit instead."
    )
    visit: UUID | None = Field(default=None, description="Load it anew before trying again.")


class StaffRefusedError(Exception):
    """Something is not done. The message is for people and holds nothing that a party has said."""

    status: ClassVar[int]
    code: ClassVar[StaffCode]
    headers: ClassVar[Mapping[str, str]] = {}

    @property
    def refusal(self) -> StaffRefusal:
        """The body that says so."""
        return StaffRefusal(code=self.code, message=str(self))

    def response(self) -> Response:
        """Return the answer that carries the refusal."""
        return Response(
            self.refusal.to_bytes(),
            self.status,
            headers=dict(self.headers),
            media_type="application/json",
        )


class UnreadableError(StaffRefusedError):
    """The request breaks the staff API; sending it again will not help.

    Attributes:
        fields: Which fields, and what each needs.

    """

    status = 422
    code = StaffCode.UNREADABLE

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self.fields = tuple(FieldTrouble(field=name, needs=needs) for name, needs in fields)
        parts = "; ".join(f"{each.field} ({each.needs})" for each in self.fields)
        super().__init__(f"cannot be read: {parts}")

    @classmethod
    def of(cls, errors: Sequence[Any], *, inside: int = 0, whole: str = "the whole") -> Self:
        """Return the refusal of what pydantic found.

        Args:
            errors: From `ValidationError.errors()`.
            inside: How many parts of a place come before the field: "query", the step of a body.
            whole: What is named where something is wrong with no field of its own.

        """
        found = {
            (_name(each["loc"][inside:]) or whole, str(each["type"]).replace("_", " "))
            for each in errors
        }
        return cls(sorted(found))

    @property
    def refusal(self) -> StaffRefusal:
        """The body that says so."""
        return StaffRefusal(code=self.code, message=str(self), fields=self.fields)


def _name(place: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in place)


class NotLoggedInError(StaffRefusedError):
    """The request bears no token of a session that is good."""

    status = 401
    code = StaffCode.NOT_LOGGED_IN
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class WrongPasswordError(NotLoggedInError):
    """Name and password are none of a member of staff; which of them is not said."""

    code = StaffCode.WRONG_PASSWORD


class MayNotError(StaffRefusedError):
    """The member of staff lacks the right."""

    status = 403
    code = StaffCode.MAY_NOT


class NothingThereError(StaffRefusedError):
    """There is no such visit, stage or help call."""

    status = 404
    code = StaffCode.UNKNOWN


class PrunedError(StaffRefusedError):
    """Events that were asked for are not kept any more, or never were."""

    status = 410
    code = StaffCode.PRUNED


class TooManyAttemptsError(StaffRefusedError):
    """Too many wrong passwords.

    Attributes:
        seconds: How long to wait.

    """

    status = 429
    code = StaffCode.TOO_MANY

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many wrong passwords: try again in {seconds} seconds")

    def response(self) -> Response:
        """Return the answer that carries the refusal."""
        answer = super().response()
        answer.headers["Retry-After"] = str(self.seconds)
        return answer


class NotNowError(StaffRefusedError):
    """Nobody knows whether it is done: the same request again is safe, and clears it up."""

    status = 503
    code = StaffCode.TRY_AGAIN
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}
