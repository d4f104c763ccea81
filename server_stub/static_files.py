"""The files that pages load: styles, scripts, fonts and drawings, all from this server."""

import hashlib
from functools import cache
from os import PathLike, stat_result
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
ASSETS = Path(__file__).parent.parent / "assets"

FOLDERS = {
    "/fonts": (ASSETS / "fonts" / "pages", ".woff2"),
    "/icons": (ASSETS / "icons", ".svg"),
}
"""What is served from the assets, and the one kind of file that is."""

A_YEAR = "public, max-age=31536000, immutable"


class OneKind(StaticFiles):
    """Serves the files of a folder that have the given suffix, and no others."""

    def __init__(self, directory: Path, *, suffix: str = "") -> None:
        super().__init__(directory=directory)
        self._suffix = suffix

    def lookup_path(self, path: str) -> tuple[str, stat_result | None]:
        """Find a file, unless it is of another kind."""
        return super().lookup_path(path) if path.endswith(self._suffix) else ("", None)

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Let browsers keep what is addressed by its content, see `address`."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = A_YEAR if versioned else "no-cache"
        return response


def static_routes() -> Mount:
    """Return the route of everything under /static."""
    folders = [
        Mount(path, OneKind(folder, suffix=suffix)) for path, (folder, suffix) in FOLDERS.items()
    ]
    return Mount("/static", Router([*folders, Mount("/", OneKind(STATIC))]), name="static")


@cache
def address(name: str) -> str:
    """Return the address of a file under /static, with its content's hash.

    A page made by a new version of the server therefore never meets an old style or script.
    """
    return f"/static/{name}?v={_digest(STATIC / name)}"


@cache
def edition() -> str:
    """Return a name for these very templates and files.

    A page that was loaded in another edition must not be fed with this one's fragments.
    """
    files = sorted([*STATIC.rglob("*.*"), *(Path(__file__).parent / "templates").glob("*.html")])
    return hashlib.sha256("".join(_digest(file) for file in files).encode()).hexdigest()[:12]


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
