"""Needs: the pictograms that stand for what a party is here for. Pure.

What a party answered stays sealed. What it is here for is told by the stages of its route, which
its answers were made into, so a list of parties needs nothing more to be stored in the clear.
"""

from collections.abc import Iterable

from kiosk.contract.questions import Choices
from kiosk.contract.site import Site


def pictograms(site: Site) -> dict[str, str]:
    """Return an icon for each stage that answers lead to, in the order of the site file.

    It is the icon of an option that leads there and nowhere else; of several questions that one
    counts which leads to the most stages. Where every party begins, nobody has a need.
    """
    questions = [question for question in site.questions if isinstance(question, Choices)]
    found: dict[str, str] = {}
    for question in sorted(questions, key=lambda q: -len(_led_to(q))):
        for option in question.options:
            if len(option.stages) == 1:
                found.setdefault(option.stages[0], option.icon)
    return {
        stage.id: found[stage.id]
        for stage in site.stages
        if stage.id in found and stage.id not in site.first_stages
    }


def needs_of(route: Iterable[str], icons: dict[str, str]) -> list[str]:
    """Return the stages of a route that stand for needs, in order."""
    return [stage for stage in route if stage in icons]


def _led_to(question: Choices) -> set[str]:
    return {stage for option in question.options for stage in option.stages}
