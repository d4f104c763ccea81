"""Stock counts: how many persons a lead has counted, from which outcomes then go on."""

from datetime import datetime

from sqlalchemy import Connection

from kiosk.contract.site import Site
from server_stub import event_log, tables
from server_stub.actions import Action, Press
from server_stub.event_log import EventKind
from server_stub.hindrances import Hindrance, Reason
from server_stub.step_errors import NotOfThisSiteError

STEP = "stock"


def count(
    connection: Connection, site: Site, *, press: Press, figure: str, persons: int, at: datetime
) -> None:
    """Store how many persons there are now, as a lead has counted them.

    Raises:
        StepError: It is not a lead's press, or the figure is no stock of the site.

    """
    asked = {"figure": figure, "persons": persons}
    action = Action(connection, site, press, step=STEP, at=at, asked=asked)
    if action.done_before():
        return
    action.require_lead()
    if not any(known.id == figure and known.stock for known in site.figures):
        raise NotOfThisSiteError(figure, Reason(Hindrance.NO_SUCH_STOCK))
    if persons < 0:
        raise NotOfThisSiteError(figure, Reason(Hindrance.BELOW_NOBODY))
    connection.execute(
        tables.stock_count.insert().values(
            site=site.id,
            id=press.action,
            figure=figure,
            persons=persons,
            at=at,
            service_day=action.service_day,
            staff=press.staff,
        )
    )
    action.note()
    event_log.append(connection, site.id, kind=EventKind.STOCK, about=None, at=at)
