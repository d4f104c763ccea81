"""docs/virtual-printer.md says what the virtual printer does, no more and no less."""

import argparse
import re
from pathlib import Path

import pytest

from printer.commands.virtual import TYPED, add_virtual
from printer.virtual.answers import Answers
from printer.virtual.commands import Command
from printer.virtual.condition import NOISE, STALE_FRAMES, Fault
from printer.virtual.glyphs import CODE_PAGES
from printer.virtual.graphics import Graphics, RefusedError
from printer.virtual.nv_memory import NvMemory
from printer.virtual.paper import CUTS, Paper
from printer.virtual.real_time import RealTimeReader
from printer.virtual.setting import CHANGES
from printer.virtual_printer import OPTIONS


@pytest.fixture(scope="module")
def manual():
    root = Path(__file__).resolve().parents[2]
    return (root / "docs" / "virtual-printer.md").read_text(encoding="utf-8")


def table(manual: str, head: str) -> list[str]:
    """Return the first column of the table that begins with this heading."""
    (rows,) = re.findall(
        rf"^\| {re.escape(head)} \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", manual, re.MULTILINE
    )
    return [line.split(" | ")[0].removeprefix("| ") for line in rows.splitlines()]


def quoted(cells: list[str]) -> set[str]:
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_command_is_in_the_manual_and_no_other(manual):
    tables = re.findall(r"^\| command \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", manual, re.MULTILINE)
    named = [re.match(r"\| `([^`]+)` \|", line)[1] for rows in tables for line in rows.splitlines()]
    drawn = {*Paper(8)._actions, *CHANGES, *CUTS} - {"unknown"}

    answered = {"GS r", "GS ( H", "GS a", "GS I", "GS ( D"}

    assert len(tables) == 2
    assert set(named) == drawn | answered
    assert len(named) == len(set(named))


def test_no_other_command_is_answered():
    rest = [f"GS {letter}" for letter in map(chr, range(0x21, 0x7F)) if letter not in "arI(8"]
    rest += [f"{lead} {letter}" for lead in ("ESC", "FS") for letter in map(chr, range(0x21, 0x7F))]
    answers = Answers(Graphics(NvMemory(0)))

    assert [name for name in rest if answers.to(Command(name, b"\x01\x01"), None)] == []
    assert answers.unasked(Fault.COVER_OPEN) == b""


def test_every_fault_is_in_the_manual(manual):
    assert quoted(table(manual, "fault")) == {fault.value for fault in Fault}


def test_noise_and_stale_frames_are_what_the_manual_says(manual):
    assert f"`{NOISE.hex(' ').upper()}`" in manual
    assert f"`{STALE_FRAMES.hex(' ').upper()}`" in manual


def test_every_sequence_of_the_manual_is_one_real_time_command(manual):
    sequences = quoted(table(manual, "bytes"))

    assert len(sequences) == 9
    for sequence in sequences:
        assert len(RealTimeReader().feed(bytes.fromhex(sequence))) == 1


def test_every_function_of_graphics_is_in_the_manual(manual):
    known = set()
    for function in range(256):
        try:
            Graphics(NvMemory(0)).obey(bytes([48, function]), beginning_of_line=True)
        except RefusedError as refused:
            if "not known" in str(refused):
                continue
        known.add(function)

    assert {int(n) for cell in table(manual, "fn") for n in cell.split(", ")} == known


def test_every_code_page_is_in_the_manual(manual):
    pages = re.findall(r"^\| (\d+) \| `(\w+)` \|$", manual, re.MULTILINE)

    assert {int(slot): codec for slot, codec in pages} == CODE_PAGES


def test_every_option_is_in_the_manual(manual):
    command = argparse.ArgumentParser()
    add_virtual(command)
    options = {o for action in command._actions for o in action.option_strings}

    assert quoted(table(manual, "option")) == options - {"-h", "--help"}
    assert quoted(table(manual, "option of `virtual:`")) == set(OPTIONS)


def test_everything_that_may_be_typed_is_in_the_manual(manual):
    assert quoted(table(manual, "typed")) == set(TYPED)
