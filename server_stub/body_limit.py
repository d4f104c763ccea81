"""The body limit: a request larger than contract v1 allows is refused before it is read."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.contract.paths import LARGEST_BODY
from server_stub.refusals import TooLargeError, refusal_response


class BodyLimit:
    """Refuses bodies above `LARGEST_BODY`, by what they declare and by what really comes.

    Starlette has such a middleware, but its answer is not a `Refusal`, and a kiosk takes an
    answer for final or not by that.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 at once where the length says so, else count."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = next((v for name, v in scope["headers"] if name == b"content-length"), b"0")
        if not declared.isdigit() or int(declared) > LARGEST_BODY:
            await refusal_response(_too_large())(scope, receive, send)
            return
        received = 0

        async def receive_counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise _too_large()
            return message

        await self._app(scope, receive_counting, send)


def _too_large() -> TooLargeError:
    return TooLargeError(f"the body is too large: at most {LARGEST_BODY} bytes are taken")
