"""Enrolment behind a screen: a thread that asks the server, so that no touch ever waits for it."""

import logging
import threading
from collections.abc import Callable

from kiosk.contract.enrolling import EnrolmentState
from kiosk.contract.messages import RefusalCode
from kiosk.enrolment import Enrolment, EnrolmentError, RefusedMachineError, WrongCodeError
from kiosk.enrolment_folder import EnrolmentFolderError
from kiosk.enrolment_progress import Hindrance, Progress, Step
from kiosk.journal import JournalError
from kiosk.private_key import KeyFileError
from kiosk.server_link import LinkError, NotTrustedError
from kiosk.settings import Settings, SettingsError
from kiosk.trouble import trouble

log = logging.getLogger(__name__)

ASK_SECONDS = 3.0

_HINDRANCES: dict[RefusalCode | None, Hindrance] = {
    RefusalCode.CODE_LAPSED: Hindrance.LAPSED,
    RefusalCode.CODE_USED: Hindrance.USED,
    RefusalCode.KEY_USED: Hindrance.USED,
    RefusalCode.TOO_MANY: Hindrance.TOO_MANY,
}


class EnrolmentWatch:
    """One machine on its way to being a kiosk, as a screen follows it.

    Args:
        open_enrolment: Begins a request, or goes on with the one that was begun.
        ask_seconds: How often the server is asked.

    Attributes:
        progress: How far it is; read from any thread.
        settings: Of the kiosk, once it is one.

    """

    def __init__(
        self, open_enrolment: Callable[[], Enrolment], *, ask_seconds: float = ASK_SECONDS
    ) -> None:
        self._ask_seconds = ask_seconds
        self._open_enrolment = open_enrolment
        self._enrolment: Enrolment | None = None
        self._entered: str | None = None
        self._news = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="enrolment", daemon=True)
        self.progress = Progress(Step.ASKING)
        self.settings: Settings | None = None

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def enter(self, code: str) -> None:
        """Ask by this code from now on; returns at once."""
        self._entered = code
        self.progress = Progress(Step.ASKING)
        self._news.set()

    def close(self) -> None:
        """Ask no more; what was begun can be gone on with."""
        self._closing = True
        self._news.set()
        if self._thread.ident is not None:  # it was started
            self._thread.join()
        if self._enrolment is not None:
            self._enrolment.close()

    def _run(self) -> None:
        while not self._closing and self.settings is None:
            self._news.clear()
            if self._round():
                self._news.wait(self._ask_seconds)
            else:
                self._news.wait()

    def _round(self) -> bool:
        """Ask once; return whether to ask again, without anybody's doing."""
        entered, self._entered = self._entered, None
        before = self.progress
        try:
            found = self._ask(entered)
        except WrongCodeError:
            found = Progress(Step.CODE, Hindrance.NO_CODE)
        except EnrolmentError as error:
            self._begin_anew()
            found = Progress(Step.CODE, _why(error))
        except NotTrustedError as error:
            log.error("enrolling reason=%r", f"{error}")  # noqa: TRY400
            found = Progress(before.step, Hindrance.NOT_TRUSTED, before.fingerprint)
        except LinkError as error:
            log.warning("enrolling waits reason=%r", f"{error}")
            why = _HINDRANCES.get(error.code, Hindrance.NO_ANSWER)
            found = Progress(before.step, why, before.fingerprint)
        except (SettingsError, EnrolmentFolderError, KeyFileError, JournalError) as error:
            log.error("enrolling failed reason=%r", f"{error}")  # noqa: TRY400
            found = Progress(Step.CODE, Hindrance.ELSE)
        except Exception as error:  # noqa: BLE001  # the screen must say that it did not go on
            log.error("enrolling stumbled error=%r", trouble(error))  # noqa: TRY400
            found = Progress(Step.CODE, Hindrance.ELSE)
        if self._entered is None:  # else it is of a code that is no more asked by
            self.progress = found
        return found.step is not Step.CODE or self._entered is not None

    def _ask(self, entered: str | None) -> Progress:
        if self._enrolment is None:
            self._enrolment = self._open_enrolment()
        enrolment = self._enrolment
        if entered is not None:
            enrolment.take_code(entered)
        if not enrolment.code:
            return Progress(Step.CODE)
        state = enrolment.ask()
        if state is EnrolmentState.APPROVED and enrolment.settings is not None:
            self.settings = enrolment.settings
            who = self.settings.kiosk
            return Progress(Step.DONE, kiosk=f"{who.name}: {who.letter}")
        return Progress(Step.COMPARE, fingerprint=enrolment.fingerprint)

    def _begin_anew(self) -> None:
        """Let the next code begin a request of its own."""
        if self._enrolment is not None:
            self._enrolment.close()
        self._enrolment = None


def _why(error: EnrolmentError) -> Hindrance:
    if isinstance(error, RefusedMachineError):
        return Hindrance.REFUSED
    if error.code in _HINDRANCES:
        return _HINDRANCES[error.code]
    log.error("enrolling failed reason=%r", f"{error}")
    return Hindrance.ELSE
