"""`queue`: who waits now, read from the database, also while no server answers."""

import argparse
from pathlib import Path

from server_stub.commands.command import add_data, require_newest_store, settings_of
from server_stub.last_queue import read_last_queue
from server_stub.looking import looking_at
from server_stub.page_texts import DEFAULT_LANGUAGE, LANGUAGES
from server_stub.site_in_force import load_site

_EXAMPLES = """\
examples:
  python -m server_stub queue --data ankunft-data | lp
  python -m server_stub queue --data ankunft-data --language en --page > queue.html
  python -m server_stub queue --data ankunft-data --to /media/stick

A running server writes the same into DIR/queue every half minute, and once more when it stops.
It names numbers, languages, sizes and priorities, and nothing that a party answered.
"""


def add_queue(command: argparse.ArgumentParser) -> None:
    """Set up `queue`."""
    command.set_defaults(run=_queue)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)
    command.add_argument(
        "--language", choices=LANGUAGES, default=DEFAULT_LANGUAGE, help="(%(default)s)"
    )
    how = command.add_mutually_exclusive_group()
    how.add_argument("--page", action="store_true", help="as a page for a browser, to be printed")
    how.add_argument(
        "--to", type=Path, metavar="DIR", help="write page and text of every language there"
    )


def _queue(options: argparse.Namespace) -> None:
    # Loaded here: templates take longer to load than the other commands take to run.
    from server_stub.queue_sheet import as_page, as_text, sheet_files, write_sheets  # noqa: PLC0415

    settings = settings_of(options)
    with looking_at(settings) as connection:
        require_newest_store(connection, settings)
        site = load_site(connection).site
        queue = read_last_queue(connection, site, as_of=settings.clock())
    if options.to:
        write_sheets(queue, options.to)
        for page, text in sheet_files(options.to).values():
            print(page, text, sep="\n")
        return
    render = as_page if options.page else as_text
    print(render(queue, options.language), end="")
