"""The admission of an outbox that came as a file: first what it would do, then what a kiosk could.

Each check-in goes the same way as one that its kiosk sends: once, into its place in the kiosk's
series, late where its day is over, marked where nobody can read it. Only who brings it differs,
and that is written down.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Connection, select

from kiosk.contract.messages import CheckIn
from kiosk.contract.outbox_file import OutboxFileError, OutboxReader
from kiosk.contract.paths import LARGEST_BODY
from kiosk.contract.series import letter_of
from kiosk.contract.site import Site
from server_stub import admission, fleet_kiosks, tables
from server_stub.admin_act import AdminAct, AdministrationError
from server_stub.admission import Admission, Newcomer
from server_stub.arrival import LONGEST_AGE
from server_stub.body_limit import too_large
from server_stub.device_tokens import Device
from server_stub.fleet_letters import choose_letter
from server_stub.keys import Keyring
from server_stub.refusals import RefusedError

AT_ONCE = 100
"""Check-ins of one transaction, so that nobody waits long for the writer."""

Read = tuple[CheckIn, bytes]
"""A check-in whose envelope can be read, and its exact bytes."""

MOST_REASONS = 20
"""Refused check-ins whose reasons are told one by one."""


class UnreadableOutboxError(AdministrationError):
    """The file is no outbox, or not all of it is there."""


class FileGoneError(AdministrationError):
    """The file that was looked through is not here any more."""

    def __init__(self) -> None:
        super().__init__("the file is not here any more: send it again")


class OtherSiteError(AdministrationError):
    """The file is another site's."""

    def __init__(self, site: str) -> None:
        self.site = site
        super().__init__(f"this is an outbox of the site {site}: admit it there")


class StrangeKioskError(AdministrationError):
    """Nobody enrolled the kiosk that wrote the file."""

    def __init__(self, kiosk: str) -> None:
        self.kiosk = kiosk
        super().__init__(
            f"no kiosk {kiosk} was ever enrolled here under this enrolment; where this server was "
            "restored from a backup that is older than the kiosk, add: --lost-kiosk"
        )


class OtherNameError(StrangeKioskError):
    """The enrolment is known, as another kiosk's."""


class BadSignatureError(AdministrationError):
    """The kiosk's own key has not signed the file as it is."""

    def __init__(self, kiosk: str) -> None:
        self.kiosk = kiosk
        super().__init__(
            f"it is not signed by the key of {kiosk}: somebody else wrote or changed it, or it "
            "was exported without the key file: export it anew beside kiosk.key"
        )


@dataclass(frozen=True, slots=True)
class Sender:
    """The kiosk that a file is from.

    Attributes:
        device: The kiosk.
        called: What staff call it.
        revoked: Whether nothing of it is taken otherwise.
        signed: Whether its own key has signed the file; where it has none nobody can have.

    """

    device: Device
    called: str
    revoked: bool
    signed: bool


@dataclass(slots=True)
class Findings:
    """What became of the check-ins of a file, or would.

    Attributes:
        new: Admitted, that were not here.
        here: That were here already.
        clashes: Of the new ones, those whose number another party has: two kiosks were one.
        unread: Of the new ones, those that nobody can open: these parties are asked again.
        refused: Not admitted: how many, and of the first ones which and why.

    """

    new: int = 0
    here: int = 0
    clashes: int = 0
    unread: int = 0
    refused: int = 0
    reasons: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, number: str, reason: str) -> None:
        """Count one that is not admitted."""
        self.refused += 1
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append((number, reason))


def read_outbox(file: BinaryIO) -> OutboxReader:
    """Return the reader of a file that is whole; raise UnreadableOutboxError where it is not."""
    try:
        return OutboxReader(file)
    except OutboxFileError as error:
        raise UnreadableOutboxError(f"{error}") from None


def sender_of(connection: Connection, site: str, outbox: OutboxReader) -> Sender:
    """Return the kiosk that a file is from.

    Raises:
        AdministrationError: It is another site's or nobody's, or another has written it.

    """
    header, t = outbox.header, tables.kiosk.c
    if header.site != site:
        raise OtherSiteError(header.site)
    row = connection.execute(
        select(t.name, t.label, t.letter, t.revoked_at, t.public_key).where(
            t.site == site, t.enrolment == header.enrolment, t.kind == "kiosk"
        )
    ).one_or_none()
    if row is None:
        raise StrangeKioskError(header.kiosk)
    if row.name != header.kiosk:
        raise OtherNameError(header.kiosk)
    if row.public_key is not None and not outbox.is_signed_by(row.public_key):
        raise BadSignatureError(row.name)
    return Sender(
        Device(header.enrolment, row.name, row.letter, retired=True),
        called=row.label or row.name,
        revoked=row.revoked_at is not None,
        signed=row.public_key is not None,
    )


def lost_sender_of(outbox: OutboxReader) -> Sender:
    """Return the kiosk that a file is from by what the file itself says.

    For a server that was restored from before its enrolment, and knows neither it nor its key.
    Whoever admits the file answers for where it is from.

    Raises:
        UnreadableOutboxError: It holds no numbers, or such of several series.

    """
    letters = {letter for body in outbox.bodies() if (letter := _letter_of(body))}
    if len(letters) != 1:
        raise UnreadableOutboxError(f"it holds numbers of {len(letters)} series, and not of one")
    header = outbox.header
    device = Device(header.enrolment, header.kiosk, letters.pop(), retired=True)
    return Sender(device, called=header.kiosk, revoked=False, signed=False)


def _letter_of(body: bytes) -> str:
    """Return the letter of a check-in's number, or ""."""
    try:
        return letter_of(CheckIn.model_validate_json(body).number)
    except ValidationError:
        return ""


def take_in_lost(act: AdminAct, sender: Sender) -> None:
    """Know a lost kiosk again, as one that is retired and gets in by no key.

    Raises:
        AdministrationError: Its letter was given to another kiosk meanwhile.

    """
    lost = sender.device
    choose_letter(act.connection, act.site, wanted=lost.letter, now=act.now)
    fleet_kiosks.insert(act, lost.enrolment, name=lost.name, letter=lost.letter)
    fleet_kiosks.end(act, lost.enrolment)
    act.note("kiosk-enrolled", lost.name, f"{lost.letter}: outbox")


def look_through(
    connection: Connection, outbox: OutboxReader, sender: Sender, *, site: Site, keys: Keyring
) -> Findings:
    """Return what an admission would come to; nothing is changed."""
    found = Findings()
    sequences: dict[int, UUID] = {}
    for some in _in_parts(outbox.bodies()):
        read = list(_read(some, sender.device, found))
        stored, holders = _known(connection, site.id, sender.device, read)
        for check_in, body in read:
            sha256 = hashlib.sha256(body).hexdigest()
            if check_in.id in stored:
                if stored[check_in.id] == sha256:
                    found.here += 1
                else:
                    found.refuse(check_in.number, "another one is stored under its id")
                continue
            stored[check_in.id] = sha256
            found.new += 1
            first = sequences.setdefault(check_in.sequence, check_in.id)
            found.clashes += holders.get(check_in.sequence, first) != check_in.id
            found.unread += admission.open_content(check_in, site=site, keys=keys) is None
    return found


Write = Callable[[Callable[[Connection], list[Admission | Exception]]], list[Admission | Exception]]
"""Carries out a command durably, in a transaction of its own, and returns what it returned."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How a file is admitted.

    Attributes:
        act: Returns who does it, inside a transaction.
        site: Returns the site in force there.
        keys: Those that open the contents.
        write: Carries out a part.

    """

    act: Callable[[Connection], AdminAct]
    site: Callable[[Connection], Site]
    keys: Keyring
    write: Write


def admit_outbox(outbox: OutboxReader, sender: Sender, ways: Ways) -> Findings:
    """Admit what of a file is not here yet; the same file again changes nothing.

    Args:
        outbox: The file.
        sender: Whose it is, as `sender_of` returned it.
        ways: How.

    """
    found = Findings()
    ways.write(partial(_note, ways=ways, sender=sender, entries=outbox.header.entries))
    for some in _in_parts(outbox.bodies()):
        read = list(_read(some, sender.device, found))
        done = ways.write(partial(_admit, ways=ways, sender=sender, read=read))
        for (check_in, _), outcome in zip(read, done, strict=True):
            _count(found, check_in, outcome)
    return found


def _note(connection: Connection, *, ways: Ways, sender: Sender, entries: int) -> list[Any]:
    """Write down who admits what, before anything is admitted.

    A press that comes again may have been cut off after its first part: it goes through all.
    """
    act = ways.act(connection)
    if not act.is_noted:
        act.note("outbox-admitted", sender.device.name, f"{sender.device.letter}: {entries}")
    return []


def _admit(
    connection: Connection, *, ways: Ways, sender: Sender, read: Sequence[Read]
) -> list[Admission | Exception]:
    site, at = ways.site(connection), ways.act(connection).now
    newcomers = [
        Newcomer(
            check_in=check_in,
            body=body,
            content=admission.open_content(check_in, site=site, keys=ways.keys),
            device=sender.device,
            received_at=at,
            age=_age(check_in, at),
        )
        for check_in, body in read
    ]
    return admission.admit(connection, newcomers, site=site) if newcomers else []


def _age(check_in: CheckIn, at: datetime) -> float | None:
    """Return how old a check-in is by its kiosk's clock, which it only tells if it trusts it.

    A file may be days old: who came then must not wait as if it came now.
    """
    if check_in.made_at is None:
        return None
    age = (at - check_in.made_at).total_seconds()
    return age if 0 <= age <= LONGEST_AGE else None


def _count(found: Findings, check_in: CheckIn, outcome: Admission | Exception) -> None:
    if isinstance(outcome, Exception):
        found.refuse(check_in.number, f"{outcome}")
    elif outcome.first:
        found.new += 1
    else:
        found.here += 1


def _in_parts(bodies: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(bodies)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _read(bodies: Iterable[bytes], device: Device, found: Findings) -> Iterator[Read]:
    """Yield the check-ins whose envelopes can be read; count the others as refused."""
    for body in bodies:
        try:
            if len(body) > LARGEST_BODY:
                raise too_large(LARGEST_BODY)
            yield admission.read_envelope(body, device=device, path_id=None), body
        except RefusedError as error:
            found.refuse("?", f"{error}")


def _known(
    connection: Connection, site: str, device: Device, read: Sequence[Read]
) -> tuple[dict[UUID, str], dict[int, UUID]]:
    """Return what is stored under the ids of check-ins, and who holds their sequences."""
    t = tables.ledger.c
    ids = [check_in.id for check_in, _ in read]
    sequences = [check_in.sequence for check_in, _ in read]
    stored = connection.execute(select(t.id, t.sha256).where(t.site == site, t.id.in_(ids)))
    holders = connection.execute(
        select(t.sequence, t.id).where(
            t.site == site, t.enrolment == device.enrolment, t.sequence.in_(sequences)
        )
    )
    return {row.id: row.sha256 for row in stored}, {row.sequence: row.id for row in holders}
