"""The answers of the counter page: whole pages, and the parts of them that htmx asks for."""

from functools import partial
from typing import NamedTuple
from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from server_stub import staff_notices
from server_stub.calling import Called, last_call
from server_stub.counter_fragments import rendered_counter, shown_desk
from server_stub.counter_keys import keys
from server_stub.counter_reading import LastStep, last_step_at, last_step_of, noted_of
from server_stub.counter_slips import slip_of
from server_stub.counter_view import Counters, Desk, LatestViews, found_by, party_of
from server_stub.page_rendering import part, render
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.snapshot import Snapshot, VisitRow, read_visit
from server_stub.staff_door import shell_of
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.step_notices import StepNotices
from server_stub.waiting_room import WaitingRoom

PARTS = "counter_parts.html"
NO_SLIP = Markup()


class _Behind(NamedTuple):
    """What stands behind a desk's party, read at the moment of its snapshot.

    Attributes:
        called: Why it was called; None where there is none, or it is not known.
        noted: Outcome to persons, of what was achieved for it.
        last: What the counter did last, where it can be taken back.

    """

    called: Called | None
    noted: dict[str, int]
    last: LastStep | None


class CounterAnswers:
    """What one clerk is answered.

    Each answer is read and filled in by one thread at one go: between threads it would wait for
    the event loop each time, which has the whole hall to serve.

    Args:
        request: Who asks.
        session: Their session, in whose language it is said.

    """

    def __init__(self, request: Request, session: StaffSession) -> None:
        room: WaitingRoom = request.app.state.room
        views: LatestViews = request.app.state.counter_views
        self._request = request
        self._session = session
        self._room = room
        self._views = views
        self._texts = catalogue(session.language)
        self._now = request.app.state.settings.clock()
        self.words = StepNotices(room.site, self._texts, session.language)

    async def page(
        self,
        *,
        wanted: str = "",
        said: Notice | None = None,
        slip: Markup = NO_SLIP,
        slip_of: str = "",
        status: int = 200,
    ) -> Response:
        """Answer with the whole page: the chosen counter, or all to choose from.

        A page that was opened for the slip of a number, `slip_of`, has it in its title.
        """
        site, language = self._room.site, self._session.language

        def whole() -> str:
            with self._room.seen() as (snapshot, connection):
                view = self._views.of(snapshot)
                desk = self._desk_in(view)
                behind = self._behind(connection, desk) if desk else None
                found = self._found(connection, snapshot, desk, wanted) if desk else ""
            return self._whole(
                "counter.html",
                view=view,
                shown=shown_desk(desk, site, language) if desk else None,
                last=self._last(desk, behind) if desk and behind else "",
                found=found,
                wanted=wanted,
                slip=slip,
                slip_of=slip_of,
                said=said,
                leads=self._session.may(Right.LEAD),
                keys=keys(self._texts),
                now=self._now,
            )

        return HTMLResponse(await run_in_threadpool(whole), status)

    async def by_hand_page(
        self, *, said: Notice | None = None, slip: Markup = NO_SLIP, status: int = 200
    ) -> Response:
        """Answer with the form for a party that cannot use a kiosk."""
        told = {"at": self._session.counter, "said": said, "slip": slip}
        fill_in = partial(self._whole, "counter_by_hand.html", **told)
        return HTMLResponse(await run_in_threadpool(fill_in), status)

    async def correction_page(
        self, visit: UUID, *, said: Notice | None = None, status: int = 200
    ) -> Response:
        """Answer with what is stored of a party, to be set right."""

        def whole() -> str:
            with self._room.seen() as (_, connection):
                known = self._visit(connection, visit)
                form = self._correction(connection, known) if known else ""
            if known is None:
                return ""
            told = {"number": known.number, "form": form, "said": said}
            return self._whole("counter_correct.html", **told)

        html = await run_in_threadpool(whole)
        return HTMLResponse(html, status) if html else await self._gone()

    async def slip_page(self, visit: UUID) -> Response:
        """Answer with a number's slip again, a copy."""

        def look() -> VisitRow | None:
            with self._room.seen() as (_, connection):
                return self._visit(connection, visit)

        known = await run_in_threadpool(look)
        if known is None:
            return await self._gone()
        return await self.page(slip=self.slip(known), slip_of=known.number)

    async def fragments(
        self,
        notice: Notice,
        *,
        slip: Markup = NO_SLIP,
        corrected: VisitRow | None = None,
        status: int = 200,
    ) -> Response:
        """Answer htmx: the notice, and the counter as it now is."""
        site, language = self._room.site, self._session.language

        def changed() -> str:
            with self._room.seen() as (snapshot, connection):
                view = self._views.of(snapshot)
                desk = self._desk_in(view)
                behind = self._behind(connection, desk) if desk else None
                form = self._correction(connection, corrected) if corrected else ""
            html = str(part("notices.html", language, "notice")(notice))
            if desk and behind:
                html += rendered_counter(view, desk.counter.id, site, language)
                html += _replaced("#last", self._last(desk, behind))
                html += _replaced("#found", "") if status < 400 else ""
            if slip:
                anew = part(PARTS, language, "by_hand")(site, self._session.counter)
                html += _replaced("#slip", slip) + _replaced("#by-hand", anew)
            if corrected:
                html += _replaced("#correct", form)
            return html

        return HTMLResponse(await run_in_threadpool(changed), status)

    def notice(self, said: Notice, *, status: int) -> Response:
        """Answer htmx with a notice alone: the button keeps its id, and may be pressed again."""
        return HTMLResponse(part("notices.html", self._session.language, "notice")(said), status)

    async def last(self, counter: str) -> Response:
        """Answer why the counter's party was called, what was noted for it, and the last step."""

        def look() -> str:
            with self._room.seen() as (snapshot, connection):
                desk = self._views.of(snapshot).desks.get(counter)
                behind = self._behind(connection, desk) if desk else None
            return self._last(desk, behind) if desk and behind else ""

        return HTMLResponse(await run_in_threadpool(look))

    async def found(self, number: str) -> Response:
        """Answer with the parties whose number it is, and what can be done with them."""

        def look() -> str:
            with self._room.seen() as (snapshot, connection):
                desk = self._desk_in(self._views.of(snapshot))
                return self._found(connection, snapshot, desk, number) if desk else ""

        return HTMLResponse(await run_in_threadpool(look))

    def slip(self, visit: VisitRow, *, token: str = "") -> Markup:
        """Return a visit's slip; without the ticket's secret it is a copy."""
        slip = slip_of(visit, self._room.site, now=self._now, token=token)
        return part("slip_parts.html", self._session.language, "shown")(slip)

    def _whole(self, template: str, **told: object) -> str:
        shell = shell_of(self._request, self._session, here="counter")
        return render(template, self._session.language, shell=shell, **told)

    async def _gone(self) -> Response:
        return await self.page(said=staff_notices.visit_gone(self._texts), status=404)

    def _desk_in(self, view: Counters) -> Desk | None:
        return view.desks.get(self._session.counter or "")

    def _visit(self, connection: Connection, visit: UUID) -> VisitRow | None:
        return read_visit(connection, self._room.site.id, visit=visit)

    def _correction(self, connection: Connection, visit: VisitRow) -> Markup:
        site = self._room.site
        noted = noted_of(connection, site.id, visit=visit.id)
        form = part(PARTS, self._session.language, "corrected")
        return form(party_of(visit, site), noted, site)

    def _behind(self, connection: Connection, desk: Desk) -> _Behind:
        site = self._room.site.id
        called = last_call(connection, site, visit=desk.party) if desk.party else None
        noted = noted_of(connection, site, visit=desk.party.id) if desk.party else {}
        last = last_step_at(connection, site, counter=desk.counter.id, now=self._now)
        return _Behind(called, noted, last)

    def _last(self, desk: Desk, behind: _Behind) -> Markup:
        outcomes = self._room.site.outcomes
        names = {outcome.id: outcome.name[self._session.language] for outcome in outcomes}
        last = behind.last
        return part(PARTS, self._session.language, "last")(
            self.words.reasons(behind.called.why) if behind.called else "",
            [(names.get(name, name), persons) for name, persons in behind.noted.items()],
            last,
            self.words.last_step(last.step, last.visit) if last else "",
            desk.counter,
        )

    def _found(self, connection: Connection, snapshot: Snapshot, desk: Desk, wanted: str) -> Markup:
        """Return the parties of a number, with the last step that this clerk may take back."""
        site = self._room.site
        visits = found_by(wanted, snapshot)
        undo = {}
        for visit in visits:
            last = last_step_of(connection, site.id, visit=visit)
            if last and (self._session.may(Right.LEAD) or last.counter == desk.counter.id):
                undo[visit.id] = self.words.last_step(last.step, visit)
        parties = [party_of(visit, site) for visit in visits]
        number = wanted.strip()[:8].upper()
        return part(PARTS, self._session.language, "found")(parties, desk, number, site, undo)


def _replaced(target: str, html: str) -> str:
    return f'<hx-partial hx-target="{target}" hx-swap="innerHTML">{html}</hx-partial>'
