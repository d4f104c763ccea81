"""The site pages: an admin rewrites the site file, sees what that does, and puts it in force.

Everything works without script. Whoever was slower than somebody else is told, and keeps what
they have written.
"""

from collections.abc import Mapping
from functools import partial
from typing import TypeVar

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kiosk.contract.site_file import SiteFileError
from server_stub import site_versions, site_words, staff_notices
from server_stub.admin_words import TABS
from server_stub.page_rendering import render
from server_stub.page_store import look_at, room_of
from server_stub.page_texts import catalogue
from server_stub.rights import Right
from server_stub.site_differences import diff_lines
from server_stub.site_drafts import Draft, check, differences_of_files
from server_stub.site_previews import Preview, Previews
from server_stub.site_versions import SiteVersion, UnknownVersionError
from server_stub.staff_door import StaffRoute, require, shell_of
from server_stub.staff_notices import Notice
from server_stub.staff_sessions import StaffSession
from server_stub.taking_site import Proposal, SiteNotTakenError, SomebodyFasterError, proposed
from server_stub.writer import TryAgainError

T = TypeVar("T")

router = APIRouter(include_in_schema=False, route_class=StaffRoute)

HERE = "/staff/admin/site"
LONGEST_NOTE = 200
MOST_VERSIONS = 2**31 - 1
"""No database counts further."""


@router.get(HERE)
async def show_site(request: Request, taken: int = 0) -> Response:
    """Show the versions of the site file, and what can be done with them."""
    session = await require(request, Right.ADMINISTER)
    site = room_of(request).site
    versions = await look_at(request, partial(site_versions.versions, site=site.id))
    said = None
    if taken == versions[0].number:
        said = site_words.taken(taken, catalogue(session.language))
    return await _overview(request, session, versions, said=said)


@router.get(f"{HERE}/edit")
async def edit(request: Request) -> Response:
    """Show the site file in force, to be rewritten."""
    session = await require(request, Right.ADMINISTER)
    newest = await look_at(request, partial(site_versions.newest, site=room_of(request).site.id))
    return _editor(request, session, Draft(newest.toml, seen=newest.number))


@router.get(f"{HERE}/versions/{{number}}.toml")
async def download(request: Request, number: int) -> Response:
    """Send one version as the file that it is."""
    session = await require(request, Right.ADMINISTER)
    site = room_of(request).site
    try:
        version = await _version(request, number)
    except UnknownVersionError:
        return await _no_such_version(request, session)
    name = f"{site.id}-{number}.toml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(version.toml, media_type="application/toml; charset=utf-8", headers=headers)


@router.get(f"{HERE}/versions/{{number}}")
async def show_version(request: Request, number: int, beside: int = 0) -> Response:
    """Show one version, and what it has otherwise than another: the one before, unless named."""
    session = await require(request, Right.ADMINISTER)
    try:
        version = await _version(request, number)
        other = await _version(request, beside or number - 1) if beside or number > 1 else None
    except UnknownVersionError:
        return await _no_such_version(request, session)
    versions = await look_at(
        request, partial(site_versions.versions, site=room_of(request).site.id)
    )
    return _page(
        request,
        session,
        "site_version.html",
        version=version,
        other=other,
        versions=versions,
        told=differences_of_files(other.toml, version.toml) if other else [],
        lines=diff_lines(other.toml, version.toml) if other else [],
    )


@router.get(f"{HERE}/versions/{{number}}/back")
async def look_back(request: Request, number: int) -> Response:
    """Show what it would do to put an older version in force again."""
    session = await require(request, Right.ADMINISTER)
    try:
        version = await _version(request, number)
    except UnknownVersionError:
        return await _no_such_version(request, session)
    newest = await look_at(request, partial(site_versions.newest, site=room_of(request).site.id))
    draft = Draft(version.toml, seen=newest.number, based_on=number)
    return await _checked(request, session, draft)


@router.post(f"{HERE}/check")
async def check_draft(request: Request) -> Response:
    """Show what is wrong with a draft, or what it would change."""
    session = await require(request, Right.ADMINISTER)
    draft, _, said = await _sent(request, session)
    if said:
        return _editor(request, session, draft, said=said, status=422)
    return await _checked(request, session, draft)


@router.post(f"{HERE}/take")
async def take(request: Request) -> Response:
    """Put a draft in force."""
    session = await require(request, Right.ADMINISTER)
    draft, fields, said = await _sent(request, session)
    texts = catalogue(session.language)
    if said:
        return _editor(request, session, draft, said=said, status=422)
    if fields.get("sure") != "yes":
        unsure = site_words.not_confirmed(texts)
        return await _checked(request, session, draft, said=unsure, status=422)
    try:
        # Read beside the event loop: a large file takes seconds, and numbers are called meanwhile.
        proposal = await run_in_threadpool(_proposal, draft, fields, session)
        made = await room_of(request).take_site(proposal)
    except SomebodyFasterError as error:
        faster = site_words.taken_meanwhile(error.version, texts)
        return await _checked(request, session, draft, said=faster, status=409)
    except (SiteNotTakenError, SiteFileError):
        return await _checked(request, session, draft, status=422)
    except TryAgainError:
        again = staff_notices.try_again(texts)
        return await _checked(request, session, draft, said=again, status=503)
    return RedirectResponse(f"{HERE}?taken={made.number}", 303)


@router.post(f"{HERE}/preview")
async def preview(request: Request) -> Response:
    """Show every screen and slip of a draft in one language."""
    session = await require(request, Right.ADMINISTER)
    draft, fields, said = await _sent(request, session)
    if said:
        return _editor(request, session, draft, said=said, status=422)
    previews: Previews = request.app.state.site_previews
    drawn = await previews.draw(draft.toml, fields.get("language", ""))
    return await _checked(request, session, draft, preview=drawn)


@router.get(f"{HERE}/preview/{{key}}/{{name}}.png")
async def picture(request: Request, key: str, name: str) -> Response:
    """Send one picture of a preview that was drawn a moment ago."""
    await require(request, Right.ADMINISTER)
    previews: Previews = request.app.state.site_previews
    png = previews.picture(key, name)
    if png is None:
        return Response("drawn too long ago: draw it again\n", 404, media_type="text/plain")
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


async def _sent(
    request: Request, session: StaffSession
) -> tuple[Draft, Mapping[str, str], Notice | None]:
    """Return what was sent: a draft, the fields beside it, and why it cannot be read, if so."""
    said = None
    async with request.form() as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        toml, upload = fields.get("toml", ""), form.get("file")
        if isinstance(upload, UploadFile) and upload.filename:
            try:
                toml = (await upload.read()).decode("utf-8-sig")
            except UnicodeDecodeError:
                said = site_words.no_text(upload.filename, catalogue(session.language))
    # As browsers send it: \r\n. A file that was only looked at must not differ in every line.
    toml = toml.replace("\r\n", "\n")
    seen, based_on = (_number(fields.get(name, "")) for name in ("seen", "based_on"))
    return Draft(toml, seen=seen, based_on=based_on or None), fields, said


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


def _proposal(draft: Draft, fields: Mapping[str, str], session: StaffSession) -> Proposal:
    note = fields.get("note", "").strip()[:LONGEST_NOTE]
    return proposed(
        draft.toml,
        source="site.toml",
        staff=session.staff,
        seen=draft.seen,
        note=note or None,
        based_on=draft.based_on,
    )


async def _checked(
    request: Request,
    session: StaffSession,
    draft: Draft,
    *,
    said: Notice | None = None,
    preview: Preview | None = None,
    status: int = 200,
) -> Response:
    """Answer with a draft, and what can be said of it."""
    now, at = room_of(request).site, request.app.state.settings.clock()
    checked = await look_at(request, partial(check, now=now, draft=draft, at=at))
    if checked.is_late and said is None:
        said = site_words.taken_meanwhile(checked.in_force, catalogue(session.language))
    if checked.faults and status == 200:
        status = 422
    shown = {"checked": checked, "said": said, "preview": preview}
    return _editor(request, session, draft, status=status, **shown)


def _editor(
    request: Request, session: StaffSession, draft: Draft, *, status: int = 200, **shown: object
) -> Response:
    """Answer with the editor; `shown` is what else there is of its template's."""
    nothing = {"checked": None, "said": None, "preview": None}
    what = nothing | shown
    return _page(request, session, "site_edit.html", draft=draft, status=status, **what)


async def _no_such_version(request: Request, session: StaffSession) -> Response:
    site = room_of(request).site
    versions = await look_at(request, partial(site_versions.versions, site=site.id))
    said = site_words.no_such_version(catalogue(session.language))
    return await _overview(request, session, versions, said=said, status=404)


async def _overview(
    request: Request,
    session: StaffSession,
    versions: list[SiteVersion],
    *,
    said: Notice | None,
    status: int = 200,
) -> Response:
    """Answer with all versions, and which kiosks have the newest."""
    site = room_of(request).site
    kiosks = await look_at(request, partial(site_versions.kiosks_and_versions, site=site.id))
    what = {"versions": versions, "kiosks": kiosks, "said": said}
    return _page(request, session, "site.html", status=status, **what)


def _page(
    request: Request, session: StaffSession, template: str, *, status: int = 200, **what: object
) -> Response:
    shown = {"said": None, "tabs": TABS, "tab": "site", "site": room_of(request).site} | what
    shell = shell_of(request, session, here="admin")
    return HTMLResponse(render(template, session.language, shell=shell, **shown), status)


async def _version(request: Request, number: int) -> SiteVersion:
    if not 0 < number <= MOST_VERSIONS:
        raise UnknownVersionError(number)
    site = room_of(request).site.id
    return await look_at(request, partial(site_versions.version_of, site=site, number=number))
