"""The refusals: what is wrong with a kiosk's request, one class per code of the contract."""

from http import HTTPStatus
from typing import ClassVar

from pydantic import ValidationError
from starlette.responses import Response

from kiosk.contract.messages import Refusal, RefusalCode


class RefusedError(Exception):
    """A request is not taken. The message is for people and holds no value of the request."""

    status: ClassVar[int]
    code: ClassVar[RefusalCode]

    @property
    def refusal(self) -> Refusal:
        """The body that says so."""
        return Refusal(code=self.code, message=str(self))


class UnknownError(RefusedError):
    """Nothing is at that address, or not for that method."""

    status = 404
    code = RefusalCode.UNKNOWN


class UnreadableError(RefusedError):
    """The message breaks the contract; sending it again will not help."""

    status = 422
    code = RefusalCode.UNREADABLE

    @classmethod
    def naming_fields(cls, kind: str, error: ValidationError) -> "UnreadableError":
        """Return the refusal that names the fields and what each needs, never a value."""
        parts = sorted(
            {
                _part(problem["loc"], problem["type"])
                for problem in error.errors(
                    include_url=False, include_context=False, include_input=False
                )
            }
        )
        return cls(f"{kind}: cannot be read: {'; '.join(parts)}")


class OtherBytesError(RefusedError):
    """Another message is stored under the same id."""

    status = 409
    code = RefusalCode.OTHER_BYTES


class NotEnrolledError(RefusedError):
    """The token is none of an enrolled kiosk."""

    status = 401
    code = RefusalCode.NOT_ENROLLED


class TokenExpiredError(RefusedError):
    """The token was good once; the kiosk signs for another."""

    status = 401
    code = RefusalCode.TOKEN_EXPIRED


class NotYoursError(RefusedError):
    """The message speaks for another kiosk."""

    status = 403
    code = RefusalCode.NOT_YOURS


class TooLargeError(RefusedError):
    """The body is larger than contract v1 allows."""

    status = 413
    code = RefusalCode.TOO_LARGE


class CodeUnknownError(RefusedError):
    """Nobody made such a code; or it lapsed long ago, or another one was made in its place."""

    status = 403
    code = RefusalCode.CODE_UNKNOWN


class CodeLapsedError(RefusedError):
    """Nobody used the code in time, or nobody answered the request in time."""

    status = 403
    code = RefusalCode.CODE_LAPSED


class CodeUsedError(RefusedError):
    """Another key came with the code before."""

    status = 403
    code = RefusalCode.CODE_USED


class KeyUsedError(RefusedError):
    """The key is that of another enrolment."""

    status = 403
    code = RefusalCode.KEY_USED


class ChallengeLapsedError(RefusedError):
    """What was signed was not given to this kiosk in the last minute, or was signed already."""

    status = 403
    code = RefusalCode.CHALLENGE_LAPSED


class TooManyError(RefusedError):
    """Somebody came too often of late.

    Attributes:
        seconds: Until it may be tried again.

    """

    status = 429
    code = RefusalCode.TOO_MANY

    def __init__(self, message: str, *, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(message)


class NotNowError(RefusedError):
    """The server cannot take it at present; the same request may succeed later."""

    status = 503
    code = RefusalCode.TRY_AGAIN


def refusal_response(error: RefusedError, *, status: int | None = None) -> Response:
    """Return the answer that carries the refusal; `status` where it is not the class's own."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if isinstance(error, NotNowError):
        headers["Retry-After"] = "1"
    if isinstance(error, TooManyError):
        headers["Retry-After"] = f"{error.seconds}"
    return Response(
        error.refusal.to_bytes(),
        status or error.status,
        headers=headers,
        media_type="application/json",
    )


def _part(place: tuple[int | str, ...], problem: str) -> str:
    if problem == "json_invalid":
        return "not JSON"
    where = ".".join(str(part) for part in place) or "the whole"
    return f"{where} ({problem.replace('_', ' ')})"
