"""The audit trail as a file: CSV, line by line, for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from server_stub.audit_trail import Entry
from server_stub.figures_files import harmless

COLUMNS = ("at", "staff", "act", "about", "detail", "counter", "undone")


def as_csv(entries: Iterable[Entry], *, time_zone: str) -> Iterator[bytes]:
    """Yield the lines of a CSV file that a spreadsheet opens by a double click.

    UTF-8 with a byte order mark, without which Excel reads it as another code page; semicolons,
    as German Excel parts columns.
    """
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    yield line.getvalue().encode("utf-8-sig")
    zone = ZoneInfo(time_zone)
    for entry in entries:
        line.seek(0)
        line.truncate()
        at = entry.at.astimezone(zone).isoformat(timespec="seconds")
        told = (entry.staff, entry.act, entry.about, entry.detail, entry.counter)
        writer.writerow((at, *map(harmless, told), "yes" if entry.undone else ""))
        yield line.getvalue().encode()
