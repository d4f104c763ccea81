"""The check-in door: lets check-ins straight to `put_check_in`, past routing and page headers.

Check-ins come by the thousand when kiosks were cut off for hours. FastAPI needs more time to find
a route and what its function asks for than all else that is done for a check-in, so this door
does it by hand. Without it every answer would be the same, only later.
"""

import re
from uuid import UUID

from fastapi.security.utils import get_authorization_scheme_param
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from kiosk.contract import paths
from server_stub.body_limit import BodyLimit
from server_stub.failures import FAILURE_HANDLERS, LastResort
from server_stub.kiosk_api import device_of_token, exact_body, put_check_in, the_room
from server_stub.refusals import UnreadableError

AGE_HEADER = paths.AGE_HEADER.lower().encode()
OF_A_CHECK_IN = re.compile(rf"^{re.escape(paths.CHECK_INS)}/([^/]+)$")


class CheckInDoor:
    """ASGI middleware that answers `PUT /v1/check-ins/{id}` and passes everything else on.

    Attributes:
        path: The pattern of what it answers, for the log, as routes have it.

    """

    path = f"{paths.CHECK_INS}/{{check_in_id}}"

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        answering = ExceptionMiddleware(_take_check_in, handlers=FAILURE_HANDLERS)
        self._take_check_in = LastResort(BodyLimit(answering))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a check-in, or run the app."""
        put = scope["type"] == "http" and scope["method"] == "PUT"
        ours = OF_A_CHECK_IN.match(scope["path"]) if put else None
        if ours is None:
            await self._app(scope, receive, send)
            return
        scope["route"], scope["path_params"] = self, {"check_in_id": ours[1]}
        await self._take_check_in(scope, receive, send)


async def _take_check_in(scope: Scope, receive: Receive, send: Send) -> None:
    """Give `put_check_in` what it asks for."""
    request = Request(scope, receive)
    headers = dict(reversed(scope["headers"]))  # of a header that came twice, the first
    scheme, token = get_authorization_scheme_param(_text(headers.get(b"authorization")))
    room = await the_room(request)
    device = await device_of_token(room, token if scheme.lower() == "bearer" else None)
    try:
        check_in_id = UUID(scope["path_params"]["check_in_id"])
    except ValueError:
        raise UnreadableError("cannot be read: path.check_in_id") from None
    body = await exact_body(request)
    age = _text(headers.get(AGE_HEADER))
    response = await put_check_in(check_in_id, room, device, body, age)
    await response(scope, receive, send)


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")
