"""The OpenAPI document of contract v1, as ``assets/contract/v1/openapi.json`` holds it."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from kiosk.contract.messages import CheckInContent
from server_stub import enrolling_api, kiosk_api


def openapi_text() -> str:
    """Return the document as the file holds it."""
    return json.dumps(openapi_document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def openapi_document() -> dict[str, Any]:
    """Return the document: every route of contract v1, and every message in either direction."""
    app = FastAPI()
    app.include_router(kiosk_api.router)
    app.include_router(enrolling_api.router)
    document = get_openapi(
        title="Ankunft: contract v1",
        version="1",
        description=(
            "What travels between a kiosk and the central server. A city may put its own "
            "system behind it. Confirmed is only what a receipt names; final are only 409 and "
            "422 with a Refusal as their body; all else is tried again."
        ),
        routes=app.routes,
    )
    models: list[type[BaseModel]] = [*kiosk_api.BODIES, *enrolling_api.BODIES, CheckInContent]
    _, sent = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    document["components"]["schemas"] |= sent["$defs"]
    return document
