"""Call displays as they are administered: made, set up, named, given a new address, revoked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.admin_act import AdminAct, AdministrationError
from server_stub.device_tokens import new_token, token_sha256
from server_stub.fleet_names import DeviceNameTakenError, check_device_name

LOOKS = ("auto", "light", "dark")
"""Of a call display; ``"auto"`` is as its browser is set."""


class UnknownStagesError(AdministrationError):
    """The site has no such stages.

    Attributes:
        unknown: Those that it has not.

    """

    def __init__(self, unknown: Sequence[str], known: Sequence[str]) -> None:
        self.unknown = tuple(unknown)
        super().__init__(f"there is no stage {', '.join(unknown)}: choose of {', '.join(known)}")


class UnknownLookError(AdministrationError):
    """No display looks like that."""

    def __init__(self, look: str) -> None:
        super().__init__(f"{look!r} is no look: choose of {', '.join(LOOKS)}")


class UnknownDisplayError(AdministrationError):
    """There is no such display."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no display {name}: look at the list of displays")


@dataclass(frozen=True, slots=True)
class FleetDisplay:
    """A call display.

    Attributes:
        name: Its name.
        stages: Whose calls it shows; none for all.
        look: One of `LOOKS`.
        made_at: When it was added.

    """

    name: str
    stages: tuple[str, ...]
    look: str
    made_at: datetime


def enter_path(token: str) -> str:
    """Return the path that makes a browser the display whose token it is."""
    return f"/display/enter?token={token}"


def read_displays(connection: Connection, site: str) -> list[FleetDisplay]:
    """Return all displays by name."""
    t = tables.display.c
    rows = connection.execute(
        select(t.name, t.stages, t.look, t.created_at).where(t.site == site).order_by(t.name)
    )
    return [FleetDisplay(r.name, tuple(r.stages.split()), r.look, r.created_at) for r in rows]


def make_display(
    act: AdminAct, site: Site, *, name: str, stages: Sequence[str] = (), look: str = "auto"
) -> str:
    """Let a call display show the site's calls; return its token, which is not kept.

    Args:
        act: Who makes it.
        site: The site in force.
        name: Of the display.
        stages: Whose calls it shows; none for all.
        look: One of `LOOKS`.

    Raises:
        AdministrationError: The name is taken, or something of it cannot be.

    """
    check_device_name(name)
    set_up = _set_up(site, stages, look)
    _require_free(act, name)
    token = new_token()
    act.connection.execute(
        tables.display.insert().values(
            site=act.site,
            name=name,
            token_sha256=token_sha256(token),
            created_at=act.now,
            **set_up,
        )
    )
    act.note("display-made", name, _told(set_up))
    return token


def change_display(
    act: AdminAct, site: Site, *, name: str, stages: Sequence[str], look: str
) -> None:
    """Let a display show other calls or look otherwise, from when it is next loaded."""
    set_up = _set_up(site, stages, look)
    _change(act, name, set_up)
    act.note("display-changed", name, _told(set_up))


def rename_display(act: AdminAct, name: str, *, to: str) -> None:
    """Give a display another name; it goes on showing what it shows."""
    if to == name:
        return
    check_device_name(to)
    _require_free(act, to)
    _change(act, name, {"name": to})
    act.note("display-renamed", to, f"{name} > {to}")


def new_address(act: AdminAct, name: str) -> str:
    """Return a new token for a display; whatever has the old one shows nothing any more."""
    token = new_token()
    _change(act, name, {"token_sha256": token_sha256(token)})
    act.note("display-new-address", name)
    return token


def revoke_display(act: AdminAct, name: str) -> None:
    """Let a display show nothing any more; its name is free again."""
    t = tables.display.c
    gone = act.connection.execute(delete(tables.display).where(t.site == act.site, t.name == name))
    if not gone.rowcount:
        raise UnknownDisplayError(name)
    act.note("display-revoked", name)


def _set_up(site: Site, stages: Sequence[str], look: str) -> dict[str, Any]:
    known = [stage.id for stage in site.stages]
    if unknown := sorted(set(stages) - set(known)):
        raise UnknownStagesError(unknown, known)
    if look not in LOOKS:
        raise UnknownLookError(look)
    return {"stages": " ".join(dict.fromkeys(stages)), "look": look}


def _told(set_up: dict[str, Any]) -> str:
    return f"{set_up['stages'] or 'all stages'}, {set_up['look']}"


def _require_free(act: AdminAct, name: str) -> None:
    t = tables.display.c
    taken = select(t.name).where(t.site == act.site, t.name == name)
    if act.connection.execute(taken).one_or_none():
        raise DeviceNameTakenError("display", name)


def _change(act: AdminAct, name: str, values: dict[str, Any]) -> None:
    t = tables.display.c
    changed = act.connection.execute(
        update(tables.display).where(t.site == act.site, t.name == name).values(values)
    )
    if not changed.rowcount:
        raise UnknownDisplayError(name)
