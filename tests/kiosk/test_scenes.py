from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.contract.questions import Choices
from kiosk.contract.site_file import read_site_file
from kiosk.conversation import State
from kiosk.questionnaire import next_question
from kiosk.scenes import scenes, ticket_of, way_to

SITES = sorted((Path(__file__).parents[2] / "assets" / "sites").glob("*.toml"))
NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture(params=SITES, ids=lambda path: path.stem)
def site(request):
    return read_site_file(request.param)


def test_every_question_of_a_site_is_shown_once_and_as_it_is_asked(site):
    shown = [scene for scene in scenes(site, "uk", now=NOW) if scene.name.startswith("question")]

    assert [scene.dialogue.question for scene in shown] == list(site.questions)


def test_every_scene_is_a_state_that_a_party_can_be_in(site):
    names = [scene.name for scene in scenes(site, "uk", now=NOW)]

    assert names[:3] == ["language", "notice", "party"]
    assert len(set(names)) == len(names)
    for scene in scenes(site, "uk", now=NOW):
        asks = scene.dialogue.question
        assert (asks is not None) == (scene.dialogue.state is State.QUESTION)
        assert bool(scene.ticket) == (scene.dialogue.state is State.TICKET_READY)
        if scene.name == "places":
            assert scene.dialogue.places


def test_the_ticket_leads_to_as_many_stages_as_answers_can(site):
    options = [
        o for q in site.questions if isinstance(q, Choices) and q.most == 1 for o in q.options
    ]
    led_to = max((len({*site.first_stages, *o.stages}) for o in options), default=1)

    assert len(ticket_of(site, "uk").route) >= led_to


def test_a_question_that_nothing_leads_to_has_no_way():
    site = read_site_file(next(path for path in SITES if path.stem == "duesseldorf"))
    # "need" is asked of those alone who collect nothing.
    both = {"before": ("collect",), "need": ("sleep",)}
    lonely = site.questions[-1].model_copy(update={"when": both})
    other = site.model_copy(update={"questions": (*site.questions[:-1], lonely)})

    assert way_to(other, lonely) is None
    assert next_question(other, way_to(other, other.questions[1])) is other.questions[1]
