"""The folder of a kiosk while it is enrolled: what is written there, and in which order.

A request that waits is a note and the key that it was made with, so that it can be gone on with.
What an approval brings is written around the settings, and those come last: before that moment
the earlier settings are in force as a whole, after it the new ones. Nothing of an earlier
enrolment is changed: its settings get another name, its key and its journal stay where they are.
"""

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.contract.enrolling import Enrolled
from kiosk.contract.site import SiteAnswer
from kiosk.durable_file import remove_durably, sync_folder
from kiosk.hardware import Hardware
from kiosk.journal import Journal, JournalError, NoJournalYet
from kiosk.leftovers import Leftovers
from kiosk.private_key import OWNER_ALONE, make_key, read_key
from kiosk.settings import Settings, SettingsError, read_settings
from kiosk.settings_file import FileNames, kept_tables, settings_text
from kiosk.stops import stop_on_other_hardware

SETTINGS, JOURNAL, NOTE = "kiosk.toml", "journal.db", "enrolling.json"


class EnrolmentFolderError(Exception):
    """The folder cannot be used for enrolling. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that was begun.

    Attributes:
        server: The server's address.
        ca: The file of its CA, as the settings will name it; "" for none.
        code: By which it asks; "" where none was taken yet.
        series: 1 for the first enrolment in this folder, and so on.

    """

    server: str
    ca: str
    code: str
    series: int

    def named(self, name: str) -> str:
        """Return what a file of this enrolment is called: ``kiosk.key``, then ``kiosk-2.key``."""
        stem, dot, kind = name.partition(".")
        return name if self.series == 1 else f"{stem}-{self.series}{dot}{kind}"


@dataclass(frozen=True, slots=True)
class Approval:
    """What an approved request brings.

    Attributes:
        enrolment: Which one.
        enrolled: What the kiosk is from now on.
        site: The site, and the key to seal to.
        hardware: The machine that was enrolled.

    """

    enrolment: str
    enrolled: Enrolled
    site: SiteAnswer
    hardware: Hardware


class EnrolmentFolder:
    """What lies in the folder of a kiosk, as far as enrolling goes; see the module's text.

    All that writes raises EnrolmentFolderError where nothing can be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @property
    def settings_file(self) -> Path:
        """Where the settings are."""
        return self.path / SETTINGS

    def settings(self) -> Settings | None:
        """Return the settings in force, None where there are none; raise SettingsError."""
        return read_settings(self.settings_file) if self.settings_file.exists() else None

    def pending(self) -> Pending | None:
        """Return the request that was begun and not ended."""
        try:
            return Pending(**json.loads((self.path / NOTE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # none, or none that can be gone on with
            return None

    def begin(self, server: str, *, ca: Path | None = None) -> Pending:
        """Begin a request: what its files will be called, and a note of it."""
        with self._writing():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        first = 2 if self.settings_file.exists() else 1
        series = next(n for n in range(first, first + 10_000) if self._is_free(n))
        pending = Pending(server, "", "", series)
        if ca is not None:
            pending = self.take_in(ca, pending)
        self.note(pending)
        return pending

    def take_in(self, ca: Path, pending: Pending) -> Pending:
        """Return the request with a CA's certificate, which is copied here where need be."""
        if ca.absolute().parent == self.path:
            return replace(pending, ca=ca.name)
        try:
            text = ca.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise EnrolmentFolderError(
                f"{ca}: the CA's certificate cannot be read: name a file in PEM"
            ) from None
        name = pending.named("ca.pem")
        self._write(name, text)
        return replace(pending, ca=name)

    def note(self, pending: Pending) -> None:
        """Take a note of how far a request is."""
        self._write(NOTE, json.dumps(asdict(pending)))

    def key(self, pending: Pending) -> Ed25519PrivateKey:
        """Return the key of a request, made when it is first asked for; raise KeyFileError."""
        path = self.path / pending.named("kiosk.key")
        return read_key(path) if path.exists() else make_key(path)

    def give_up(self, pending: Pending) -> None:
        """Forget a request that leads nowhere, and its key, unless that is a kiosk's by now."""
        with self._writing():
            if not self.is_in_force(pending):
                (self.path / pending.named("kiosk.key")).unlink(missing_ok=True)
            remove_durably(self.path / NOTE)

    def is_in_force(self, pending: Pending) -> bool:
        """Tell whether a request's key is, or was, a kiosk's: its note outlived its end.

        Without that key nothing could be delivered any more that its enrolment made. Where the
        settings cannot be read, it may be.
        """
        key = self.path / pending.named("kiosk.key")
        try:
            settings = self.settings()
            if settings is None:
                return False
            every = (settings, *(read_settings(path) for path in settings.earlier))
        except SettingsError:
            return True
        return key in {one.server.key for one in every}

    def finish(self, pending: Pending, approval: Approval) -> Settings:
        """Write what makes this folder a kiosk's; return its settings. May be repeated.

        Raises:
            SettingsError: The settings that are there cannot be read.
            JournalError: The journal cannot be begun.

        """
        before = self.settings()
        if before is None or str(before.kiosk.enrolment) != approval.enrolment:
            data = self.path / pending.named("data")
            self._begin_journal(data, approval)
            if before is not None:
                with self._writing():
                    _carry_leftovers(before, data)
            self._write(pending.named("site.json"), approval.site.to_bytes().decode())
            self._put_in_force(pending, approval, before=before)
        with self._writing():
            remove_durably(self.path / NOTE)
        return read_settings(self.settings_file)

    def _is_free(self, series: int) -> bool:
        asked = Pending("", "", "", series)
        names = [asked.named("kiosk.key"), asked.named("data"), f"kiosk-{series - 1}.toml"]
        return not any((self.path / name).exists() for name in names)

    def _begin_journal(self, data: Path, approval: Approval) -> None:
        with self._writing():
            data.mkdir(mode=0o700, exist_ok=True)
        opened = Journal(
            data / JOURNAL,
            enrolment=UUID(approval.enrolment),
            none_yet=NoJournalYet.BEGIN_WAITING,
        )
        with closing(opened) as journal:
            journal.keep_site(approval.site.to_bytes())
            stop_on_other_hardware(journal, approval.hardware)

    def _put_in_force(
        self, pending: Pending, approval: Approval, *, before: Settings | None
    ) -> None:
        """Give the settings before another name, and put the new ones in their place."""
        old = self.path / f"kiosk-{pending.series - 1}.toml"
        earlier: tuple[Path, ...] = () if before is None else (*before.earlier, old)
        text = settings_text(
            approval.enrolment,
            approval.enrolled,
            url=pending.server,
            names=FileNames(
                data=pending.named("data"),
                key=pending.named("kiosk.key"),
                site=pending.named("site.json"),
                ca=pending.ca,
                earlier=tuple(self._called(path) for path in earlier),
            ),
            site=approval.site,
            tables="" if before is None else kept_tables(_text(self.settings_file)),
        )
        new = self._write(f".{SETTINGS}.new", text)
        read_settings(new)  # else the settings before stay in force
        with self._writing():
            if before is not None and not old.exists():
                os.link(self.settings_file, old)
            new.replace(self.settings_file)
            sync_folder(self.path)

    def _called(self, path: Path) -> str:
        return path.name if path.parent == self.path else str(path)

    def _write(self, name: str, text: str) -> Path:
        """Write a file for its owner alone that is either there as a whole or not at all."""
        path = self.path / name
        made = path.with_name(f".{name.lstrip('.')}.unfinished")
        with self._writing():
            made.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(made, flags, OWNER_ALONE), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            made.replace(path)
            sync_folder(self.path)
        return path

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EnrolmentFolderError(
                f"{self.path}: cannot be written ({error.strerror}): free space, or call this as "
                "the user that runs the kiosk"
            ) from None


def _carry_leftovers(before: Settings, data: Path) -> None:
    """Note for the new enrolment what a printer may still hold of the one before."""
    old, new = Leftovers(before.data), Leftovers(data)
    try:
        path = before.data / JOURNAL
        with closing(Journal(path, enrolment=before.kiosk.enrolment, look_only=True)) as journal:
            unsettled = journal.unsettled()
        cut_off = unsettled is not None and not old.staff_said_since(unsettled)
    except JournalError:
        cut_off = True  # gone: nobody knows
    for printer in (0, 1):
        if cut_off or old.noted(printer):
            new.note(printer, there=True)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")
