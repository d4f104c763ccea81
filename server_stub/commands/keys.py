"""`keys`, `rotate-key`, `destroy-key`: what kiosks seal to, a new key, the end of an old one."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from server_stub import site_keys
from server_stub.admin_act import AdminAct
from server_stub.commands.command import CommandError, add_data, settings_of
from server_stub.key_holders import Held, Why
from server_stub.key_overview import KeyView, key_overview
from server_stub.keys import make_key, read_keys
from server_stub.looking import looking_at
from server_stub.settings import Settings
from server_stub.site_in_force import load_site
from server_stub.store import database_url, open_store

_KEYS = """\
Nothing is changed, and a server may run meanwhile.
"""

_ROTATE = """\
examples:
  python -m server_stub rotate-key --data ankunft-data
  python -m server_stub rotate-key --data ankunft-data --put-in-force key-0a1b2c3d

On SQLite the server must be stopped (or use its page /staff/admin/keys), and the new key is in
force at once. On PostgreSQL servers may run; the key is first prepared, so that its file can be
copied to every server, and then put in force by a second call.
"""

_DESTROY = """\
What is sealed to the key can then be read by nobody, ever: not in any backup either. It is
refused while a kiosk may hold check-ins that only this key opens. Running servers delete their
file within a minute; delete copies elsewhere too.
"""

_WHY = {
    Why.HOLDS: "said that it holds check-ins of this key",
    Why.SILENT: "has not reported since the key was retired",
    Why.OLD_PROGRAM: "its program does not say which keys it needs: update it",
}


def add_keys(command: argparse.ArgumentParser) -> None:
    """Set up `keys`."""
    _set_up(command, _show, _KEYS)


def add_rotate_key(command: argparse.ArgumentParser) -> None:
    """Set up `rotate-key`."""
    _set_up(command, _rotate, _ROTATE)
    command.add_argument(
        "--put-in-force", metavar="KEY", help="a key that was prepared, instead of making one"
    )


def add_destroy_key(command: argparse.ArgumentParser) -> None:
    """Set up `destroy-key`."""
    _set_up(command, _destroy, _DESTROY)
    command.add_argument("key", metavar="KEY", help="a retired key")
    command.add_argument("--yes", action="store_true", help="that it cannot be taken back is known")


def _set_up(
    command: argparse.ArgumentParser, run: Callable[[argparse.Namespace], None], says: str
) -> None:
    command.set_defaults(run=run)
    command.epilog = says
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)


def _show(options: argparse.Namespace) -> None:
    settings = settings_of(options)
    keys = read_keys(settings.keys)
    with looking_at(settings) as connection:
        found = key_overview(connection, load_site(connection).site.id, keys)
    for view in found:
        print("\n".join(_told(view, settings)))


def _told(view: KeyView, settings: Settings) -> Iterator[str]:
    stored = view.stored
    since = stored.destroyed_at or stored.retired_at or stored.made_at
    where = "" if view.is_here or stored.destroyed_at else f"  its file is not in {settings.keys}"
    yield f"{stored.key_id}  {stored.state:9}  since {since:%Y-%m-%d %H:%M} UTC{where}"
    if view.sealed_here:
        yield f"    check-ins kept here that only it opens: {view.sealed_here}"
    for held in view.holders.enrolled:
        yield f"    needed: {_who(held)}"
    for held in view.holders.revoked:
        yield f"    revoked: {_who(held)}"


def _who(held: Held) -> str:
    return f"{held.holder.called} (letter {held.holder.letter}) {_WHY[held.why]}"


def _rotate(options: argparse.Namespace) -> None:
    settings = settings_of(options)
    if options.put_in_force:
        with _acting(settings) as act:
            site_keys.put_in_force(act, options.put_in_force)
        print(f"{options.put_in_force}: in force; kiosks hear of it with their next report")
        return
    with _acting(settings) as act:
        key = make_key(settings.keys, now=settings.clock())
        change = site_keys.prepare if database_url(settings) else site_keys.rotate
        change(act, key)
    file = settings.keys / f"{key.key_id}.key"
    if database_url(settings):
        print(f"{file}: copy it to {settings.keys} of each server, and to where you keep the keys;")
        print(f"then run: rotate-key --data {settings.data} --put-in-force {key.key_id}")
        return
    print(f"{key.key_id}: in force; kiosks hear of it with their next report")
    print(f"{file}: copy it to where you keep the keys; it is in no backup")


def _destroy(options: argparse.Namespace) -> None:
    if not options.yes:
        raise CommandError(
            f"{options.key}: what is sealed to it could then be read by nobody, ever, not in any "
            "backup either; if that is wanted, add: --yes"
        )
    settings = settings_of(options)
    with _acting(settings) as act:
        site_keys.destroy(act, options.key)
    read_keys(settings.keys).forget([options.key])
    print(f"{options.key}: destroyed; delete the copies of its file that are kept elsewhere")


@contextmanager
def _acting(settings: Settings) -> Iterator[AdminAct]:
    """Lend an act of the command line, in a transaction of its own."""
    with (
        open_store(settings) as engine,
        engine.execution_options(writes=True).begin() as connection,
    ):
        site = load_site(connection).site
        keys = read_keys(settings.keys)
        site_keys.take_stock(connection, site.id, keys, now=settings.clock())
        yield AdminAct(connection, site.id, by="", now=settings.clock())
