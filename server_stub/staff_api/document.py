"""The OpenAPI document of the staff API, as ``assets/staff-api/v1/openapi.json`` holds it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

DESCRIPTION = """\
What staff see and do at the central server, as JSON. The pages of staff do the same.

Log in with `POST /staff/v1/sessions` and send the token as `Authorization: Bearer …`; the cookie
of the staff pages is taken too. Whatever changes something names an id of its own (a UUID that
you make) and may be repeated: the answer is the same. Whatever acts on a visit names the version
that was `seen`: where somebody was faster nothing is done (409 `stale`). Every list comes in
pages: ask with `next` as `after`. Whatever is not done is answered with a `StaffRefusal`. The
version in the path is this API's own, apart from that of the kiosks' contract.
"""


def document_of(routers: Sequence[APIRouter], *, bodies: Sequence[type[BaseModel]]) -> str:
    """Return the document of some routes, as text.

    Args:
        routers: Whose routes are described.
        bodies: What they read; the routes take them as bytes, so FastAPI does not know them.

    """
    app = FastAPI()
    for router in routers:
        app.include_router(router)
    document: dict[str, Any] = get_openapi(
        title="Ankunft: staff API", version="1", description=DESCRIPTION, routes=app.routes
    )
    _put_examples_back(document, [route for router in routers for route in router.routes])
    _, sent = models_json_schema(
        [(model, "validation") for model in bodies], ref_template="#/components/schemas/{model}"
    )
    document["components"]["schemas"] |= sent["$defs"]
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _put_examples_back(document: dict[str, Any], routes: Sequence[BaseRoute]) -> None:
    """Put the examples into the document as they were given: FastAPI drops what is null in them."""
    for route in routes:
        if not isinstance(route, APIRoute):
            continue
        for method in route.methods or ():
            operation = document["paths"][route.path_format][method.lower()]
            for status, given in route.responses.items():
                _copy_examples(given, operation["responses"][str(status)])
            extra = route.openapi_extra or {}
            _copy_examples(extra.get("requestBody", {}), operation.get("requestBody", {}))


def _copy_examples(given: Mapping[str, Any], shown: dict[str, Any]) -> None:
    for kind, content in given.get("content", {}).items():
        for key in ("example", "examples"):
            if key in content:
                shown["content"][kind][key] = content[key]
