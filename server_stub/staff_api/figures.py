"""Figures of the staff API: what a period comes to, as JSON or as a table for spreadsheets."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kiosk.contract.messages import Message
from server_stub.figures_files import as_csv, as_json
from server_stub.kiosk_api import Room
from server_stub.staff_api import paths
from server_stub.staff_api.bodies import Day
from server_stub.staff_api.documenting import NOON, refused, said
from server_stub.staff_api.door import Caller, StaffApiRoute
from server_stub.staff_api.refusals import StaffCode, StaffRefusal
from server_stub.staff_api.step_refusals import NotTakenError

router = APIRouter(route_class=StaffApiRoute, tags=["figures"])

CSV = "text/csv"


class Period(BaseModel):
    """Which service days are wanted."""

    model_config = ConfigDict(extra="forbid")

    first: Day | None = Field(default=None, alias="from", description="Null: the last one.")
    last: Day | None = Field(default=None, alias="to", description="Null: the present one.")
    language: str = Field(default="en", pattern="^(de|en)$", description="Of its words.")


class FigureLine(Message):
    """One figure; what each column means stands in docs/figures.md."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    section: str
    figure: str
    stage: str | None
    hour: int | None
    day: str | None
    measure: str
    unit: str
    value: int | None = Field(description="Null where nothing is recorded, or it is withheld.")
    note: str | None
    in_words: str
    note_in_words: str | None


class Figures(Message):
    """What a period comes to, as it may be told to anyone: small counts are withheld."""

    version: int
    site: str
    name: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    days: tuple[date, ...] = Field(description="Those that anything is known of.")
    language: str
    figures: tuple[FigureLine, ...]


TODAY = {"from": NOON.date(), "to": NOON.date()}
A_FIGURE = FigureLine(
    **TODAY,
    section="visits",
    figure="visits",
    stage=None,
    hour=None,
    day=None,
    measure="count",
    unit="persons",
    value=412,
    note=None,
    in_words="Visits (persons)",
    note_in_words=None,
)
SOME_FIGURES = Figures(
    version=1,
    site="duesseldorf",
    name="Info-Point",
    **TODAY,
    days=(NOON.date(),),
    language="en",
    figures=(A_FIGURE,),
)


A_TABLE = "from;to;section;figure;…;value;…\r\n2026-11-23;2026-11-23;visits;visits;…;412;…\r\n"


def _as_document() -> dict[str, Any]:
    answer = said("What the period comes to.", Figures, period=SOME_FIGURES)
    answer["content"][CSV] = {"schema": {"type": "string"}, "example": A_TABLE}
    return answer


@router.get(paths.FIGURES, responses={200: _as_document(), **refused(401, 403, 409, 422)})
async def get_figures(
    request: Request, room: Room, _session: Caller, asked: Annotated[Period, Query()]
) -> Response:
    """Tell what a period comes to, as JSON, or as CSV where `Accept` says text/csv.

    Counts that could reveal someone are withheld: docs/figures.md says which, and why.
    """
    if asked.first and asked.first > (asked.last or asked.first):
        raise NotTakenError(
            StaffRefusal(
                code=StaffCode.NOT_POSSIBLE,
                message="the period ends before it begins: exchange its two days",
                reason="ends-before-it-begins",
            )
        )
    report = await room.report(first=asked.first, last=asked.last, language=asked.language)
    if CSV in request.headers.get("accept", ""):
        return Response(as_csv(report), media_type=f"{CSV}; charset=utf-8")
    return Response(as_json(report), media_type="application/json")
