"""`certificates`: a private CA and a server's certificate, for a house without public names."""

import argparse
from pathlib import Path

from server_stub.private_ca import make_certificate
from server_stub.settings import utc_now

_EXAMPLES = """\
examples:
  python -m server_stub certificates --out tls --name ankunft.example --name 10.0.0.5
  python -m server_stub certificates --out tls --name ankunft.example --ca-key /stick/ca.key
  python -m server_stub certificates --out tls --name db.ankunft.example --file database

The first call makes the CA, each further one a new key and certificate of the same CA: call it
again to renew. A server that runs uses the new one within a minute. The CA may only sign for the
names of the first call, and for names below them (db.ankunft.example under ankunft.example).
"""


def add_certificates(command: argparse.ArgumentParser) -> None:
    """Set up `certificates`."""
    command.set_defaults(run=_certificates)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where the files go"
    )
    command.add_argument(
        "--name",
        action="append",
        required=True,
        metavar="NAME",
        help="how clients call the server, by name or IP address; may be given several times",
    )
    command.add_argument(
        "--ca-key", type=Path, metavar="FILE", help="the CA's private key (DIR/ca.key)"
    )
    command.add_argument(
        "--file",
        default="server",
        metavar="NAME",
        help="of the files, NAME.pem and NAME.key (%(default)s)",
    )
    command.add_argument(
        "--peer",
        action="store_true",
        help="for a machine of a database cluster, which asks the others by it too",
    )


def _certificates(options: argparse.Namespace) -> None:
    made = make_certificate(
        options.out,
        options.name,
        now=utc_now(),
        ca_key=options.ca_key,
        file_name=options.file,
        peer=options.peer,
    )
    print(f"{made.certificate}, {made.key}: for {', '.join(options.name)}")
    print(f"  ends {made.ends:%Y-%m-%d}; renew it before with the same command")
    if made.new_ca:
        print(f"{made.ca}: the CA; kiosks, browsers and databases must trust it (it is no secret)")
        print(f"{made.ca_key}: the CA's key; move it to where the site's keys are kept, off here")
