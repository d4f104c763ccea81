"""What a party answered, opened from its sealed check-in for one reader.

Nothing of it is stored in the clear. Who reads what is entered by keys stands in the site file.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from kiosk.contract.messages import CheckIn
from kiosk.contract.questions import Choices, Digits, FreeText, Question
from kiosk.contract.signs import StaffText, Text
from kiosk.contract.site import Site
from server_stub.admission import open_content
from server_stub.keys import Keyring


@dataclass(frozen=True, slots=True)
class Chosen:
    """One thing that was answered.

    Attributes:
        text: What the tile says; None for what was counted or entered.
        icon: The tile's, or "".
        value: What was counted or entered; the option's id where the site file knows it no more.

    """

    text: Text | None
    icon: str
    value: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what was answered.

    Attributes:
        question: Its id.
        text: What was asked.
        chosen: The answers.
        purpose: Why it was asked, where it was entered by keys.

    """

    question: str
    text: Text
    chosen: tuple[Chosen, ...]
    purpose: StaffText | None


@dataclass(frozen=True, slots=True)
class OpenedAnswers:
    """What one reader gets of a check-in.

    Attributes:
        answers: In the order in which the site file asks.
        withheld: What was asked and answered, but is for other roles.
        over: What may not be read any more, because its time is over.
        readable: Whether the check-in is still there and could be opened.

    """

    answers: tuple[Answer, ...] = ()
    withheld: tuple[Text, ...] = ()
    over: tuple[Text, ...] = ()
    readable: bool = True

    @property
    def entered(self) -> tuple[str, ...]:
        """The questions whose answers were entered by keys, and are shown."""
        return tuple(answer.question for answer in self.answers if answer.purpose is not None)


UNREADABLE = OpenedAnswers(readable=False)


def open_answers(
    body: bytes | None, site: Site, *, keys: Keyring, role: str, arrived_at: datetime, now: datetime
) -> OpenedAnswers:
    """Open a check-in for a role.

    Args:
        body: The check-in as it was received; None where it is gone.
        site: The site in force. What its file does not ask any more is not shown: nobody knows
            who may read it.
        keys: The site's.
        role: The reader's.
        arrived_at: When the party came.
        now: What is entered by keys is readable for as many days as its question says.

    """
    content = _content_of(body, site, keys=keys)
    if content is None:
        return UNREADABLE
    answers, withheld, over = [], [], []
    for question in site.questions:
        given = content.get(question.id)
        if given is None:
            continue
        if isinstance(question, Digits | FreeText):
            if role not in question.readers:
                withheld.append(question.text)
                continue
            if now >= arrived_at + timedelta(days=question.retention_days):
                over.append(question.text)
                continue
        answers.append(_answer(question, given))
    return OpenedAnswers(tuple(answers), tuple(withheld), tuple(over))


def _content_of(
    body: bytes | None, site: Site, *, keys: Keyring
) -> dict[str, tuple[str, ...]] | None:
    if body is None:
        return None
    try:
        check_in = CheckIn.model_validate_json(body)
    except ValidationError:
        return None
    content = open_content(check_in, site=site, keys=keys)
    return content.answers if content else None


def _answer(question: Question, given: tuple[str, ...]) -> Answer:
    tiles = question.options if isinstance(question, Choices) else ()
    by_id = {option.id: option for option in tiles}
    chosen = tuple(
        Chosen(by_id[value].text, by_id[value].icon, value)
        if value in by_id
        else Chosen(None, "", value)
        for value in given
    )
    purpose = question.purpose if isinstance(question, Digits | FreeText) else None
    return Answer(question.id, question.text, chosen, purpose)
