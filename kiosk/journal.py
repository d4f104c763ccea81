"""The kiosk's memory: one SQLite file with the sequence, the outbox and the state of each slip.

A check-in's number, its sealed bytes and its slip are written in ONE transaction (`issue`): a
power cut at any instruction leaves either nothing or all of it. The rollback journal with
``synchronous=EXTRA`` also syncs the folder, so that a committed number stays committed;
``secure_delete`` overwrites what is deleted. On disk are only ids, numbers, states and sealed
bytes: what a slip says stays in memory.

A journal belongs to the thread that opened it; sqlite3 refuses every other.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

from kiosk.contract.messages import CheckIn, SlipState, Trouble

KEEP_CONFIRMED = timedelta(days=7)
"""How long a confirmed check-in stays, sealed, to be sent again after a server restore."""

PROOF_BYTES = 8192
"""More than a check-in takes, sealed."""

Result = TypeVar("Result")

# Which of the site's keys opens an entry, as its envelope says. An index keeps it: a heartbeat
# asks for all, and to read thousands of bodies would hold up a check-in.
_KEY = (
    "CASE WHEN json_valid(CAST(body AS TEXT)) THEN json_extract(CAST(body AS TEXT), '$.key_id') END"
)

_VERSION = 2
_SCHEMA = f"""
CREATE TABLE kiosk (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    enrolment TEXT NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0,
    stopped TEXT NOT NULL DEFAULT '',
    site BLOB,
    heard INTEGER NOT NULL DEFAULT 1,
    hardware TEXT NOT NULL DEFAULT ''
);
CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    sequence INTEGER NOT NULL UNIQUE,
    number TEXT NOT NULL,
    body BLOB NOT NULL,
    boot TEXT NOT NULL,
    made REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'confirmed', 'refused')),
    confirmed_at TEXT,
    refusal TEXT
);
CREATE INDEX outbox_by_state ON outbox (state, position);
CREATE INDEX outbox_by_key ON outbox ({_KEY});
CREATE TABLE slip (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sending', 'printed', 'failed', 'unconfirmed')),
    copies INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 1,
    reported INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
PRAGMA user_version = {_VERSION};
"""

_SECOND_VERSION = f"""
ALTER TABLE kiosk ADD COLUMN heard INTEGER NOT NULL DEFAULT 1;
ALTER TABLE kiosk ADD COLUMN hardware TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_by_key ON outbox ({_KEY});
PRAGMA user_version = 2;
"""

_KEEP = "do not delete it, it holds check-ins that the server may not have"

# The result codes of https://www.sqlite.org/rescode.html; a longer one says more of the same.
_TROUBLES = {
    "SQLITE_FULL": Trouble.DISK_FULL,
    "SQLITE_READONLY": Trouble.DISK_READ_ONLY,
    "SQLITE_CANTOPEN": Trouble.DISK_READ_ONLY,  # no rollback journal can be made beside it
    "SQLITE_CORRUPT": Trouble.JOURNAL_DAMAGED,
    "SQLITE_NOTADB": Trouble.JOURNAL_DAMAGED,
}

# SQLite takes a damaged value for a value of another kind, and a damaged name for its own words.
_NOT_OURS = (AttributeError, OverflowError, TypeError, ValueError)

# Every legal step of a slip. What is not listed is illegal. Out of UNCONFIRMED only a person's
# word leads: it came out, it did not (one copy is sent), the copy did not either.
NEXT_SLIP: dict[SlipState, frozenset[SlipState]] = {
    SlipState.WAITING: frozenset({SlipState.SENDING, SlipState.FAILED, SlipState.UNCONFIRMED}),
    SlipState.SENDING: frozenset({SlipState.PRINTED, SlipState.FAILED, SlipState.UNCONFIRMED}),
    SlipState.UNCONFIRMED: frozenset({SlipState.PRINTED, SlipState.SENDING, SlipState.FAILED}),
    SlipState.FAILED: frozenset(),
    SlipState.PRINTED: frozenset(),
}


class JournalError(Exception):
    """The journal cannot be used; the message says which file, why, and what to do.

    Attributes:
        trouble: What staff should look at.

    """

    def __init__(self, message: str, trouble: Trouble = Trouble.JOURNAL) -> None:
        super().__init__(message)
        self.trouble = trouble


class OutOfServiceError(JournalError):
    """This kiosk must not give out numbers until staff have looked at it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Trouble.STOPPED)


class SlipStepError(JournalError):
    """A slip cannot take that step, or there is no such slip: to try again changes nothing."""


class NoJournalYet(Enum):
    """What to do where there is no journal: a new one begins its series at 1."""

    BEGIN = "begin one that gives out numbers at once"
    BEGIN_WAITING = "begin one that gives out none before the server has been heard"
    REFUSE = "refuse: only by enrolling is a series begun"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A check-in that waits for the server.

    Attributes:
        id: The check-in's id.
        body: The exact bytes to send, the same at every attempt.
        boot: Which run of the machine made it.
        made: Seconds on that run's monotonic clock.

    """

    id: UUID
    body: bytes
    boot: str
    made: float


@dataclass(frozen=True, slots=True)
class SlipRecord:
    """How one slip is, as the journal knows it."""

    id: UUID
    state: SlipState
    copies: int
    revision: int


class Journal:
    """The kiosk's memory on disk; see the module's text.

    Args:
        path: The file.
        enrolment: Who this kiosk is. A journal of another enrolment is refused, since its
            sequence belongs to another series.
        look_only: Change nothing, not even slips that were cut off: for a technician's look
            while the kiosk runs.
        none_yet: What to do where there is none.

    Raises:
        JournalError: The file cannot be opened, is damaged, is another enrolment's, or is gone.

    """

    def __init__(
        self,
        path: Path,
        *,
        enrolment: UUID,
        look_only: bool = False,
        none_yet: NoJournalYet = NoJournalYet.BEGIN,
    ) -> None:
        self._path = path
        self._version = 0
        refuse = none_yet is NoJournalYet.REFUSE and not look_only
        if refuse and _is_gone(path):
            raise _gone(path)
        mode = "ro" if look_only else "rw" if refuse else "rwc"
        try:
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=5,
            )
            try:
                self._version = self._value("PRAGMA user_version")
                if not look_only:
                    self._prepare(enrolment, none_yet)
                self._check_owner(enrolment)
            except BaseException:
                self._db.close()
                raise
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise JournalError(
                f"{path}: the journal cannot be used ({error}): check disk and permissions; "
                f"{_KEEP}",
                _trouble(error),
            ) from None

    def _prepare(self, enrolment: UUID, none_yet: NoJournalYet) -> None:
        if self._version > _VERSION:
            raise JournalError(
                f"{self._path}: written by a newer program (version {self._version}): "
                "update this kiosk's program"
            )
        for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        refuse = none_yet is NoJournalYet.REFUSE
        if not self._version and refuse:  # an empty file is none
            raise _gone(self._path)
        if self._version < _VERSION:
            script = _SECOND_VERSION if self._version else _SCHEMA
            self._db.executescript(f"BEGIN IMMEDIATE; {script} COMMIT;")
            self._version = _VERSION
        with self._transaction() as db:
            if not refuse:
                db.execute(
                    "INSERT INTO kiosk (one, enrolment, heard) VALUES (1, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (str(enrolment), int(none_yet is NoJournalYet.BEGIN)),
                )
            self._check_owner(enrolment)
            # What such a slip said was only in memory: nobody knows whether it came out.
            db.execute(
                "UPDATE slip SET state = 'unconfirmed', revision = revision + 1"
                " WHERE state IN ('waiting', 'sending')"
            )

    def _check_owner(self, enrolment: UUID) -> None:
        owner = self._read("SELECT enrolment FROM kiosk").fetchone()
        if owner is None:  # cut off between making the tables and writing the owner
            raise JournalError(f"{self._path}: no enrolment yet: start the kiosk once")
        if owner[0] != str(enrolment):
            raise JournalError(
                f"{self._path}: this journal belongs to enrolment {owner[0]}, the settings "
                f"name {enrolment}: give this enrolment a data folder of its own"
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def issue(self, make: Callable[[int], CheckIn], *, boot: str, made: float) -> CheckIn:
        """Give out the next sequence and keep what `make` makes of it, all or nothing.

        Args:
            make: Gets the sequence, returns the sealed check-in. When it raises, the sequence
                is not used.
            boot: This run of the machine.
            made: Seconds on its monotonic clock.

        Returns:
            The check-in; its number may be shown and printed from now on.

        Raises:
            OutOfServiceError: This kiosk was stopped.
            JournalError: Nothing was written, e.g. because the disk is full.

        """
        with self._transaction() as db:
            if reason := self.stopped:
                raise OutOfServiceError(f"this kiosk gives out no numbers: {reason}")
            if self.awaits_server:
                raise OutOfServiceError(
                    "this kiosk gives out no numbers before the server answers and knows it"
                )
            sequence = self.sequence + 1
            check_in = make(sequence)
            db.execute("UPDATE kiosk SET sequence = ?", (sequence,))
            db.execute(
                "INSERT INTO outbox (id, sequence, number, body, boot, made)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (str(check_in.id), sequence, check_in.number, check_in.to_bytes(), boot, made),
            )
            db.execute("INSERT INTO slip (id) VALUES (?)", (str(check_in.id),))
            self._count(db, "check_ins")
        return check_in

    @property
    def sequence(self) -> int:
        """The highest sequence that was given out; 0 before the first."""
        with self._as_written():
            return int(self._value("SELECT sequence FROM kiosk"))

    def stop(self, reason: str) -> None:
        """Give out no more numbers; the outbox goes on being delivered."""
        with self._transaction() as db:
            db.execute("UPDATE kiosk SET stopped = ?", (reason,))

    @property
    def stopped(self) -> str:
        """Why no numbers are given out, or an empty text."""
        return str(self._value("SELECT stopped FROM kiosk"))

    @property
    def awaits_server(self) -> bool:
        """Whether no numbers are given out because the server must be heard before.

        It was not heard yet, or does not know this kiosk any more. A disk that was put back to how
        it was on the day of its enrolment looks like this too: only the server knows that its
        numbers have long been given out.
        """
        return self._version > 1 and not self._value("SELECT heard FROM kiosk")

    def server_heard(self) -> None:
        """Take down that the server has said how many numbers it has seen of this enrolment."""
        if self.awaits_server:
            with self._transaction() as db:
                db.execute("UPDATE kiosk SET heard = 1")

    def server_refused(self) -> None:
        """Take down that the server does not know this kiosk, until it is heard again."""
        if not self.awaits_server:
            with self._transaction() as db:
                db.execute("UPDATE kiosk SET heard = 0")

    @property
    def hardware(self) -> str:
        """The machine that this journal belongs to, as `keep_hardware` was told; "" for none."""
        return str(self._value("SELECT hardware FROM kiosk")) if self._version > 1 else ""

    def keep_hardware(self, traits: str) -> None:
        """Remember the machine that this journal belongs to."""
        with self._transaction() as db:
            db.execute("UPDATE kiosk SET hardware = ?", (traits,))

    def prove_writable(self) -> None:
        """Write as much as a check-in needs; raise JournalError where it could not be written.

        What is written is deleted in the same transaction: its pages reach the disk all the same.
        (To write again what is there already would not: SQLite leaves such a page alone.)
        """
        with self._transaction() as db:
            db.execute("INSERT INTO tally VALUES ('proof', zeroblob(?))", (PROOF_BYTES,))
            db.execute("DELETE FROM tally WHERE name = 'proof'")

    # --- outbox -----------------------------------------------------------------------------

    def next_waiting(self, *, but: Iterable[UUID] = ()) -> OutboxEntry | None:
        """Return the check-in to deliver next, or None where all that wait are among `but`."""
        row = self._read(
            "SELECT id, body, boot, made FROM outbox WHERE state = 'waiting'"
            " AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY position LIMIT 1",
            (json.dumps([str(check_in) for check_in in but]),),
        ).fetchone()
        with self._as_written():
            return row and OutboxEntry(UUID(row[0]), bytes(row[1]), row[2], row[3])

    def depth(self) -> int:
        """Return how many check-ins the server has not confirmed; refused ones are among them."""
        return int(self._value("SELECT count(*) FROM outbox WHERE state != 'confirmed'"))

    def refused(self) -> int:
        """Return how many check-ins were set aside for staff."""
        return int(self._value("SELECT count(*) FROM outbox WHERE state = 'refused'"))

    def undelivered(self) -> int:
        """Return how many check-ins and slips' outcomes wait for the server."""
        return int(
            self._value(
                "SELECT count(*) FROM outbox o JOIN slip s ON s.id = o.id"
                " WHERE o.state = 'waiting' OR (o.state = 'confirmed' AND s.reported < s.revision"
                " AND s.state IN ('printed', 'failed', 'unconfirmed'))"
            )
        )

    def bodies(self) -> Iterator[bytes]:
        """Yield the exact bytes of every entry, whether confirmed or not, in order of sequence."""
        for (body,) in self._read("SELECT body FROM outbox ORDER BY sequence"):
            with self._as_written():
                whole = bytes(body)
            yield whole

    def keys(self) -> set[str]:
        """Return the site's keys that entries here are sealed to, confirmed or not."""
        rows = self._read(f"SELECT DISTINCT {_KEY} FROM outbox").fetchall()  # noqa: S608
        return {key for (key,) in rows if key is not None}

    def confirm(self, check_in: UUID) -> None:
        """Mark a check-in as safe at the server; `forget_confirmed` begins to count its days."""
        with self._transaction() as db:
            db.execute("UPDATE outbox SET state = 'confirmed' WHERE id = ?", (str(check_in),))

    def refuse(self, check_in: UUID, *, reason: str) -> None:
        """Set a check-in aside that the server will never take; it stays, sealed, for staff."""
        with self._transaction() as db:
            db.execute(
                "UPDATE outbox SET state = 'refused', refusal = ? WHERE id = ?",
                (reason, str(check_in)),
            )

    def put_back(self, check_in: UUID) -> None:
        """Move a check-in that failed to the back, so that it does not hold up the others."""
        with self._transaction() as db:
            db.execute(
                "UPDATE outbox SET position = (SELECT max(position) + 1 FROM outbox)"
                " WHERE id = ? AND position < (SELECT max(position) FROM outbox)",
                (str(check_in),),
            )

    def confirmed(self) -> list[int]:
        """Return the sequences of what the server has confirmed and is still here."""
        rows = self._read("SELECT sequence FROM outbox WHERE state = 'confirmed' ORDER BY sequence")
        with self._as_written():
            return [int(sequence) for (sequence,) in rows]

    def send_again(self, sequences: Sequence[int]) -> int:
        """Put confirmed check-ins back to waiting; return how many of them are still here.

        A server that misses a check-in has not heard of its slip either: that is told again.
        """
        again = "sequence = ? AND state = 'confirmed'"
        with self._transaction() as db:
            count = 0
            for sequence in sequences:
                db.execute(
                    f"UPDATE slip SET reported = 0"  # noqa: S608
                    f" WHERE id IN (SELECT id FROM outbox WHERE {again})",
                    (sequence,),
                )
                count += db.execute(
                    f"UPDATE outbox SET state = 'waiting', confirmed_at = NULL WHERE {again}",  # noqa: S608
                    (sequence,),
                ).rowcount
            return count

    def forget_confirmed(self, *, now: datetime) -> int:
        """Delete, overwriting, what was confirmed 7 days ago; return how many.

        What was confirmed since this was last called has its 7 days from now on: it is counted by
        clocks that were good enough to forget by. So has what bears a time that is yet to come.
        """
        now = now.astimezone(UTC)  # times are compared as they are written
        before = (now - KEEP_CONFIRMED).isoformat()
        with self._transaction() as db:
            db.execute(
                "UPDATE outbox SET confirmed_at = ?"
                " WHERE state = 'confirmed' AND (confirmed_at IS NULL OR confirmed_at > ?)",
                (now.isoformat(), now.isoformat()),
            )
            gone = "SELECT id FROM outbox WHERE state = 'confirmed' AND confirmed_at < ?"
            db.execute(f"DELETE FROM slip WHERE id IN ({gone})", (before,))  # noqa: S608
            return db.execute(f"DELETE FROM outbox WHERE id IN ({gone})", (before,)).rowcount  # noqa: S608

    # --- slips ------------------------------------------------------------------------------

    def slip(self, check_in: UUID) -> SlipRecord:
        """Return how the slip of a check-in is; raise JournalError where there is none."""
        row = self._read(
            "SELECT id, state, copies, revision FROM slip WHERE id = ?", (str(check_in),)
        ).fetchone()
        if row is None:
            raise SlipStepError(f"no slip of check-in {check_in}")
        with self._as_written():
            return _slip(row)

    def set_slip(self, check_in: UUID, state: SlipState) -> SlipRecord:
        """Take one legal step of a slip; each `sending` is one more copy on its way to paper."""
        with self._transaction() as db:
            before = self.slip(check_in)
            if state not in NEXT_SLIP[before.state]:
                raise SlipStepError(f"slip is {before.state}: cannot become {state}")
            db.execute(
                "UPDATE slip SET state = ?, revision = revision + 1, copies = copies + ?"
                " WHERE id = ?",
                (state, int(state is SlipState.SENDING), str(check_in)),
            )
            return self.slip(check_in)

    def next_unreported_slip(self) -> SlipRecord | None:
        """Return a slip whose outcome the server has not heard, of a check-in that it has."""
        row = self._read(
            "SELECT s.id, s.state, s.copies, s.revision FROM slip s JOIN outbox o ON o.id = s.id"
            " WHERE s.reported < s.revision AND o.state = 'confirmed'"
            " AND s.state IN ('printed', 'failed', 'unconfirmed') ORDER BY o.position LIMIT 1"
        ).fetchone()
        with self._as_written():
            return row and _slip(row)

    def slip_reported(self, check_in: UUID, *, revision: int) -> None:
        """Remember that the server has this revision of a slip's outcome."""
        with self._transaction() as db:
            db.execute(
                "UPDATE slip SET reported = max(reported, ?) WHERE id = ?",
                (revision, str(check_in)),
            )

    def unsettled(self) -> int | None:
        """Return the sequence of the slip that was sent last, where nobody knows that it came out.

        After a power cut the printer may still hold the rest of it. Slips are sent in the order
        of their numbers.
        """
        row = self._read(
            "SELECT o.sequence, s.state FROM slip s JOIN outbox o ON o.id = s.id"
            " WHERE s.copies > 0 ORDER BY o.sequence DESC LIMIT 1"
        ).fetchone()
        is_open = row and row[1] in {SlipState.SENDING, SlipState.UNCONFIRMED}
        return int(row[0]) if is_open else None

    # --- what else the kiosk remembers --------------------------------------------------------

    def count(self, name: str) -> None:
        """Add one to a counter that only grows."""
        with self._transaction() as db:
            self._count(db, name)

    def counters(self) -> dict[str, int]:
        """Return all counters by name."""
        return dict(self._read("SELECT name, value FROM tally").fetchall())

    def keep_site(self, answer: bytes) -> None:
        """Remember the server's last answer about the site, for a start without the server."""
        with self._transaction() as db:
            db.execute("UPDATE kiosk SET site = ?", (answer,))

    def site(self) -> bytes | None:
        """Return the server's last answer about the site, or None."""
        answer = self._value("SELECT site FROM kiosk")
        with self._as_written():
            return None if answer is None else bytes(answer)

    @staticmethod
    def _count(db: sqlite3.Connection, name: str) -> None:
        db.execute(
            "INSERT INTO tally VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
            (name,),
        )

    def _value(self, sql: str) -> Any:  # noqa: ANN401  # what SQLite holds there
        with self._as_written():
            return self._read(sql).fetchone()[0]

    def _read(self, sql: str, values: tuple[str, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise JournalError(
                f"{self._path}: cannot be read ({error}): {_KEEP}", _trouble(error)
            ) from None

    @contextmanager
    def _as_written(self) -> Iterator[None]:
        """Take what is read to be as this program writes it; tell of damage where it is not."""
        try:
            yield
        except _NOT_OURS:
            raise JournalError(
                f"{self._path}: it is damaged, something stands in it that was never written: "
                f"{_KEEP}",
                Trouble.JOURNAL_DAMAGED,
            ) from None
        except sqlite3.Error as error:  # a row is read only when it is fetched
            raise JournalError(
                f"{self._path}: cannot be read ({error}): {_KEEP}", _trouble(error)
            ) from None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            trouble = _trouble(error)
            damaged = trouble is Trouble.JOURNAL_DAMAGED
            remedy = _KEEP if damaged else "free space on the disk, or make the folder writable"
            raise JournalError(
                f"{self._path}: nothing was written ({error}): {remedy}", trouble
            ) from None


class JournalDoor(Protocol):
    """Runs something with the journal, in the journal's thread, and returns its result."""

    def __call__(self, work: Callable[[Journal], Result]) -> Result:
        """Return what `work` returns, or raise what it raises."""
        ...


def _is_gone(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:  # the disk does not say; opening it tells why
        return False


def _gone(path: Path) -> JournalError:
    return JournalError(
        f"{path}: the journal of this enrolment is not there. Where its disk is only not mounted, "
        "mount it; where it is lost, nobody knows which numbers were given out: enrol anew with "
        "`python -m kiosk enrol`",
        Trouble.STOPPED,
    )


def _trouble(error: sqlite3.Error | UnicodeDecodeError) -> Trouble:
    """Return what staff should look at, by SQLite's own code for what went wrong."""
    if isinstance(error, UnicodeDecodeError):
        return Trouble.JOURNAL_DAMAGED
    name = getattr(error, "sqlite_errorname", "")
    for beginning, trouble in _TROUBLES.items():
        if name.startswith(beginning):
            return trouble
    return Trouble.JOURNAL


def _slip(row: tuple[str, str, int, int]) -> SlipRecord:
    return SlipRecord(UUID(row[0]), SlipState(row[1]), row[2], row[3])
