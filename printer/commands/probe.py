"""`probe` and `test-page`: what a printer can do, asked of it and of the person before it."""

import argparse
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from printer.address import parse_address
from printer.artwork import default_artwork
from printer.commands.command import (
    CommandError,
    add_address,
    add_paper,
    add_profile,
    chosen_profile,
    unreachable,
)
from printer.escpos_codec import hinted_slots
from printer.fence import job_ids
from printer.findings import Findings, profile_of
from printer.probe import Probe
from printer.profile import PAPER_DOTS, Profile, profile_toml
from printer.status import CAN_PRINT, Outcome, PrinterState
from printer.test_page import TrialPage, encode_page, page_of_claims, page_of_everything
from printer.transports import PrinterUnreachableError

CODE_PAGES = ("CP1251", "CP1252", "CP852", "CP857")
"""Pages worth a try: Ukrainian and Russian; German, French and English; Polish; Turkish."""

SLOTS = 6
"""How many slots of each page are tried; more than the most common would only cost paper."""

CAPITALS = range(14, 25)
"""What a capital of font A may measure, in millimetres at 8 x 8 or dots at its own size."""

_PROBE_EXAMPLES = """\
examples:
  python -m printer probe tcp://192.168.1.40
      asks the printer, prints the page, asks you which numbers look right
  python -m printer probe tcp://192.168.1.40 --right 1,2,5,9,10 --capital-dots 20
      asks the printer again, prints nothing, and believes what you saw on the page
  python -m printer probe usb:///dev/usb/lp0 --no-print
      asks the printer and nobody else

exit codes:
  0  the profile is written
  1  the printer cannot print, or did not confirm the page, or the paper's width is wrong
  2  nothing could be done: a wrong command, an unreachable printer, a file that cannot be written
"""

_PAGE_EXAMPLES = """\
examples:
  python -m printer test-page tcp://192.168.1.40 --profile entrance.toml
  python -m printer test-page "serial:///dev/ttyS0?baud=115200" --paper 58

exit codes:
  0  printed, or sent to a printer whose profile says that it never answers
  1  the printer cannot print, or did not confirm the page
  2  nothing could be done: a wrong command, an unreachable printer, a broken profile
"""


def add_probe(command: argparse.ArgumentParser) -> None:
    """Set up `probe`."""
    command.set_defaults(run=_probe)
    command.description = (
        "Ask a printer what it can do, print a page that shows the rest, and write a profile. "
        "Only what the printer answered or a person saw is written as true."
    )
    command.epilog = _PROBE_EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_address(command)
    add_paper(command)
    command.add_argument(
        "--out", type=Path, default=Path("my-printer.toml"), metavar="FILE", help="the profile"
    )
    command.add_argument(
        "--print",
        action=argparse.BooleanOptionalAction,
        help="whether to print the test page (yes, unless --right says what is on it)",
    )
    command.add_argument(
        "--right", type=_numbers, metavar="1,3,7", help="the numbers that look right on the page"
    )
    command.add_argument(
        "--capital-dots",
        type=int,
        choices=CAPITALS,
        metavar="14..24",
        help="how many millimetres high the H beside number 7 is",
    )


def add_test_page(command: argparse.ArgumentParser) -> None:
    """Set up `test-page`."""
    command.set_defaults(run=_test_page)
    command.description = "Print each thing that a profile claims, numbered, beside what is right."
    command.epilog = _PAGE_EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_address(command)
    add_profile(command)


def _numbers(text: str) -> set[int]:
    """Return the numbers of a list such as "1,3 7"; an empty one is none."""
    parts = text.replace(",", " ").split()
    if not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r}: write numbers such as 1,3,7")
    return set(map(int, parts))


def _probe(options: argparse.Namespace) -> int:
    probe = _open(options, print)
    try:
        return _probed(options, probe)
    except PrinterUnreachableError as error:
        raise CommandError(
            f"{unreachable(options.address)} ({error}); nothing is written"
        ) from None


def _probed(options: argparse.Namespace, probe: Probe) -> int:
    findings = probe.ask()
    silent = findings.state is PrinterState.SILENT
    if not silent and findings.state not in CAN_PRINT:
        print(f"the printer is {findings.state.value}: mend it and probe again")
        return 1
    page = _page(findings, options.paper)
    right = _known(options.right, page)
    printing = options.print if options.print is not None else right is None
    if printing and not _printed(probe, page, findings):
        return 1
    capital: int = options.capital_dots or 0 if right else 0
    if right is None:
        right, capital = _asked(page, capital) if printing and _interactive() else (set(), 0)
    if silent and not right:
        print("no profile written: it answers nothing, and nobody has seen it print")
    elif right and 1 not in right:
        print(f"no profile written: the paper is not {options.paper} mm wide, for 1 is wrong")
    else:
        profile, notes = profile_of(findings, page, right, capital_dots=capital)
        _write(options.out, _HEAD + profile_toml(profile, notes))
        print(f"written: {options.out}")
    if printing and not right:
        print(f"when you have looked at the page: {_next_command(options)}")
    return 0 if findings.confirms and (1 in right or not right) else 1


_HEAD = """\
# Written by `python -m printer probe`: how each value was found stands above it.
# What nobody has seen is false: a slip prints all the same, with more bytes.
"""


def _open(options: argparse.Namespace, tell: Callable[[str], None]) -> Probe:
    line = partial(parse_address(options.address), options.patience)
    return Probe(line, patience=options.patience, ids=job_ids(), tell=tell)


def _page(findings: Findings, paper: int) -> TrialPage:
    """Return the page for a printer; its numbers are the same whenever it is probed."""
    model = findings.names.get("model", "")
    slots = {page: hinted_slots(page, model)[:SLOTS] for page in CODE_PAGES}
    return page_of_everything(findings.title, PAPER_DOTS[paper], slots)


def _known(right: set[int] | None, page: TrialPage) -> set[int] | None:
    """Return the numbers, or raise CommandError for one that does not stand on the page."""
    numbers = {trial.number for trial in page.trials}
    unknown = sorted((right or set()) - numbers)
    if unknown:
        raise CommandError(f"--right: there is no number {unknown[0]}; the last is {max(numbers)}")
    return right


def _printed(probe: Probe, page: TrialPage, findings: Findings) -> bool:
    """Print the page and say what became of it; False where it stopped halfway."""
    plain = profile_of(findings, page, ())[0]
    silent = findings.state is PrinterState.SILENT
    outcome, state = probe.print_page(
        partial(_encode, page, plain), replace(plain, blind=silent), confirms=findings.confirms
    )
    if outcome is Outcome.PRINTED:
        print("test page: printed")
    elif silent:
        print("test page: sent to a printer that answers nothing")
    elif not findings.confirms:
        print("test page: sent; it never says that it is done, so no slip can be confirmed")
    else:
        mend = "probe again with more --patience" if state in CAN_PRINT else "mend it, probe again"
        print(f"test page: not confirmed, the printer is {state.value}: {mend}")
        return False
    return True


def _encode(page: TrialPage, profile: Profile, job_id: bytes) -> bytes:
    return encode_page(page, profile, default_artwork(), job_id=job_id)


def _interactive() -> bool:
    return sys.stdin.isatty()


def _asked(page: TrialPage, capital: int) -> tuple[set[int], int]:
    """Ask the person before the printer until the answer can be understood."""
    right: set[int] | None = None
    while right is None:
        try:
            right = _known(_numbers(_answer("Which numbers look right (Enter for none)? ")), page)
        except (CommandError, argparse.ArgumentTypeError) as error:
            print(error)
    while right and not capital:
        answer = _answer("How many millimetres high is the H of 7 (Enter: not measured)? ")
        if not answer:
            break
        if answer in map(str, CAPITALS):
            capital = int(answer)
        else:
            print(f"write a whole number, {CAPITALS[0]} to {CAPITALS[-1]}")
    return right, capital


def _answer(question: str) -> str:
    """Return what was typed; nothing where the keyboard is gone (Ctrl-D)."""
    try:
        return input(question).strip()
    except EOFError:
        print()
        return ""


def _next_command(options: argparse.Namespace) -> str:
    words = ["python", "-m", "printer", "probe", options.address, "--out", str(options.out)]
    if options.paper != 80:
        words += ["--paper", str(options.paper)]
    return f"{shlex.join(words)} --right 1,..."


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all; one that was there is kept as FILE.old."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False
    ) as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    if path.exists():
        path.replace(path.with_name(f"{path.name}.old"))
    Path(file.name).replace(path)


def _test_page(options: argparse.Namespace) -> int:
    profile = chosen_profile(options)
    page = page_of_claims(profile)
    try:
        outcome, state = _open(options, print).print_page(partial(_encode, page, profile), profile)
    except PrinterUnreachableError as error:
        raise CommandError(f"{unreachable(options.address)} ({error})") from None
    if outcome is Outcome.FAILED:
        print(f"not printed: the printer is {state.value}: mend it and print again")
    elif outcome is Outcome.UNCONFIRMED:
        mend = "print again with more --patience" if state in CAN_PRINT else "mend it, print again"
        print(f"not confirmed: the printer is {state.value}: {mend}")
    else:
        print(outcome.value)
    return 0 if outcome in (Outcome.PRINTED, Outcome.SENT) else 1
