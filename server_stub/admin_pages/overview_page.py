"""The overview of administration: what there is, and what somebody should look at."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from server_stub.accounts import Account, read_accounts
from server_stub.admin_pages.answering import admin, show, site_of
from server_stub.admin_words import TABS, acts
from server_stub.audit_trail import Entry, Search, read_page
from server_stub.fleet_displays import FleetDisplay, read_displays
from server_stub.fleet_kiosks import FleetKiosk, KioskState, read_fleet
from server_stub.page_store import look_at
from server_stub.page_texts import catalogue
from server_stub.staff_door import StaffRoute

LAST_ACTS = 6

router = APIRouter(include_in_schema=False, route_class=StaffRoute)


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is at one moment.

    Attributes:
        accounts: All of them.
        kiosks: Those in use.
        displays: All of them.
        last: What was done last with the site.
        now: The moment.

    """

    accounts: list[Account]
    kiosks: list[FleetKiosk]
    displays: list[FleetDisplay]
    last: list[Entry]
    now: datetime

    @property
    def logged_in(self) -> int:
        """How many accounts have a session."""
        return sum(account.sessions > 0 for account in self.accounts)

    @property
    def open_accounts(self) -> int:
        """How many accounts may log in."""
        return sum(account.disabled_at is None for account in self.accounts)

    @property
    def silent(self) -> list[FleetKiosk]:
        """The kiosks that have reported, and not of late."""
        return [kiosk for kiosk in self.kiosks if kiosk.is_silent(self.now)]

    @property
    def never_heard(self) -> list[FleetKiosk]:
        """The kiosks that were enrolled and never reported."""
        return [k for k in self.kiosks if k.reported_at is None]


@router.get(TABS["overview"])
async def show_overview(request: Request) -> Response:
    """Show what there is, and the way to each page."""
    session = await admin(request)
    site, now = site_of(request), request.app.state.settings.clock()

    def read(connection: Connection) -> Overview:
        latest = read_page(
            connection,
            site.id,
            search=Search(of_site=True),
            time_zone=site.time_zone,
            size=LAST_ACTS,
        )
        fleet = read_fleet(connection, site.id)
        return Overview(
            accounts=read_accounts(connection, site.id, now=now),
            kiosks=[kiosk for kiosk in fleet if kiosk.state is KioskState.IN_USE],
            displays=read_displays(connection, site.id),
            last=latest.entries,
            now=now,
        )

    overview = await look_at(request, read)
    groups = acts(catalogue(session.language)).values()
    return show(
        request,
        session,
        "admin_overview.html",
        tab="overview",
        overview=overview,
        words={act: words for group in groups for act, words in group.items()},
    )
