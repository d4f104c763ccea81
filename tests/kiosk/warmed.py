"""A process that has everything loaded, and forks a kiosk that dies where it is told.

An order is one line of JSON on standard input (`Order`), its answer the signal that ended the
kiosk. It dies of SIGKILL: no handler, no `finally`, no flush. What it gave out before stands in
the file ``given-out``, one number a line.
"""

import ctypes
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from kiosk import journal, reception
from kiosk.clock import KioskClock
from kiosk.contract.messages import SlipOutcome, SlipReceipt, SlipState
from kiosk.contract.series import Series
from kiosk.equipment import troubles
from kiosk.front_desk import FrontDesk, Identity, JournalThread, SiteInForce
from kiosk.journal import Journal
from kiosk.reception import Reception
from kiosk.server_link import ServerLink
from kiosk.slips import make_slip
from kiosk.ticket import Ticket
from tests.kiosk.arrivals import ENROLMENT, FAMILY, KEY, NINE, SITE
from tests.kiosk.paper import PaperPrinter

SERIES = Series("D", (200, 300, 666))


@dataclass(frozen=True)
class Order:
    """Which kiosk to run, where, and when it dies.

    Attributes:
        die_at: Its how many-th line of the deadly files is its last, counted from 1.
        kept: A folder for all that its own folder was, in order; with one it lives to the end.
        parties: How many it receives.

    """

    scenario: str
    folder: str
    die_at: int = 0
    kept: str = ""
    parties: int = 1
    printer: int = 0
    server: str = ""

    def to_line(self) -> str:
        return json.dumps(asdict(self))


def given_out(folder: Path) -> list[str]:
    path = folder / "given-out"
    return path.read_text().split() if path.exists() else []


def open_desk(
    folder: Path, *, printer: int, server: str, link: Callable[..., ServerLink] = ServerLink
) -> FrontDesk:
    return FrontDesk(
        Identity("entrance-1", SERIES, folder),
        SiteInForce(SITE, KEY),
        journal=JournalThread(lambda: Journal(folder / "journal.db", enrolment=ENROLMENT)),
        printer=PaperPrinter(printer),
        open_link=lambda: link(server, token="token"),
        clock=KioskClock(),
    )


def run_journal(order: Order, give_out: Callable[[Ticket], None]) -> None:
    """Take each party through all steps of the journal, in one thread."""
    memory = Journal(Path(order.folder) / "journal.db", enrolment=ENROLMENT)
    desk = Reception("entrance-1", SERIES, memory, KioskClock())
    for _ in range(order.parties):
        ticket = desk.receive(FAMILY, key=KEY)
        give_out(ticket)
        memory.set_slip(ticket.id, SlipState.SENDING)
        memory.set_slip(ticket.id, SlipState.PRINTED)
        entry = memory.next_waiting()
        if entry:
            memory.confirm(entry.id)
        if slip := memory.next_unreported_slip():
            memory.slip_reported(slip.id, revision=slip.revision)
    memory.close()


def run_desk(order: Order, give_out: Callable[[Ticket], None]) -> None:
    """Receive all parties at once, print and deliver, and end when the server knows all."""
    told = threading.Semaphore(0)

    class TellingLink(ServerLink):
        def put_slip(self, outcome: SlipOutcome) -> SlipReceipt:
            receipt = super().put_slip(outcome)
            told.release()
            return receipt

    desk = open_desk(
        Path(order.folder), printer=order.printer, server=order.server, link=TellingLink
    )
    desk.open()
    for ticket in [desk.check_in(FAMILY) for _ in range(order.parties)]:
        give_out(ticket.result())
    for _ in range(order.parties):
        told.acquire()
    desk.close()


SCENARIOS = {"journal": run_journal, "desk": run_desk}

# What can be seen of a kiosk from outside happens between lines of these two: before each line
# on paper or on the network the journal is written, and after it again.
DEADLY = {journal.__file__, reception.__file__}


def live(order: Order) -> None:
    """Be the kiosk of an order."""
    run = SCENARIOS[order.scenario]
    notes = os.open(Path(order.folder) / "given-out", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    if not order.kept:
        die_at_line(order.die_at)
    else:
        if LIBC.ptrace(PTRACE_TRACEME, 0, 0, 0):
            os._exit(CANNOT_TRACE)
        os.kill(os.getpid(), signal.SIGSTOP)
    run(order, lambda ticket: os.write(notes, f"{ticket.number}\n".encode()))


def die_at_line(left: int) -> None:
    """Die when so many lines of the deadly files have begun, in whatever thread."""
    lock = threading.Lock()

    def on_line(_frame: FrameType, event: str, _value: object) -> Callable[..., Any]:
        nonlocal left
        if event == "line":
            with lock:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
        return on_line

    def on_call(frame: FrameType, _event: str, _value: object) -> Callable[..., Any] | None:
        return on_line if frame.f_code.co_filename in DEADLY else None

    threading.settrace(on_call)
    sys.settrace(on_call)


# ptrace(2) of Linux, the same on every machine.
PTRACE_TRACEME, PTRACE_SYSCALL, PTRACE_SETOPTIONS = 0, 24, 0x4200
TRACESYSGOOD, EXITKILL = 0x1, 0x100000
SYSTEM_CALL = signal.SIGTRAP | 0x80
CANNOT_TRACE = 77

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long] * 4
LIBC.ptrace.restype = ctypes.c_long


def keep_changes(child: int, folder: Path, kept: Path) -> int:
    """Let a stopped child live, and keep its folder as it is before it calls the system, each time
    that it is another; return how the child ended.

    All that a kiosk leaves behind that is killed is what its system calls did to its folder: what
    is kept is what a kill at any moment leaves, and there is no finer step.
    """
    _, status = os.waitpid(child, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        LIBC.ptrace(PTRACE_SETOPTIONS, child, 0, TRACESYSGOOD | EXITKILL)
    before: dict[str, bytes] = {}
    changes = 0
    while os.WIFSTOPPED(status):
        caught = os.WSTOPSIG(status)
        there = content_of(folder)
        if there != before:
            changes, before = changes + 1, there
            write(there, kept / f"{changes:04}")
        own = caught not in {SYSTEM_CALL, signal.SIGSTOP}
        LIBC.ptrace(PTRACE_SYSCALL, child, 0, caught if own else 0)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def content_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, by name."""
    with os.scandir(folder) as found:
        return {file.name: Path(file.path).read_bytes() for file in found}


def write(content: dict[str, bytes], folder: Path) -> None:
    """Make a folder with these files."""
    folder.mkdir(parents=True)
    for name, held in content.items():
        (folder / name).write_bytes(held)


def warm_up() -> None:
    """Load all that is loaded late, so that no kiosk has to."""
    with TemporaryDirectory() as folder:
        memory = Journal(Path(folder) / "journal.db", enrolment=ENROLMENT)
        ticket = Reception("warm", SERIES, memory, KioskClock()).receive(FAMILY, key=KEY)
        make_slip(ticket, site=SITE, made_at=NINE)
        memory.close()
    ServerLink("http://127.0.0.1", token="warm").close()  # what it speaks HTTP with takes longest
    list(troubles(SITE))  # the catalogues


def main() -> None:
    warm_up()
    gc.collect()  # and then leave alone what every child has in common with its parent
    gc.freeze()
    for line in sys.stdin:
        order = Order(**json.loads(line))
        child = os.fork()
        if not child:
            try:
                live(order)
            except BaseException:  # noqa: BLE001  # told, and then the child must end
                sys.excepthook(*sys.exc_info())
                os._exit(3)
            os._exit(0)
        if not order.kept:
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        else:
            ended = keep_changes(child, Path(order.folder), Path(order.kept))
        sys.stdout.write(f"{ended}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
