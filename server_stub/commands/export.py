"""`export`: what a city takes with it, as files that any program reads."""

import argparse
from datetime import date, timedelta
from pathlib import Path

from server_stub.arrival import service_day
from server_stub.commands.command import CommandError, add_data, day_of, settings_of
from server_stub.daily_figures import read_period
from server_stub.export import first_day, new_folder, write_rows
from server_stub.figures_files import as_csv
from server_stub.figures_report import report
from server_stub.looking import looking_at
from server_stub.page_texts import DEFAULT_LANGUAGE, LANGUAGES
from server_stub.site_in_force import load_site

_EXAMPLES = """\
examples:
  python -m server_stub export --data ankunft-data --into export-2026
  python -m server_stub export --data ankunft-data --into november --from 2026-11-01 \\
      --to 2026-11-30 --format jsonl

The server may run meanwhile. The folder gets the report (figures.csv), a file for each kind of
row, the site file, and columns.txt, which says what each column means. No row has a number, a
name, a language, or a time finer than the hour; answers, tokens, passwords and who of the staff
did what are in none.

exit codes:
  0  the files are there
  2  nothing could be written: a folder that is there already, a wrong day, no database
"""


def add_export(command: argparse.ArgumentParser) -> None:
    """Set up `export`."""
    command.set_defaults(run=_export)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)
    command.add_argument(
        "--into", type=Path, required=True, metavar="DIR", help="a new folder for the files"
    )
    command.add_argument(
        "--from", dest="first", type=day_of, metavar="DAY", help="default: the first of all"
    )
    command.add_argument("--to", dest="last", type=day_of, metavar="DAY", help="default: today")
    command.add_argument(
        "--format", choices=("csv", "jsonl"), default="csv", help="of the rows: %(default)s"
    )
    command.add_argument(
        "--language", choices=LANGUAGES, default=DEFAULT_LANGUAGE, help="of the report: %(default)s"
    )


def _export(options: argparse.Namespace) -> None:
    settings = settings_of(options)
    with looking_at(settings) as connection:
        site = load_site(connection).site
        today = service_day(settings.clock(), site.time_zone)
        last: date = options.last or today
        first: date = options.first or first_day(connection, site) or last
        if first > last:
            raise CommandError(f"--from {first} is after --to {last}: exchange them")
        new_folder(options.into)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        counts = write_rows(connection, site, options.into, days=days, style=options.format)
        period = read_period(connection, site, first=first, last=last, today=today)
    told = report(period, site, today=today, language=options.language)
    (options.into / "figures.csv").write_bytes(as_csv(told))
    rows = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"{options.into}: {first} to {last}; {rows}")
