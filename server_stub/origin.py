"""The origin check: a form on somebody else's page cannot act as the member of staff who sees it.

The rules are those of Go 1.25's `http.CrossOriginProtection`: what the browser itself says about
where a request comes from, so that no form needs a token.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

REFUSAL = (
    "This request came from another site and was refused.\n"
    "Open the page of this server itself and do it there.\n"
)


def is_cross_origin(method: str, headers: Headers) -> bool:
    """Tell whether a browser sent this on behalf of another origin, in order to change something.

    Programs that are no browsers (kiosks, curl) send neither header and pass: they carry a token
    of their own, which no other site can make them send.
    """
    if method in SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    # Browsers leave Sec-Fetch-Site out over plain http: there only Origin tells.
    origin = headers.get("origin")
    if origin is None:
        return False
    host = _host_of(origin)
    return not host or host != headers.get("host")


def _host_of(origin: str) -> str:
    """Return host and port of an origin; "" where it has none, or no browser would send it."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


class OriginCheck:
    """ASGI middleware that answers 403 to what `is_cross_origin` finds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or run the app."""
        if scope["type"] == "http" and is_cross_origin(scope["method"], Headers(scope=scope)):
            await PlainTextResponse(REFUSAL, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)
