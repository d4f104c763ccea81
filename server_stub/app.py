"""The app: all routes of the server, and what lives as long as it runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy import Engine
from starlette.types import Receive, Scope, Send

from server_stub import (
    accessibility_page,
    counter_pages,
    display_pages,
    enrolling_api,
    figures_pages,
    hall_by_hand_pages,
    hall_day_pages,
    hall_erasure_pages,
    hall_pages,
    health_api,
    hours_pages,
    kiosk_api,
    report_pages,
    site_pages,
    staff_choices,
    staff_live,
    staff_login,
    staff_pages,
    visit_pages,
)
from server_stub.admin_pages import router as admin_pages
from server_stub.body_limit import BodyLimit
from server_stub.call_sounds import CallSounds
from server_stub.check_in_door import take_check_in
from server_stub.clock_check import check_clock
from server_stub.clock_watch import ClockWatch
from server_stub.counter_fragments import counter_channels
from server_stub.counter_view import LatestViews
from server_stub.display_pages import display_channels
from server_stub.errands import errands
from server_stub.failures import LastResort, add_failure_handlers
from server_stub.hall_board import HallBoard, hall_channels
from server_stub.health import HealthWatch
from server_stub.incoming_files import IncomingFiles
from server_stub.interpreter import run_in_few_threads
from server_stub.keys import Keyring, read_keys, sweep_keys
from server_stub.live import Hub
from server_stub.news import news_of_others
from server_stub.origin import OriginCheck
from server_stub.page_headers import PageHeaders
from server_stub.passwords import PasswordChecker
from server_stub.postgresql import is_verified
from server_stub.rounds import Errand, Rounds
from server_stub.settings import Settings
from server_stub.site_in_force import SiteInForce, load_site
from server_stub.site_keys import look_after, stock_is_taken, take_stock
from server_stub.site_previews import Previews
from server_stub.staff_api import router as staff_api
from server_stub.staff_door import nothing_here
from server_stub.staff_fragments import staff_channels
from server_stub.static_files import static_routes
from server_stub.store import database_url, open_store
from server_stub.ticket_reading import TicketReader
from server_stub.waiting_room import WaitingRoom
from server_stub.writer import Writer

log = logging.getLogger(__name__)

NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False)
"""FastAPI's records would hold messages of exceptions, which may quote what a visitor entered."""


class ServerApp(FastAPI):
    """The app, with the check-in door before it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not await take_check_in(self, scope, receive, send):
            await super().__call__(scope, receive, send)


def create_app(settings: Settings) -> FastAPI:
    """Return the server's app; the store is opened when it starts and closed when it stops."""
    app = ServerApp(
        title="Ankunft",
        lifespan=partial(_lifespan, settings=settings),
        openapi_url=None,  # in assets/contract/v1, where a test compares it
        docs_url=None,  # would load scripts from elsewhere
        redoc_url=None,
        telemetry=NO_TELEMETRY,
    )
    for audience in (
        kiosk_api,
        enrolling_api,
        staff_api,
        staff_login,
        staff_choices,
        staff_live,
        counter_pages,
        staff_pages,
        visit_pages,
        admin_pages,
        hall_pages,
        hall_day_pages,
        hall_by_hand_pages,
        hall_erasure_pages,
        site_pages,
        hours_pages,
        display_pages,
        figures_pages,
        report_pages,
        accessibility_page,
        health_api,
    ):
        app.include_router(audience.router)
    app.router.routes.append(static_routes())
    app.state.tls = None  # whoever serves it with a certificate says so
    add_failure_handlers(app, page=nothing_here)
    app.add_middleware(BodyLimit)
    app.add_middleware(OriginCheck)
    app.add_middleware(LastResort)
    app.add_middleware(PageHeaders)  # the outermost
    return app


def _with_keys(
    engine: Engine, in_force: SiteInForce, keys: Keyring, settings: Settings
) -> SiteInForce:
    """Return the site in force once the store and the folder of keys know the same ones."""
    site = in_force.site.id
    with engine.connect() as connection:
        taken = stock_is_taken(connection, site, keys)
    if not taken:
        with engine.execution_options(writes=True).begin() as connection:
            take_stock(connection, site, keys, now=settings.clock())
            in_force = load_site(connection)
    return in_force


def _look_after_keys(engine: Engine, room: WaitingRoom, keys: Keyring) -> Callable[[], None]:
    """Return what forgets destroyed keys, and tells of files that miss, once."""
    told: set[str] = set()

    def look() -> None:
        with engine.connect() as connection:
            missing = look_after(connection, room.site.id, keys)
        for key_id in sorted(missing - told):
            log.error("key missing key=%s: put its file into %s", key_id, keys.folder)
        told.clear()
        told.update(missing)

    return look


def _warn_of_strangers(settings: Settings) -> None:
    url = database_url(settings)
    if url and not is_verified(url):
        log.warning("database not verified, whoever answers is believed: set sslmode=verify-full")


@asynccontextmanager
async def _lifespan(app: FastAPI, *, settings: Settings) -> AsyncIterator[None]:
    run_in_few_threads()
    with open_store(settings) as engine:
        _warn_of_strangers(settings)
        with engine.connect() as connection:
            in_force = load_site(connection)
            ahead = check_clock(connection, in_force.site.id, now=settings.clock())
        watch = ClockWatch(settings.clock, settings.steady, ahead=ahead)
        sweep_keys(settings.keys)
        keys = read_keys(settings.keys)
        in_force = _with_keys(engine, in_force, keys, settings)
        writer = Writer(engine, site=in_force.site.id, on_commit=lambda: hub.wake())  # noqa: PLW0108  # the hub is made below
        room = WaitingRoom(in_force, keys=keys, engine=engine, writer=writer, clock=settings.clock)
        channels = staff_channels(lambda: room.site) | display_channels(lambda: room.site)
        views = LatestViews(lambda: room.site)
        hub = Hub(room, channels | hall_channels() | counter_channels(lambda: room.site, views))
        app.state.settings = settings
        app.state.engine = engine
        app.state.writer = writer
        app.state.room = room
        app.state.keys = keys
        app.state.health = HealthWatch.of(settings, engine, writer=writer, site=in_force.site.id)
        app.state.hub = hub
        app.state.counter_views = views
        app.state.hall = HallBoard(engine, site=lambda: room.site, clock=settings.clock)
        app.state.tickets = TicketReader(engine, site=lambda: room.site, clock=settings.clock)
        app.state.call_sounds = call_sounds = CallSounds(settings.recordings)
        call_sounds.tell_fault()
        app.state.site_previews = Previews()
        app.state.passwords = PasswordChecker(settings.password_cost)
        rounds = Rounds(
            [
                *errands(settings, lambda: room.site, engine=engine, writer=writer, watch=watch),
                Errand("looking after the keys", _look_after_keys(engine, room, keys)),
                Errand("tidying incoming files", IncomingFiles(settings.incoming).tidy),
            ],
            seconds=settings.seconds_between_rounds,
        )
        writer.start()
        try:
            await hub.open()
            rounds.open()
            with news_of_others(
                database_url(settings), wake=hub.wake, look_at_site=room.look_at_site
            ):
                yield
        finally:
            await hub.close()
            await rounds.close()
            await asyncio.to_thread(writer.close)
