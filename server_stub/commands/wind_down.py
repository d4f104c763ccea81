"""`wind-down`: write what the city keeps, then delete everything else, with a record of it."""

import argparse
import sys
from pathlib import Path

from kiosk.contract.site import Site
from server_stub.commands.command import CommandError, add_data, settings_of
from server_stub.page_texts import LANGUAGES
from server_stub.wind_down_record import Survey
from server_stub.winding_down import wind_down

_EXAMPLES = """\
examples:
  python -m server_stub wind-down --data ankunft-data --out /safe/ankunft-end --by "O. Meyer"

For the end of a reception point. Stop the server, close the last day, let the kiosks deliver and
retire them first. The folder gets the figures of all days (small counts withheld, as in every
report), every version of the site file, and a record: record.de.html and record.en.html, to be
printed and signed. Then keys, rows, queue sheets and backups of the data directory are deleted
for good. Where it was interrupted, the same command goes on.

exit codes:
  0  nothing is left but what the record says
  2  not done, or not to the end: the message says how far
"""


def add_wind_down(command: argparse.ArgumentParser) -> None:
    """Set up `wind-down`."""
    command.set_defaults(run=_wind_down)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="a new folder for what is kept, outside of the data",
    )
    command.add_argument("--by", required=True, metavar="NAME", help="who does it, for the record")
    command.add_argument(
        "--although-day-is-open", action="store_true", help="send away who is still here"
    )
    command.add_argument(
        "--although-outboxes-wait",
        action="store_true",
        help="lose check-ins that kiosks have not delivered",
    )
    command.add_argument("--yes", action="store_true", help="do not ask")


def _wind_down(options: argparse.Namespace) -> None:
    # Loaded here: templates take longer to load than the other commands take to run.
    from server_stub.wind_down_sheet import as_page, file_name  # noqa: PLC0415

    def agree(found: Survey, site: Site) -> None:
        _require_ready(found, options)
        for line in _told(found, site):
            print(line)
        if not options.yes and not _is_sure(site):
            raise CommandError("nothing was written, nothing was deleted")

    record = wind_down(
        settings_of(options),
        options.out,
        by=options.by,
        agree=agree,
        tell=lambda what: print(what, flush=True),
    )
    for language in LANGUAGES:
        page = options.out / file_name(language)
        page.write_text(as_page(record, language), encoding="utf-8")
        print(f"print and sign: {page}")
    if record.left:
        print(f"not touched in {options.data}: {', '.join(record.left)}")


def _require_ready(found: Survey, options: argparse.Namespace) -> None:
    """Raise CommandError where something speaks against it that nobody has agreed to."""
    if found.day_is_open and not options.although_day_is_open:
        day = f"the day {found.open_day} is not closed" if found.open_day else "no day is open"
        raise CommandError(
            f"{found.open_visits} parties are still here, and {day}: close it first, or say "
            "--although-day-is-open. Nothing was deleted"
        )
    if found.waiting and not options.although_outboxes_wait:
        kiosks = ", ".join(f"{one.name} ({one.waiting})" for one in found.waiting)
        raise CommandError(
            f"kiosks hold check-ins that are not here: {kiosks}. Start the server and let them "
            "deliver, revoke those that are lost, or say --although-outboxes-wait. "
            "Nothing was deleted"
        )


def _told(found: Survey, site: Site) -> list[str]:
    """Return what will be deleted, a line each."""
    lines = [f"{site.name} ({site.id}): all of this will be deleted for good:"]
    lines += [f"  {count:9}  {group}" for group, count in found.counts.items()]
    if found.in_use:
        lines.append(f"still give out numbers, which nobody will call: {', '.join(found.in_use)}")
    return lines


def _is_sure(site: Site) -> bool:
    """Ask for the site's id."""
    print(f"Type {site.id} to go on: ", end="", flush=True)
    return sys.stdin.readline().strip() == site.id
