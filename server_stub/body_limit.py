"""The body limit: a request larger than any that is due is refused before it is read."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.contract.outbox_file import LARGEST_FILE
from kiosk.contract.paths import LARGEST_BODY
from server_stub.refusals import TooLargeError, refusal_response

LARGEST_SITE_FILE = 1024 * 1024
"""Bytes. A site file with its own texts in all languages is larger than any message."""

SITE_FILES = "/staff/admin/site"
"""Where those are sent, by whoever is logged in as an admin."""

OUTBOXES = "/staff/admin/outbox"
"""Where the outboxes of kiosks are sent that cannot deliver, by the same."""

FORM_AROUND = 64 * 1024
"""Bytes that a form may have beside a file."""


class BodyLimit:
    """Refuses bodies above the limit, by what they declare and by what really comes.

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
        most = _most(scope["path"])
        declared = next((v for name, v in scope["headers"] if name == b"content-length"), b"0")
        if not declared.isdigit() or int(declared) > most:
            await refusal_response(too_large(most))(scope, receive, send)
            return
        received = 0

        async def receive_counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise too_large(most)
            return message

        await self._app(scope, receive_counting, send)


def _most(path: str) -> int:
    if path == OUTBOXES:
        return LARGEST_FILE + FORM_AROUND
    return LARGEST_SITE_FILE if path.startswith(SITE_FILES) else LARGEST_BODY


def too_large(most: int) -> TooLargeError:
    """Return the refusal of a body of more than so many bytes."""
    return TooLargeError(f"the body is too large: at most {most} bytes are taken")
