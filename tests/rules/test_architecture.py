"""ARCHITECTURE.md is true: it names every module, and its diagrams are the tables of the code."""

import ast
import re

import pytest

from kiosk import conversation, journal
from kiosk.contract.messages import SlipState
from server_stub import service_days, visit


@pytest.fixture(scope="module")
def page(root) -> str:
    return (root / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_map_names_every_module_and_no_other(page, shipped, root):
    named = set(re.findall(r"^\| `((?:kiosk|printer|server_stub)/[^`]*\.py)`", page, re.MULTILINE))
    there = {str(path.relative_to(root)) for path in shipped.values() if path.name != "__init__.py"}

    assert named - there == set(), "named, but not there"
    assert there - named == set(), "there, but not named"


def test_the_map_says_of_each_module_what_it_says_of_itself(page, shipped, parsed, root):
    said = dict(re.findall(r"^\| `([^`]*\.py)` \| (.*) \|$", page, re.MULTILINE))
    for module, path in shipped.items():
        name = str(path.relative_to(root))
        if name in said:
            itself = ast.get_docstring(parsed[module]) or ""
            assert said[name] == " ".join(itself.split("\n\n")[0].split())


def drawn_steps(page: str, machine: str) -> set[tuple[str, str, str]]:
    """Return (from, to, step) of the Mermaid state diagram under a heading."""
    section = page.split(f"### State machine: {machine}\n", 1)[1]
    diagram = section.split("```mermaid", 1)[1].split("```", 1)[0]
    names = dict(re.findall(r'state "([^"]+)" as (\w+)', diagram))
    aliases = {alias: name for name, alias in names.items()}
    steps = re.findall(r"^\s*(\w+) --> (\w+)(?: ?: ?(.+))?$", diagram, re.MULTILINE)
    return {(aliases.get(a, a), aliases.get(b, b), step.strip()) for a, b, step in steps}


def test_the_diagram_of_the_conversation_is_its_table(page):
    table = {(a.value, b.value, step.value) for (a, step), b in conversation.NEXT.items()}

    assert drawn_steps(page, "conversation") == table


def test_the_diagram_of_a_visit_is_its_table(page):
    table = {(a.value, b.value, step.value) for (a, step), b in visit.NEXT.items()}

    assert drawn_steps(page, "visit") == table


def test_the_diagram_of_a_service_day_is_its_table(page):
    table = {(a.value, b.value, step.value) for (a, step), b in service_days.NEXT.items()}

    assert drawn_steps(page, "service day") == table


def test_the_diagram_of_a_slip_is_its_table(page):
    table = {(a.value, b.value, "") for a, ends in journal.NEXT_SLIP.items() for b in ends}

    assert drawn_steps(page, "slip") == table
    assert set(journal.NEXT_SLIP) == set(SlipState)
