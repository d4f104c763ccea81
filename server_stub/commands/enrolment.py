"""`enrolment-code`, `kiosk-requests`, `approve-kiosk`, `refuse-kiosk`: enrolling without pages."""

import argparse
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Connection

from kiosk.contract.enrolling import read_fingerprint
from server_stub import enrolment_codes, enrolment_requests
from server_stub.admin_act import AdminAct
from server_stub.administration import changing
from server_stub.commands.command import CommandError, add_data, require_newest_store, settings_of
from server_stub.enrolment_codes import NewCode
from server_stub.enrolment_requests import WaitingRequest
from server_stub.fleet_kiosks import KioskState, read_fleet
from server_stub.local_time import clock_time
from server_stub.looking import looking_at
from server_stub.site_in_force import load_site

_EXAMPLES = """\
examples:
  python -m server_stub enrolment-code --data ankunft-data entrance-1
  python -m server_stub enrolment-code --data ankunft-data entrance-1 --new-series
  python -m server_stub kiosk-requests --data ankunft-data
  python -m server_stub approve-kiosk --data ankunft-data K7QM-2XPA-9DGH-RT4W

At the kiosk the code is typed within 15 minutes:
  python -m kiosk enrol --server https://ankunft.example
It shows its fingerprint. Approve the one that it shows, and no other.

`kiosk-requests` works while a server runs. The others work while servers of a PostgreSQL run; a
SQLite is its server's alone: use its page /staff/admin/kiosks.
"""


def add_enrolment_code(command: argparse.ArgumentParser) -> None:
    """Set up `enrolment-code`."""
    _set_up(command, _code)
    command.add_argument("name", help="of the kiosk: small letters, digits, hyphens")
    command.add_argument(
        "--new-series",
        action="store_true",
        help="for another machine or disk of a kiosk in use, which goes on until it is approved",
    )


def add_kiosk_requests(command: argparse.ArgumentParser) -> None:
    """Set up `kiosk-requests`."""
    _set_up(command, _requests)


def add_approve_kiosk(command: argparse.ArgumentParser) -> None:
    """Set up `approve-kiosk`."""
    _set_up(command, _approve)
    _add_fingerprint(command)
    command.add_argument("--letter", help="of its numbers; else the first free one")


def add_refuse_kiosk(command: argparse.ArgumentParser) -> None:
    """Set up `refuse-kiosk`."""
    _set_up(command, _refuse)
    _add_fingerprint(command)


def _set_up(command: argparse.ArgumentParser, run: Callable[[argparse.Namespace], None]) -> None:
    command.set_defaults(run=run)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)


def _add_fingerprint(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "fingerprint", nargs="+", help="as the kiosk shows it, with blanks or hyphens or without"
    )


def _code(options: argparse.Namespace) -> None:
    with changing(settings_of(options)) as (act, in_force):
        made = _make(act, options)
    until = clock_time(made.expires_at, in_force.site.time_zone)
    print(f"code for {made.name}: {made.code}")
    print(f"good until {until}, for one machine; there: python -m kiosk enrol --server URL")


def _make(act: AdminAct, options: argparse.Namespace) -> NewCode:
    if not options.new_series:
        return enrolment_codes.make_code(act, options.name)
    return enrolment_codes.make_code_in_place_of(act, _in_use(act, options.name))


def _in_use(act: AdminAct, name: str) -> UUID:
    for kiosk in read_fleet(act.connection, act.site):
        if kiosk.name == name and kiosk.state is KioskState.IN_USE:
            return kiosk.enrolment
    raise CommandError(f"no kiosk {name} is in use: leave out --new-series")


def _requests(options: argparse.Namespace) -> None:
    settings = settings_of(options)
    with looking_at(settings) as connection:
        require_newest_store(connection, settings)
        site = load_site(connection).site
        found = _waiting(connection, site.id, options)
    if not found:
        print("no kiosk asks to be enrolled")
    for asked in found:
        print(f"{asked.fingerprint}  {asked.name}{_marks(asked)}")


def _waiting(
    connection: Connection, site: str, options: argparse.Namespace
) -> list[WaitingRequest]:
    now = settings_of(options).clock()
    return enrolment_requests.read_waiting(connection, site, now=now)


def _marks(asked: WaitingRequest) -> str:
    marks = []
    if asked.replaced_letter:
        marks.append(f"in place of series {asked.replaced_letter}")
    if asked.contested_at:
        marks.append("another machine came with the same code: compare with care")
    return f"  ({'; '.join(marks)})" if marks else ""


def _approve(options: argparse.Namespace) -> None:
    with changing(settings_of(options)) as (act, _in_force):
        enrolment = _named(act, options)
        name = enrolment_requests.approve(act, enrolment, letter=options.letter)
    print(f"{name} is enrolled; it goes on by itself")


def _refuse(options: argparse.Namespace) -> None:
    with changing(settings_of(options)) as (act, _in_force):
        name = enrolment_requests.refuse(act, _named(act, options))
    print(f"{name} is refused")


def _named(act: AdminAct, options: argparse.Namespace) -> UUID:
    try:
        wanted = read_fingerprint(" ".join(options.fingerprint))
    except ValueError as error:
        raise CommandError(f"{error}") from None
    return enrolment_requests.find_by_fingerprint(act, wanted)
