"""The command line: ``python -m server_stub``."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from kiosk.contract.site_file import SiteFileError
from server_stub import administration, interpreter
from server_stub.admin_act import AdministrationError
from server_stub.administration import Enrolment
from server_stub.commands.backup import add_backup
from server_stub.commands.certificates import add_certificates
from server_stub.commands.check import add_check
from server_stub.commands.command import CommandError
from server_stub.commands.enrolment import (
    add_approve_kiosk,
    add_enrolment_code,
    add_kiosk_requests,
    add_refuse_kiosk,
)
from server_stub.commands.erase_visit import add_erase_visit
from server_stub.commands.export import add_export
from server_stub.commands.figures import add_figures
from server_stub.commands.keys import add_destroy_key, add_keys, add_rotate_key
from server_stub.commands.migrate import add_migrate
from server_stub.commands.outbox import add_admit_outbox
from server_stub.commands.queue import add_queue
from server_stub.commands.restore import add_restore
from server_stub.commands.site import add_site
from server_stub.commands.wind_down import add_wind_down
from server_stub.fleet_displays import LOOKS, enter_path
from server_stub.fleet_kiosks import NewEnrolment
from server_stub.keys import KeyFileError
from server_stub.kiosk_settings_file import kiosk_settings
from server_stub.listening import AddressError, address_of, listen
from server_stub.log_lines import log_to_standard_error
from server_stub.postgresql import THIS_MACHINE
from server_stub.private_ca import CertificateError
from server_stub.settings import Settings, seconds_since_boot
from server_stub.site_in_force import NoSiteError
from server_stub.store import StoreError
from server_stub.store_failures import sentence_of
from server_stub.tls import Tls, TlsError, TlsFiles

log = logging.getLogger("server_stub")

EXAMPLES = """examples:
  python -m server_stub init --data ankunft-data --site assets/sites/duesseldorf.toml
  python -m server_stub add-staff --data ankunft-data anna
  python -m server_stub enrolment-code --data ankunft-data entrance-1
  python -m server_stub approve-kiosk --data ankunft-data K7QM-2XPA-9DGH-RT4W
  python -m server_stub add-display --data ankunft-data hall
  python -m server_stub serve --data ankunft-data --port 8080
  python -m server_stub serve --data ankunft-data --port 8080 --ticket-port 8081
  python -m server_stub certificates --out tls --name ankunft.example
  python -m server_stub serve --data ankunft-data --host 0.0.0.0 --port 8443 \
      --tls-certificate tls/server.pem --tls-key tls/server.key
  python -m server_stub backup --data ankunft-data --to /backup --keep-days 14
  python -m server_stub check --data ankunft-data
  python -m server_stub site take site.toml --data ankunft-data
  python -m server_stub figures --data ankunft-data --from 2026-11-01 --to 2026-11-30 > nov.csv
"""

WRONG_INPUT = (
    AddressError,
    AdministrationError,
    CertificateError,
    CommandError,
    KeyFileError,
    NoSiteError,
    SiteFileError,
    StoreError,
    TlsError,
)
"""What is answered with one sentence and exit code 2."""

DATABASE_FAILED = 75
"""The exit code, EX_TEMPFAIL of sysexits(3), where the database failed in the middle of it."""

OWN_MODULES: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "backup": ("write a backup of the database, while it serves", add_backup),
    "restore": ("make the database of an empty data directory from a backup", add_restore),
    "check": ("say what is wrong with a database, and what to do", add_check),
    "migrate": ("bring the database to this program's revision", add_migrate),
    "erase-visit": ("delete what is kept of a party that asks for it", add_erase_visit),
    "queue": ("print who waits now, also while no server runs", add_queue),
    "export": (
        "write what a city takes with it, without anything that tells of a person",
        add_export,
    ),
    "site": ("show the site file, or put another one in force", add_site),
    "wind-down": ("write what the city keeps, and delete everything else", add_wind_down),
    "figures": ("print what the city reports of a day or a longer period", add_figures),
    "enrolment-code": (
        "make a code by which one machine may ask to be a kiosk",
        add_enrolment_code,
    ),
    "kiosk-requests": ("list the machines that ask to be kiosks", add_kiosk_requests),
    "approve-kiosk": ("let a machine that asks be a kiosk", add_approve_kiosk),
    "refuse-kiosk": ("refuse a machine that asks to be a kiosk", add_refuse_kiosk),
    "keys": ("list the site's keys, and which kiosks still need which", add_keys),
    "rotate-key": ("let kiosks seal to a new key", add_rotate_key),
    "destroy-key": ("make what is sealed to an old key unreadable for good", add_destroy_key),
    "admit-outbox": ("take in what a kiosk could not deliver, from a file", add_admit_outbox),
    "certificates": ("make a private CA and a certificate for TLS, or renew it", add_certificates),
}
"""Commands with a module of their own: what each is for, and what sets up its options."""

ADD_KIOSK = (
    "for trials on this machine alone: enrol a kiosk with a token that never ends, and print its "
    "kiosk.toml; a kiosk at an entrance is enrolled by its own key: enrolment-code"
)

FOR_TRIALS = (
    "for trials on this machine: its token never ends, and a kiosk takes it with a server at a "
    "loopback address only; where people arrive, use: enrolment-code"
)

Run = Callable[[argparse.Namespace], int | None]
"""Carries out a command; returns its exit code, None for 0."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code.

    0, 2 where the input is wrong, `DATABASE_FAILED`, else as the command says.
    """
    options = _parser().parse_args(arguments)
    log_to_standard_error()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    run: Run = options.run
    try:
        code = run(options)
    except WRONG_INPUT as error:
        print(f"ankunft-server: {error}", file=sys.stderr)
        return 2
    except DBAPIError as error:  # a traceback would tell nobody what to do
        print(f"ankunft-server: {sentence_of(error)}", file=sys.stderr)
        return DATABASE_FAILED
    except KeyboardInterrupt:
        return 130
    return code or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server_stub",
        description="The central server: takes check-ins, and lets staff read and call them.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Run, says: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says, description=says)
        made.set_defaults(run=run)
        return made

    def on_data(name: str, run: Run, says: str) -> argparse.ArgumentParser:
        made = command(name, run, says)
        made.add_argument(
            "--data", type=Path, required=True, metavar="DIR", help="the server's data directory"
        )
        return made

    init = on_data("init", _init, "make the data directory of a site")
    init.add_argument("--site", type=Path, required=True, metavar="FILE", help="the site file")
    serve = on_data("serve", _serve, "serve kiosks, staff and displays until stopped")
    serve.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    serve.add_argument(
        "--port", type=_port, default=8080, help="where to listen (%(default)s); 0: a free one"
    )
    serve.add_argument(
        "--last-queue",
        type=Path,
        metavar="DIR",
        help="where who waits is written, to be printed when no server answers (DIR/queue)",
    )
    serve.add_argument(
        "--ticket-port",
        type=_port,
        metavar="PORT",
        help="where phones follow their tickets, and nothing else is (default: nowhere)",
    )
    serve.add_argument(
        "--ticket-host", default="127.0.0.1", metavar="HOST", help="of --ticket-port (%(default)s)"
    )
    serve.add_argument(
        "--tls-certificate",
        type=Path,
        metavar="FILE",
        help="speak TLS with this certificate (PEM); default: plain HTTP",
    )
    serve.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key (PEM)")
    kiosk = on_data("add-kiosk", _add_kiosk, ADD_KIOSK)
    kiosk.add_argument("name", help="like entrance-1")
    kiosk.add_argument("--letter", help="of its numbers; else the first free one")
    _add_server_url(kiosk)
    kiosk.add_argument(
        "--site-file", default="site.toml", metavar="FILE", help="on the kiosk (%(default)s)"
    )
    staff = on_data("add-staff", _add_staff, "let someone log in, and print the password")
    staff.add_argument("name", help="the name to log in with")
    staff.add_argument(
        "--password-from-stdin", action="store_true", help="read it; nothing is printed"
    )
    staff.add_argument("--role", choices=administration.ROLES, default="counter")
    display = on_data("add-display", _add_display, "let a call display show the calls")
    display.add_argument("name", help="like hall")
    display.add_argument(
        "--stages", default="", metavar="A,B", help="whose calls it shows (default: all stages)"
    )
    display.add_argument(
        "--look",
        choices=LOOKS,
        default="auto",
        help="light, dark, or as its browser is set (%(default)s)",
    )
    _add_server_url(display)
    for name, (says, set_up) in OWN_MODULES.items():
        set_up(commands.add_parser(name, help=says, description=says))
    command("openapi", _openapi, "print the OpenAPI document of contract v1")
    return parser


def _add_server_url(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--server-url",
        default="http://127.0.0.1:8080",
        metavar="URL",
        help="how the device reaches the server (%(default)s)",
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _init(options: argparse.Namespace) -> None:
    site = administration.init(Settings(data=options.data), options.site)
    print(f"{options.data} is ready for {site.name}; back up the keys in {options.data}/keys apart")


def _serve(options: argparse.Namespace) -> None:
    # Loaded here: FastAPI takes longer to load than the other commands take to run.
    from server_stub.app import create_app  # noqa: PLC0415
    from server_stub.serving import serve  # noqa: PLC0415
    from server_stub.ticket_page import create_ticket_app  # noqa: PLC0415

    interpreter.share_heaps()
    settings = Settings(data=options.data, last_queue=options.last_queue, steady=seconds_since_boot)
    tls = _tls(options, settings)
    scheme = "https" if tls else "http"
    if tls is None and options.host not in THIS_MACHINE:
        log.warning("plain HTTP on %s: kiosks come only through a proxy with TLS", options.host)
    with ExitStack() as open_sockets:
        listening = open_sockets.enter_context(listen(options.host, port=options.port))
        addresses = [f"serving {address_of(listening, scheme=scheme)}"]
        app = create_app(settings)
        app.state.tls = tls
        beside = []
        if options.ticket_port is not None:
            tickets = listen(options.ticket_host, port=options.ticket_port, of="ticket-")
            beside.append((create_ticket_app(app), open_sockets.enter_context(tickets)))
            addresses.append(f"tickets {address_of(tickets, scheme=scheme)}/t/")

        def is_ready() -> None:
            interpreter.leave_alone_what_stays()
            print("\n".join(addresses), flush=True)

        serve(app, listening, on_ready=is_ready, beside=beside, tls=tls)


def _tls(options: argparse.Namespace, settings: Settings) -> Tls | None:
    files = options.tls_certificate, options.tls_key
    if files == (None, None):
        return None
    if None in files:
        raise TlsError("--tls-certificate and --tls-key go together: name both files")
    return Tls(TlsFiles(*files), clock=settings.clock)


def _add_kiosk(options: argparse.Namespace) -> None:
    enrolment = administration.add_kiosk(
        Settings(data=options.data), options.name, letter=options.letter
    )
    print(_kiosk_toml(enrolment, options), end="", flush=True)
    print(FOR_TRIALS, file=sys.stderr)


def _kiosk_toml(made: Enrolment, options: argparse.Namespace) -> str:
    return kiosk_settings(
        NewEnrolment(made.name, made.enrolment, made.letter, made.token),
        site=made.site,
        key=made.key,
        server_url=options.server_url,
        site_file=options.site_file,
    )


def _add_staff(options: argparse.Namespace) -> None:
    given = sys.stdin.readline().rstrip("\r\n") if options.password_from_stdin else None
    password = administration.add_staff(
        Settings(data=options.data), options.name, password=given, role=options.role
    )
    if given is None:
        print(f"password of {options.name}: {password}")


def _add_display(options: argparse.Namespace) -> None:
    token = administration.add_display(
        Settings(data=options.data),
        options.name,
        stages=[stage.strip() for stage in options.stages.split(",") if stage.strip()],
        look=options.look,
    )
    print(f"{options.server_url}{enter_path(token)}")


def _openapi(options: argparse.Namespace) -> None:
    from server_stub.openapi import openapi_text  # noqa: PLC0415  # as in _serve

    del options
    print(openapi_text(), end="")


if __name__ == "__main__":
    sys.exit(main())
