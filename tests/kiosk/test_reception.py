import json
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.contract.messages import CheckIn, CheckInContent
from kiosk.contract.sealing import SiteKey, unseal
from kiosk.contract.series import Series
from kiosk.contract.site_file import read_site_file
from kiosk.conversation import Conversation
from kiosk.journal import Journal, OutOfServiceError
from kiosk.questionnaire import Answers, Party
from kiosk.reception import Reception, new_token
from tests.kiosk.arrivals import FAMILY, KEY, PRIVATE_KEY, SITE, StandingClock

SITES = Path(__file__).parents[2] / "assets" / "sites"

# Words that stand nowhere else, so that finding one on disk means that an answer was kept.
CANARY = Answers(SITE, "ar", Party(7, 13), {"before": ("no",), "need": ("sleep",)})
CANARY_TOKEN = "canary-in-the-coalmine"


@pytest.fixture
def reception(journal: Journal, clock: StandingClock) -> Reception:
    return Reception("entrance-1", Series("D"), journal, clock)


def in_outbox(journal: Journal) -> CheckIn:
    entry = journal.next_waiting()
    assert entry is not None
    return CheckIn.model_validate_json(entry.body)


def test_answers_become_a_number_and_a_check_in_that_only_the_site_can_read(
    reception: Reception, journal: Journal, clock: StandingClock
) -> None:
    ticket = reception.receive(FAMILY, key=KEY)

    envelope = in_outbox(journal)
    assert (ticket.number, ticket.id) == (envelope.number, envelope.id) == ("D101", envelope.id)
    assert (envelope.kiosk, envelope.key_id, envelope.sequence) == ("entrance-1", "key-1", 1)
    assert (envelope.made_at, envelope.site_version) == (clock.wall, SITE.version)
    assert envelope.id.version == 7
    content = unseal(envelope, site=SITE.id, private_key=PRIVATE_KEY)
    assert ticket.url == f"https://ankunft.example/t/{content.ticket_token}"
    assert content == CheckInContent(
        language="uk",
        adults=2,
        children=1,
        answers={"before": ("no",), "need": ("sleep", "money")},
        route=("information", "housing", "benefits"),
        ticket_token=content.ticket_token,
    )


def test_a_ticket_shows_where_to_go(reception: Reception) -> None:
    ticket = reception.receive(FAMILY, key=KEY)

    assert [stage.door for stage in ticket.route] == ["1", "2", "3"]
    assert (ticket.language, ticket.party) == ("uk", Party(2, 1))


def test_a_site_without_a_public_address_prints_none(reception: Reception) -> None:
    private = SITE.model_copy(update={"public_address": None})

    assert reception.receive(replace(FAMILY, site=private), key=KEY).url is None


def test_a_clock_that_is_not_trusted_tells_no_time(
    reception: Reception, journal: Journal, clock: StandingClock
) -> None:
    clock.wall = clock.wall.replace(year=1970)

    reception.receive(FAMILY, key=KEY)

    assert in_outbox(journal).made_at is None


def test_each_party_has_a_number_an_id_and_a_token_of_its_own(reception: Reception) -> None:
    tickets = [reception.receive(FAMILY, key=KEY) for _ in range(3)]

    assert [ticket.number for ticket in tickets] == ["D101", "D102", "D103"]
    assert len({ticket.id for ticket in tickets}) == len({ticket.url for ticket in tickets}) == 3


def test_a_key_that_cannot_seal_uses_no_number(reception: Reception, journal: Journal) -> None:
    with pytest.raises(ValueError, match="X25519"):
        reception.receive(FAMILY, key=SiteKey("key-1", b"short"))

    assert (journal.sequence, journal.depth()) == (0, 0)


def test_a_stopped_kiosk_receives_nobody(reception: Reception, journal: Journal) -> None:
    journal.stop("enrol anew")

    with pytest.raises(OutOfServiceError):
        reception.receive(FAMILY, key=KEY)


def test_a_token_has_128_bits_and_needs_no_quoting() -> None:
    tokens = {new_token() for _ in range(50)}

    assert len(tokens) == 50
    assert all(len(token) == 22 and token.replace("-", "a").replace("_", "a").isalnum()
               for token in tokens)  # fmt: skip


def test_nothing_that_a_party_answered_is_in_any_file(
    reception: Reception, journal: Journal
) -> None:
    canary = replace(reception, new_token=lambda: CANARY_TOKEN)
    canary.receive(CANARY, key=KEY)

    journal.count("abandoned")

    files = [path for path in journal._path.parent.rglob("*") if path.is_file()]
    on_disk = b"".join(path.read_bytes() for path in files)
    envelope = in_outbox(journal)
    assert str(envelope.id).encode() in on_disk
    for answer in ("sleep", "housing", CANARY_TOKEN):
        assert answer.encode() not in on_disk
    allowed = {"id", "kiosk", "key_id", "sequence", "number", "made_at", "site_version", "sealed"}
    assert set(json.loads(envelope.to_bytes())) == allowed
    content = unseal(envelope, site=SITE.id, private_key=PRIVATE_KEY)
    assert (content.adults, content.language, content.ticket_token) == (7, "ar", CANARY_TOKEN)


def test_priority_travels_sealed_and_without_its_reason(
    reception: Reception, journal: Journal
) -> None:
    site = read_site_file(SITES / "duesseldorf.toml")
    dialogue = Conversation(site).choose_language("uk").go_on().answer_party(Party(1, 1))
    dialogue = dialogue.answer(("no",)).answer(("sleep", "food")).answer(("pregnant",))

    ticket = reception.receive(dialogue.answers, key=KEY)

    content = unseal(in_outbox(journal), site=site.id, private_key=PRIVATE_KEY)
    assert content.priority
    assert content.answers == {"before": ("no",), "need": ("sleep", "food")}
    assert b"pregnant" not in content.to_bytes()
    assert [option.id for option in ticket.places] == ["food"]


def test_a_site_with_one_queue_gives_numbers(reception: Reception, journal: Journal) -> None:
    site = read_site_file(SITES / "one-queue.toml")
    dialogue = Conversation(site).choose_language("de").go_on().answer_party(Party(2, 0))

    ticket = reception.receive(dialogue.answers, key=KEY)

    content = unseal(in_outbox(journal), site=site.id, private_key=PRIVATE_KEY)
    assert (ticket.number, content.route, content.priority) == ("D101", ("desk",), False)
    assert content.answers == {}


def test_a_site_file_that_comes_during_a_dialogue_does_not_change_what_was_answered(
    reception: Reception, journal: Journal
) -> None:
    renamed = SITE.stages[1].model_copy(update={"id": "shelter"})
    newer = SITE.model_copy(update={"stages": (SITE.stages[0], renamed), "questions": ()})

    old = reception.receive(FAMILY, key=KEY)
    envelope = in_outbox(journal)
    new = reception.receive(replace(FAMILY, site=newer), key=KEY)

    assert [stage.id for stage in old.route] == ["information", "housing", "benefits"]
    assert envelope.site_version == SITE.version
    assert [stage.id for stage in new.route] == ["information"]
