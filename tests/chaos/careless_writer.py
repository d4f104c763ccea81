"""A process that stores rows one after the other and tells each once it is committed.

python -m tests.chaos.careless_writer FILE JOURNAL_MODE SYNCHRONOUS
"""

import sqlite3
import sys
from itertools import count


def main(file: str, journal_mode: str, synchronous: str) -> None:
    """Store rows until somebody kills this."""
    db = sqlite3.connect(file, isolation_level=None)
    db.execute(f"PRAGMA journal_mode = {journal_mode}")
    db.execute(f"PRAGMA synchronous = {synchronous}")
    db.execute("CREATE TABLE IF NOT EXISTS told (number INTEGER PRIMARY KEY, filling BLOB)")
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM told").fetchone()
    for number in count(last + 1):
        db.execute("INSERT INTO told VALUES (?, randomblob(3000))", (number,))
        print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
