"""The answers of the counter page: whole pages, and the parts of them that htmx asks for."""

from functools import partial
from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from server_stub import staff_notices
from server_stub.counter_fragments import rendered_counter, shown_desk
from server_stub.counter_keys import keys
from server_stub.counter_reading import last_step_at, last_step_of, noted_of
from server_stub.counter_slips import slip_of
from server_stub.counter_view import Counters, Desk, LatestViews, found_by, party_of
from server_stub.page_rendering import part, render
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.snapshot import Snapshot, VisitRow, read_visit
from server_stub.staff_api.door import read
from server_stub.staff_door import shell_of
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.step_notices import StepNotices
from server_stub.waiting_room import WaitingRoom

PARTS = "counter_parts.html"
NO_SLIP = Markup()


class CounterAnswers:
    """What one clerk is answered.

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
        snapshot = await self._room.snapshot()
        view = await self._view(snapshot)
        desk = self._desk_in(view)
        return await self._whole(
            "counter.html",
            view=view,
            shown=shown_desk(desk, site, language) if desk else None,
            last=await self._last(desk) if desk else "",
            found=await self._found(snapshot, desk, wanted) if desk else "",
            wanted=wanted,
            slip=slip,
            slip_of=slip_of,
            said=said,
            leads=self._session.may(Right.LEAD),
            keys=keys(self._texts),
            now=self._now,
            status=status,
        )

    async def by_hand_page(
        self, *, said: Notice | None = None, slip: Markup = NO_SLIP, status: int = 200
    ) -> Response:
        """Answer with the form for a party that cannot use a kiosk."""
        at = self._session.counter
        return await self._whole("counter_by_hand.html", at=at, said=said, slip=slip, status=status)

    async def correction_page(
        self, visit: UUID, *, said: Notice | None = None, status: int = 200
    ) -> Response:
        """Answer with what is stored of a party, to be set right."""
        known = await self._visit(visit)
        if known is None:
            return await self._gone()
        form = await self._correction(known)
        told = {"number": known.number, "form": form, "said": said}
        return await self._whole("counter_correct.html", **told, status=status)

    async def slip_page(self, visit: UUID) -> Response:
        """Answer with a number's slip again, a copy."""
        known = await self._visit(visit)
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
        html = str(part("notices.html", language, "notice")(notice))
        view = await self._view(await self._room.snapshot())
        if desk := self._desk_in(view):
            counter = desk.counter.id
            html += await run_in_threadpool(rendered_counter, view, counter, site, language)
            html += _replaced("#last", await self._last(desk))
            html += _replaced("#found", "") if status < 400 else ""
        if slip:
            anew = part(PARTS, language, "by_hand")(site, self._session.counter)
            html += _replaced("#slip", slip) + _replaced("#by-hand", anew)
        if corrected:
            html += _replaced("#correct", await self._correction(corrected))
        return HTMLResponse(html, status)

    def notice(self, said: Notice, *, status: int) -> Response:
        """Answer htmx with a notice alone: the button keeps its id, and may be pressed again."""
        return HTMLResponse(part("notices.html", self._session.language, "notice")(said), status)

    async def last(self, counter: str) -> Response:
        """Answer why the counter's party was called, what was noted for it, and the last step."""
        view = await self._view(await self._room.snapshot())
        desk = view.desks.get(counter)
        return HTMLResponse(await self._last(desk) if desk else "")

    async def found(self, number: str) -> Response:
        """Answer with the parties whose number it is, and what can be done with them."""
        snapshot = await self._room.snapshot()
        desk = self._desk_in(await self._view(snapshot))
        return HTMLResponse(await self._found(snapshot, desk, number) if desk else "")

    def slip(self, visit: VisitRow, *, token: str = "") -> Markup:
        """Return a visit's slip; without the ticket's secret it is a copy."""
        slip = slip_of(visit, self._room.site, now=self._now, token=token)
        return part("slip_parts.html", self._session.language, "shown")(slip)

    async def _whole(self, template: str, *, status: int, **told: object) -> Response:
        shell = shell_of(self._request, self._session, here="counter")
        fill_in = partial(render, template, self._session.language, shell=shell, **told)
        return HTMLResponse(await run_in_threadpool(fill_in), status)

    async def _gone(self) -> Response:
        return await self.page(said=staff_notices.visit_gone(self._texts), status=404)

    async def _view(self, snapshot: Snapshot) -> Counters:
        return await run_in_threadpool(self._views.of, snapshot)

    def _desk_in(self, view: Counters) -> Desk | None:
        return view.desks.get(self._session.counter or "")

    async def _visit(self, visit: UUID) -> VisitRow | None:
        query = partial(read_visit, site=self._room.site.id, visit=visit)
        return await read(self._request, query)

    async def _noted(self, visit: UUID) -> dict[str, int]:
        query = partial(noted_of, site=self._room.site.id, visit=visit)
        return await read(self._request, query)

    async def _correction(self, visit: VisitRow) -> Markup:
        site = self._room.site
        form = part(PARTS, self._session.language, "corrected")
        return form(party_of(visit, site), await self._noted(visit.id), site)

    async def _last(self, desk: Desk) -> Markup:
        site = self._room.site
        why, noted = "", {}
        if desk.party:
            called = await self._room.last_call(desk.party)
            why = self.words.reasons(called.why) if called else ""
            noted = await self._noted(desk.party.id)
        query = partial(last_step_at, site=site.id, counter=desk.counter.id, now=self._now)
        last = await read(self._request, query)
        names = {outcome.id: outcome.name[self._session.language] for outcome in site.outcomes}
        return part(PARTS, self._session.language, "last")(
            why,
            [(names.get(name, name), persons) for name, persons in noted.items()],
            last,
            self.words.last_step(last.step, last.visit) if last else "",
            desk.counter,
        )

    async def _found(self, snapshot: Snapshot, desk: Desk, wanted: str) -> Markup:
        """Return the parties of a number, with the last step that this clerk may take back."""
        site = self._room.site
        visits = found_by(wanted, snapshot)
        undo = {}
        for visit in visits:
            query = partial(last_step_of, site=site.id, visit=visit)
            last = await read(self._request, query)
            if last and (self._session.may(Right.LEAD) or last.counter == desk.counter.id):
                undo[visit.id] = self.words.last_step(last.step, visit)
        parties = [party_of(visit, site) for visit in visits]
        number = wanted.strip()[:8].upper()
        return part(PARTS, self._session.language, "found")(parties, desk, number, site, undo)


def _replaced(target: str, html: str) -> str:
    return f'<hx-partial hx-target="{target}" hx-swap="innerHTML">{html}</hx-partial>'
