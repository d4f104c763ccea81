"""Enrolment, step by step: this machine asks to be a kiosk of a site, and becomes one.

It shows the fingerprint of its key and asks again and again; an administrator who sees the same
fingerprint approves. Ended at any point, the same request can be gone on with.
"""

from dataclasses import replace
from pathlib import Path

from kiosk.contract.enrolling import (
    EnrolmentAnswer,
    EnrolmentRequest,
    EnrolmentState,
    fingerprint,
    public_key_text,
    read_code,
)
from kiosk.contract.messages import RefusalCode
from kiosk.credentials import KeyCredentials
from kiosk.enrolment_folder import Approval, EnrolmentFolder, Pending
from kiosk.hardware import Hardware, read_hardware
from kiosk.health import program_version
from kiosk.language import LANGUAGES, unspoken
from kiosk.server_link import EnrolmentLink, NotEnrolledError, RefusedError, ServerLink
from kiosk.settings import Settings, safe_address


class EnrolmentError(Exception):
    """This request leads nowhere. The message says why and what to do.

    Attributes:
        code: The server's own word for why; None where it is not the server's.

    """

    def __init__(self, message: str, code: RefusalCode | None = None) -> None:
        super().__init__(message)
        self.code = code


class RefusedMachineError(EnrolmentError):
    """An administrator has said that this machine is no kiosk."""


class WrongCodeError(EnrolmentError):
    """The code is none; another can be tried with the same request."""


NEXT_STEPS = {
    RefusalCode.CODE_LAPSED: "the code has lapsed: it is good for 15 minutes, and a request for "
    "a day. Have an administrator make a new one and call this again",
    RefusalCode.CODE_USED: "this code was used already: by this machine, where it has just become "
    "a kiosk (`python -m kiosk status`), or by another machine. Where that is none of yours, tell "
    "the administrator to refuse it; then have a new code made and call this again",
    RefusalCode.KEY_USED: "the server knows this machine's key from another request. Have an "
    "administrator make a new code and call this again: it makes a new key",
}


class Enrolment:
    """One request to be enrolled, from its code to the settings on the disk.

    Use it in one thread.

    Args:
        folder: Where the kiosk will lie.
        server: The server's address; by default that of the request that was begun here, or
            else of the settings that are here.
        ca: The certificate of its CA; the same holds.
        hardware: What this runs on, where that is not this machine.

    Raises:
        EnrolmentError: There is no address, or none that is safe.
        SettingsError, EnrolmentFolderError, KeyFileError: What lies there cannot be used.

    """

    def __init__(
        self,
        folder: EnrolmentFolder,
        *,
        server: str | None = None,
        ca: Path | None = None,
        hardware: Hardware | None = None,
    ) -> None:
        self._folder = folder
        self._hardware = read_hardware() if hardware is None else hardware
        self._pending = self._go_on(server, ca) or self._begin(server, ca)
        self._key = folder.key(self._pending)
        self._link = EnrolmentLink(self.server, ca=self.ca)
        self.settings: Settings | None = None

    def close(self) -> None:
        """Close the line to the server; what was begun can be gone on with."""
        self._link.close()

    @property
    def server(self) -> str:
        """The server's address."""
        return self._pending.server

    @property
    def code(self) -> str:
        """The code by which it asks; "" before there is one."""
        return self._pending.code

    @property
    def fingerprint(self) -> str:
        """What people compare."""
        return fingerprint(public_key_text(self._key))

    def take_code(self, typed: str) -> None:
        """Ask by this code from now on; raise WrongCodeError where it is none.

        Another code than before is another request, with another key: the server knows the key
        by the code that it first came with.
        """
        try:
            code = read_code(typed)
        except ValueError as error:
            raise WrongCodeError(f"{error}") from None
        if self.code not in {"", code}:
            self._begin_anew()
        self._pending = replace(self._pending, code=code)
        self._folder.note(self._pending)

    def ask(self) -> EnrolmentState:
        """Ask once; approved, all is written and `settings` are there.

        Raises:
            EnrolmentError: The request has ended; it is forgotten here.
            WrongCodeError: There is no such code; `take_code` another.
            LinkError: The server did not answer now; ask again.
            SettingsError, EnrolmentFolderError, JournalError: Nothing could be written.

        """
        request = EnrolmentRequest(
            code=self.code,
            public_key=public_key_text(self._key),
            hardware=self._hardware.digest() if self._hardware else None,
            program_version=program_version(),
        )
        try:
            answer = self._link.ask(request)
        except RefusedError as error:
            raise self._ended(error) from None
        if answer.state is EnrolmentState.REFUSED:
            self._folder.give_up(self._pending)
            raise RefusedMachineError(
                "an administrator has refused this machine. Where that was a mistake, have a new "
                "code made and call this again"
            )
        if answer.state is EnrolmentState.APPROVED:
            self._become(answer)
        return answer.state

    @property
    def ca(self) -> Path | None:
        """The certificate of the server's CA, in the folder; None for those that are shipped."""
        return self._folder.path / self._pending.ca if self._pending.ca else None

    def _go_on(self, server: str | None, ca: Path | None) -> Pending | None:
        """Return the request that was begun here, unless it went to another server."""
        pending = self._folder.pending()
        if pending is None:
            return None
        if server is not None and _safe(server) != pending.server:
            self._folder.give_up(pending)
            return None
        return pending if ca is None else self._folder.take_in(ca, pending)

    def _begin(self, server: str | None, ca: Path | None) -> Pending:
        before = self._folder.settings()
        if server is None and before is None:
            raise EnrolmentError(
                "which server? Say so with --server https://ankunft.example, as the "
                "administrator's page shows it"
            )
        if server is None and before is not None:
            return self._folder.begin(before.server.url, ca=ca or before.server.ca)
        return self._folder.begin(_safe(server or ""), ca=ca)

    def _begin_anew(self) -> None:
        """Give the request up for another one with another key, to the same server."""
        self._folder.give_up(self._pending)
        self._pending = self._folder.begin(self.server, ca=self.ca)
        self._key = self._folder.key(self._pending)

    def _ended(self, error: RefusedError) -> EnrolmentError:
        if error.code is RefusalCode.CODE_UNKNOWN:  # the server keeps nothing of such a request
            if self._folder.is_in_force(self._pending):
                self._begin_anew()
            self._pending = replace(self._pending, code="")
            self._folder.note(self._pending)
            return WrongCodeError(
                "the server knows no such code: compare it with the administrator's page, letter "
                "by letter"
            )
        next_step = NEXT_STEPS.get(error.code) if error.code else None
        if next_step:
            self._folder.give_up(self._pending)
        return EnrolmentError(
            next_step or f"{self.server} does not take the request: {error}", error.code
        )

    def _become(self, answer: EnrolmentAnswer) -> None:
        """Write what an approval brings; whatever fails can be done again."""
        if answer.enrolled is None:
            raise EnrolmentError(f"{self.server} approves without saying what this kiosk is")
        credentials = KeyCredentials(self._key, answer.enrolment)
        link = ServerLink(self.server, credentials=credentials, ca=self.ca)
        try:
            site = link.get_site()
        except NotEnrolledError:
            raise EnrolmentError(
                "this machine was approved and has been taken out again since: have an "
                "administrator make a new code, and call this with --code"
            ) from None
        finally:
            link.close()
        if unknown := unspoken(site.site.languages, site.site.audio_languages):
            raise EnrolmentError(
                f"approved, but this program does not speak {unknown} of the site's languages; it "
                f"speaks {', '.join(LANGUAGES)}: update it, and call this again"
            )
        approval = Approval(f"{answer.enrolment}", answer.enrolled, site, self._hardware)
        self.settings = self._folder.finish(self._pending, approval)


def _safe(server: str) -> str:
    try:
        return safe_address(server)
    except ValueError as error:
        raise EnrolmentError(f"{server}: {error}") from None
