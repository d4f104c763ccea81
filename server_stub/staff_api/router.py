"""All routes of the staff API, and the document that describes them."""

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from server_stub import health_api
from server_stub.staff_api import actions, days, figures, paths, places, presses, sessions, visits
from server_stub.staff_api.document import document_of

PARTS = (sessions.router, actions.router, visits.router, places.router, days.router, figures.router)
BODIES: tuple[type[BaseModel], ...] = (sessions.LogIn, *presses.BODIES)

router = APIRouter()
for part in PARTS:
    router.include_router(part)


def openapi_text() -> str:
    """Return the OpenAPI document of the staff API and of the server's health."""
    return document_of([*PARTS, health_api.router], bodies=BODIES)


@router.get(paths.DOCUMENT, include_in_schema=False)
def get_document() -> Response:
    """Return the OpenAPI document; it says nothing of this site, so nobody need log in."""
    return Response(openapi_text(), media_type="application/json")
