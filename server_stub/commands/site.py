"""`site`: the site file in force, its versions, and putting another one in force."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from kiosk.contract.site_file import read_site_text
from server_stub import site_versions, taking_site
from server_stub.commands.command import CommandError, add_data, require_newest_store, settings_of
from server_stub.looking import looking_at
from server_stub.settings import Settings
from server_stub.site_differences import Difference, differences
from server_stub.site_in_force import load_site
from server_stub.site_versions import SiteVersion, UnknownVersionError
from server_stub.store import open_store
from server_stub.taking_site import Consequences, Proposal, SiteNotTakenError, SomebodyFasterError
from server_stub.transactions import Transactions

_EXAMPLES = """\
examples:
  python -m server_stub site show --data ankunft-data > site.toml
  python -m server_stub site check site.toml --data ankunft-data
  python -m server_stub site take site.toml --data ankunft-data --note "housing has moved"
  python -m server_stub site versions --data ankunft-data
  python -m server_stub site back 3 --data ankunft-data

`show`, `check` and `versions` work while a server runs. `take` and `back` work while servers of a
PostgreSQL run, which go by the new file at once; a SQLite is its server's alone: stop that, or
use its page /staff/admin/site.

exit codes:
  0  done; `check`: it could be put in force
  2  nothing was changed
"""

COMMAND_LINE = ""
"""Stands where the name of a member of staff would."""

Run = Callable[[argparse.Namespace], None]

Propose = Callable[[Connection, str, int], Proposal]
"""Makes a proposal, given the site's id and the number of the version in force."""


def add_site(command: argparse.ArgumentParser) -> None:
    """Set up `site`."""
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    parts = command.add_subparsers(required=True, metavar="WHAT")

    def part(name: str, run: Run, says: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = parts.add_parser(name, help=says, description=says)
        made.set_defaults(run=run)
        return made

    show = part("show", _show, "print the site file in force, or an older version")
    show.add_argument("--number", type=int, metavar="N", help="of the version")
    part("versions", _versions, "list all versions, the one in force first")
    check = part("check", _check, "say what a site file would change, and for whom")
    take = part("take", _take, "put a site file in force")
    back = part("back", _back, "put an older version in force again")
    for one in (check, take):
        one.add_argument("file", type=Path, help="the site file")
    back.add_argument("number", type=int, metavar="N", help="of the version")
    for one in (take, back):
        one.add_argument("--note", help="why, in a few words")
    for one in parts.choices.values():
        add_data(one)


def _show(options: argparse.Namespace) -> None:
    def version(connection: Connection, site: str) -> SiteVersion:
        if options.number is None:
            return site_versions.newest(connection, site)
        return site_versions.version_of(connection, site, options.number)

    with _looking(settings_of(options)) as connection:
        try:
            found = version(connection, load_site(connection).site.id)
        except UnknownVersionError as error:
            raise _unknown(error) from None
    sys.stdout.write(found.toml)


def _versions(options: argparse.Namespace) -> None:
    with _looking(settings_of(options)) as connection:
        found = site_versions.versions(connection, load_site(connection).site.id)
    for version in found:
        when = f"{version.taken_at:%Y-%m-%d %H:%M} UTC"
        who = version.staff or "the command line"
        back = f"as version {version.based_on} was" if version.based_on else ""
        print(f"{version.number:4}  {when}  {who:20}  {back}{version.note or ''}".rstrip())


def _check(options: argparse.Namespace) -> None:
    _, site = read_site_text(options.file)
    settings = settings_of(options)
    with _looking(settings) as connection:
        now = load_site(connection).site
        try:
            taking_site.require_followable(connection, now, site, at=settings.clock())
        except SiteNotTakenError as error:
            raise CommandError(f"{options.file}: {error}") from None
        done = taking_site.consequences(connection, site)
    for line in (*_told(differences(now, site)), *_told_of(done)):
        print(line)


def _take(options: argparse.Namespace) -> None:
    toml, site = read_site_text(options.file)

    def propose(_: Connection, __: str, seen: int) -> Proposal:
        return Proposal(site, toml, staff=COMMAND_LINE, seen=seen, note=options.note)

    _put_in_force(settings_of(options), propose)


def _back(options: argparse.Namespace) -> None:
    def propose(connection: Connection, site: str, seen: int) -> Proposal:
        told = {"staff": COMMAND_LINE, "seen": seen, "note": options.note}
        return taking_site.return_to(connection, site, options.number, **told)

    _put_in_force(settings_of(options), propose)


def _put_in_force(settings: Settings, propose: Propose) -> None:
    """Let a proposal be the site file in force, and say what it has done."""

    def command(connection: Connection) -> tuple[SiteVersion, Consequences]:
        now = load_site(connection).site
        seen = site_versions.newest(connection, now.id).number
        proposal = propose(connection, now.id, seen)
        done = taking_site.consequences(connection, proposal.site)
        at = settings.clock()
        return taking_site.take_site(connection, now, proposal=proposal, at=at), done

    with open_store(settings) as engine:
        with engine.connect() as connection:
            site = load_site(connection).site.id
        transactions = Transactions(engine, site=site)
        try:
            (outcome,) = transactions.run([command])
        finally:
            transactions.close()
    if isinstance(outcome.error, UnknownVersionError):
        raise _unknown(outcome.error)
    if isinstance(outcome.error, SiteNotTakenError | SomebodyFasterError):
        raise CommandError(str(outcome.error))
    if outcome.error:
        raise outcome.error
    made, done = cast("tuple[SiteVersion, Consequences]", outcome.result)
    for line in _told_of(done):
        print(line)
    print(f"version {made.number} is in force; kiosks take it with their next report")


def _told(found: list[Difference]) -> Iterator[str]:
    """Yield what differs, a line each."""
    if not found:
        yield "nothing differs but remarks and the way of writing"
    for one in found:
        yield " ".join(filter(None, (one.part, one.name, one.sign)))
        if one.sign != "added":
            for change in one.changes:
                before, after = (value or "nothing" for value in (change.before, change.after))
                yield f"    {change.key}: {before} -> {after}"


def _told_of(done: Consequences) -> Iterator[str]:
    """Yield what becomes of who is here, a line each."""
    for visit, made in done.moves:
        asked = ", to be asked what it still needs" if made.way.asked_again else ""
        what = {
            "stage": f"{visit.stage} is gone: goes on at {made.way.stage}{asked}",
            "counter": f"counter {visit.counter} is gone: waits again at {made.way.stage}",
            "route": f"stays at {made.way.stage}, and no longer needs {', '.join(made.lost)}",
        }
        yield f"{visit.number}: {what[made.why.value]}"
    for name, stages in done.displays:
        yield f"display {name}: shows {', '.join(stages) or 'the calls of all stages'}"


def _unknown(error: UnknownVersionError) -> CommandError:
    return CommandError(f"{error}; `site versions` lists them")


@contextmanager
def _looking(settings: Settings) -> Iterator[Connection]:
    with looking_at(settings) as connection:
        require_newest_store(connection, settings)
        yield connection
