"""A process that has everything loaded, and forks a kiosk whose parties answer with canaries.

An order is one line of JSON on standard input (`Life`); what it answers are lines of JSON: of
each party its number and its ticket's token, and last how the kiosk ended. The kiosk is whole but
for its window: journal, spool, courier, help line, speech, back office, and a log of everything.
"""

import base64
import json
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from kiosk import reception
from kiosk.assembly import open_front_desk, open_speech, sound_check
from kiosk.contract.messages import CheckInContent, HelpKind, SlipState
from kiosk.contract.site import Site
from kiosk.conversation import Conversation
from kiosk.front_desk import FrontDesk
from kiosk.journal import Journal
from kiosk.log_lines import log_to_standard_error
from kiosk.questionnaire import Answers, Party
from kiosk.settings import read_settings
from kiosk.speech.set_up import Speech
from kiosk.speech.utterance import Utterance
from tests.kiosk.warmed import die_at_line, warm_up

LOOK_SECONDS, GIVE_UP_SECONDS = 0.005, 20.0


@dataclass(frozen=True)
class Life:
    """What a kiosk lives through.

    Attributes:
        settings: Its settings file.
        town: What each party enters by letters.
        letter: What it enters by digits.
        parties: How many check in; their slips come out.
        die_at: The line of journal and reception at which it dies; 0 for none.
        in_dialogue: Whether it dies while a party is asked, with all answers given but the last.
        leaks: How it gives away what it should not, to prove that the test would see it:
            "" | "log" | "unsealed".

    """

    settings: str
    town: str
    letter: str
    parties: int = 0
    die_at: int = 0
    in_dialogue: bool = False
    leaks: str = ""

    def to_line(self) -> str:
        return json.dumps(asdict(self))


def live(life: Life) -> None:
    folder = Path(life.settings).parent
    _stay_inside(folder)
    _log_everything(folder)
    if life.leaks == "unsealed":
        vars(reception)["seal"] = lambda content, **_: _in_the_clear(content)
    settings = read_settings(Path(life.settings))
    if life.die_at:
        die_at_line(life.die_at)  # before there are threads, which it must see too
    desk, speech = open_front_desk(settings), open_speech(settings)
    desk.connect_sound(sound_check(settings, speech))
    desk.open()
    if speech is not None:
        speech.open()
    if life.in_dialogue:
        _talk(life, desk.site)
        if speech is not None:
            speech.speaker.speak([Utterance("uk", life.town, personal=True)])
        os.kill(os.getpid(), signal.SIGKILL)
    for index in range(life.parties):
        _check_in(life, desk, speech, collects=index % 2 == 1)
    _wait(lambda: desk._courier._server_away or desk._journal(Journal.depth) == 0)
    if speech is not None:
        speech.close()
    desk.close()


def _check_in(life: Life, desk: FrontDesk, speech: Speech | None, *, collects: bool) -> None:
    answers = _answers(life, desk.site, collects=collects)
    if life.leaks == "log":
        logging.getLogger("kiosk").info("answers %s", answers.chosen)
    desk.call_help(HelpKind.PERSON, "uk")
    ticket = desk.check_in(answers).result()
    _tell(number=ticket.number, token=(ticket.url or "").rpartition("/")[2])
    if speech is not None:
        speech.speaker.speak([Utterance("uk", f"{ticket.number} {life.town}", personal=True)])
    _wait(lambda: desk.slip_state(ticket) is SlipState.PRINTED)
    desk.party_left(ticket)


def _stay_inside(folder: Path) -> None:
    """Let whatever is written anywhere be written where it is looked for."""
    for name, where in {"HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "cache"}.items():
        (folder / where).mkdir(exist_ok=True)
        os.environ[name] = f"{folder / where}"
    tempfile.tempdir = None
    os.chdir(folder)


def _log_everything(folder: Path) -> None:
    """Log more than a kiosk ever does: what its libraries say too."""
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, sys.stderr.fileno())
    log_to_standard_error()
    logging.getLogger().setLevel(logging.DEBUG)


def _answers(life: Life, site: Site, *, collects: bool) -> Answers:
    chosen = {"before": ("collect",), "letter": (life.letter,)}
    if not collects:
        chosen = {"before": ("no",), "town": (life.town,)}
    return Answers(site, "uk", Party(17, 19), chosen, priority=True)


def _talk(life: Life, site: Site) -> None:
    """Go through a dialogue as the screens do, to its last question."""
    talk = Conversation(site).choose_language("uk").go_on().answer_party(Party(17, 19))
    talk = talk.answer(("collect",)).answer((life.letter,))
    assert talk.answers.chosen["letter"] == (life.letter,)


def _in_the_clear(content: CheckInContent) -> str:
    return base64.b64encode(content.to_bytes()).decode()


def _wait(done: Callable[[], bool]) -> None:
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while not done():
        if time.monotonic() > give_up:
            raise TimeoutError
        time.sleep(LOOK_SECONDS)


def _tell(**what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def main() -> None:
    warm_up()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                live(Life(**json.loads(line)))
            except BaseException:  # noqa: BLE001  # told, and then the child must end
                sys.excepthook(*sys.exc_info())
                os._exit(3)
            os._exit(0)
        _tell(ended=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
