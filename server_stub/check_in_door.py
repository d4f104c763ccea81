"""The check-in door: answers check-ins before anything else of the app is asked.

Check-ins come by the thousand when kiosks were cut off for hours. FastAPI needs more time to find
a route and what its function asks for than all else that is done for a check-in, and the layers
around it as much again, so this door does it by hand. Without it every answer would be the same,
only later.
"""

import re
from uuid import UUID

from fastapi import FastAPI
from fastapi.security.utils import get_authorization_scheme_param
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from kiosk.contract import paths
from server_stub.admission import Admission
from server_stub.arrival import age_in_seconds
from server_stub.body_limit import too_large
from server_stub.failures import FAILURE_HANDLERS, LastResort
from server_stub.kiosk_api import device_of_token
from server_stub.page_headers import HEADERS, PageHeaders
from server_stub.refusals import UnreadableError
from server_stub.waiting_room import WaitingRoom

AGE_HEADER = paths.AGE_HEADER.lower().encode()
OF_A_RECEIPT = (
    (b"content-type", b"application/json"),
    *((name.lower().encode(), value.encode()) for name, value in HEADERS.items()),
    (b"cache-control", b"no-store"),
)
OF_A_CHECK_IN = re.compile(rf"^{re.escape(paths.CHECK_INS)}/([^/]+)$")


class _Route:
    """Names what the door answers, for the log, as routes do."""

    path = f"{paths.CHECK_INS}/{{check_in_id}}"


async def take_check_in(app: FastAPI, scope: Scope, receive: Receive, send: Send) -> bool:
    """Answer a request that is `PUT /v1/check-ins/{id}`; return False where it is another.

    Args:
        app: Its state knows the waiting room.
        scope: As everywhere in ASGI.
        receive: The same.
        send: The same.

    """
    put = scope["type"] == "http" and scope["method"] == "PUT"
    ours = OF_A_CHECK_IN.match(scope["path"]) if put else None
    if ours is None:
        return False
    try:
        admission = await _admitted(app.state.room, ours[1], scope, receive)
    except Exception as error:  # noqa: BLE001  # each is answered as the app would
        scope["route"] = _Route
        await _answering(error)(scope, receive, send)
        return True
    receipt = admission.receipt.to_bytes()
    headers = [(b"content-length", b"%d" % len(receipt)), *OF_A_RECEIPT]
    status = 201 if admission.first else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": receipt})
    return True


async def _admitted(room: WaitingRoom, named: str, scope: Scope, receive: Receive) -> Admission:
    """Return what `put_check_in` answers with, or raise what it and its parts would."""
    headers = dict(reversed(scope["headers"]))  # of a header that came twice, the first
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > paths.LARGEST_BODY:
        raise too_large(paths.LARGEST_BODY)
    scheme, value = get_authorization_scheme_param(_text(headers.get(b"authorization")))
    token = value if scheme.lower() == "bearer" else None
    await device_of_token(room, token)
    try:
        check_in_id = UUID(named)
    except ValueError:
        raise UnreadableError("cannot be read: path.check_in_id") from None
    body = await _exact_body(receive)
    # It may have taken two minutes: who was revoked meanwhile is let in no more. Who was asked
    # for within the last second is remembered.
    device = await device_of_token(room, token)
    age = age_in_seconds(_text(headers.get(AGE_HEADER)))
    return await room.admit(body, device=device, age=age, path_id=check_in_id)


async def _exact_body(receive: Receive) -> bytes:
    """Return the body as it was sent; raise ClientDisconnect where it does not come whole."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += bytes(message.get("body", b""))
        if len(body) > paths.LARGEST_BODY:
            raise too_large(paths.LARGEST_BODY)
        if not message.get("more_body"):
            return body


def _answering(error: Exception) -> ASGIApp:
    """Return an app that fails with this error and answers as the whole app does then."""

    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    return PageHeaders(LastResort(ExceptionMiddleware(fail, handlers=FAILURE_HANDLERS)))


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")
