"""docs/printers.md names all there is to name."""

import argparse
import re
from dataclasses import fields
from pathlib import Path

import pytest

from printer.__main__ import COMMANDS
from printer.profile import PROFILES, Clear, Profile
from printer.status import Outcome, PrinterState
from printer.trials import ABILITIES

PAGE = (Path(__file__).parents[2] / "docs" / "printers.md").read_text("utf-8")


def section(heading: str) -> str:
    return re.split(r"\n##+ ", PAGE.split(f" {heading}\n", 1)[1])[0]


def first_cells(heading: str) -> list[str]:
    return re.findall(r"^\| `?\[?([a-z0-9_-]+)", section(heading), flags=re.MULTILINE)


def test_it_begins_with_what_was_tried():
    assert PAGE.split("\n\n")[1].startswith("Tested on real hardware: none yet.\n")


def test_every_setting_of_a_profile_is_explained_and_no_other():
    assert set(first_cells("What a profile says")) - {"setting"} == {
        field.name for field in fields(Profile)
    }
    for clear in Clear:
        assert f'`"{clear.value}"`' in section("What a profile says")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_named(name: str):
    command = argparse.ArgumentParser()
    COMMANDS[name][1](command)
    (row,) = re.findall(rf"^\| `{name}\b.*$", section("Commands"), flags=re.MULTILINE)
    options = {
        option
        for action in command._actions
        for option in action.option_strings
        if option not in ("-h", "--help")
    }

    assert name == "virtual" or options == set(re.findall(r"`(--[a-z-]+)`", row))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_with_examples_and_exit_codes(name: str):
    command = argparse.ArgumentParser()
    COMMANDS[name][1](command)

    assert f"python -m printer {name} " in command.format_help()
    # The virtual printer ends when somebody ends it.
    assert name == "virtual" or "exit codes:" in command.format_help()


def test_every_state_has_its_remedy_and_every_outcome_its_meaning():
    assert {state.value for state in PrinterState} <= set(first_cells("Mending"))
    for outcome in Outcome:
        assert f"| {outcome.value} |" in section("Did it print?")


def test_every_number_of_the_test_page_is_explained():
    rows = re.findall(r"^\| (\d) \| [^|]*?`?(\w+)`? \|", section("The test page"), re.MULTILINE)

    assert [int(number) for number, _ in rows] == [ability.number for ability in ABILITIES]
    assert [name for _, name in rows[1:]] == [ability.setting for ability in ABILITIES[1:]]


def test_every_shipped_profile_is_named():
    names = {path.stem for path in PROFILES.glob("*.toml") if not path.stem.startswith("virtual")}

    assert names <= set(re.findall(r"`([a-z0-9-]+)`", PAGE))
