"""`figures`: what the city reports of a day or a longer period."""

import argparse
import sys
from datetime import date

from server_stub.arrival import service_day
from server_stub.commands.command import CommandError, add_data, day_of, settings_of
from server_stub.daily_figures import knowing, read_period
from server_stub.figures_files import as_csv, as_json
from server_stub.figures_report import report
from server_stub.looking import looking_at
from server_stub.page_texts import DEFAULT_LANGUAGE, LANGUAGES
from server_stub.site_in_force import load_site

_EXAMPLES = """\
examples:
  python -m server_stub figures --data ankunft-data > today.csv
  python -m server_stub figures --data ankunft-data --from 2026-11-01 --to 2026-11-30 > november.csv
  python -m server_stub figures --data ankunft-data --from 2026-01-01 --format json --language en

A day is a service day: from 04:00 to 04:00 on the wall of the site. A server may run meanwhile.
What each figure means, and which are withheld: docs/figures.md.
"""

FORMATS = {"csv": as_csv, "json": as_json}


def add_figures(command: argparse.ArgumentParser) -> None:
    """Set up `figures`."""
    command.set_defaults(run=_figures)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)
    command.add_argument(
        "--from", dest="first", type=day_of, metavar="DAY", help="the first day (default: the last)"
    )
    command.add_argument(
        "--to", dest="last", type=day_of, metavar="DAY", help="the last day (default: today)"
    )
    command.add_argument("--format", choices=FORMATS, default="csv", help="%(default)s")
    command.add_argument(
        "--language", choices=LANGUAGES, default=DEFAULT_LANGUAGE, help="of its words: %(default)s"
    )


def _figures(options: argparse.Namespace) -> None:
    settings = settings_of(options)
    with looking_at(settings) as connection:
        site = load_site(connection).site
        today = service_day(settings.clock(), site.time_zone)
        last: date = options.last or today
        first: date = options.first or last
        if first > last:
            raise CommandError(f"--from {first} is after --to {last}: exchange them")
        period = read_period(connection, site, first=first, last=last, today=today)
        site = knowing(connection, site, period)
    told = report(period, site, today=today, language=options.language)
    sys.stdout.buffer.write(FORMATS[options.format](told))
    sys.stdout.flush()
