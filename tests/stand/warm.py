"""Warm processes: forked from one that has loaded the server already, so that a start is cheap.

What runs is what `python -m server_stub …` runs, in a process of its own with streams of its own.
Only the reading of its modules, more than a second of a processor for each start, is spent once.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.reduction import DupFd
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TextIO

ROOT = Path(__file__).parents[2]
MODULES = ["tests.stand.warm", "server_stub.__main__", "server_stub.app", "server_stub.serving"]
"""What is loaded beforehand; beside it whatever these import."""

PREHEATED = "tests.stand.preheated"


def preheat() -> None:
    """Let what servers make for their first requests be made once, before the first one starts.

    It takes seconds, which those need to spend who start servers by the dozen.
    """
    if PREHEATED not in MODULES:
        MODULES.append(PREHEATED)


@dataclass
class WarmProcess:
    """A process that was forked; the same to its owner as one of `subprocess.Popen`.

    Attributes:
        stdout: What it prints, to be read; None where that goes to a file.

    """

    stdout: TextIO | None
    _process: Any

    @property
    def pid(self) -> int:
        """Its number."""
        return int(self._process.pid)

    def send_signal(self, how: signal.Signals) -> None:
        """Send it a signal; one that has ended takes no notice."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, how)

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code once it has ended, or raise as `Popen` does."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return int(self._process.exitcode)


def serve_warm(
    arguments: Sequence[str], *, environment: Mapping[str, str], stderr: int
) -> WarmProcess:
    """Start the server's program with these arguments; what it prints can be read from `stdout`."""
    from_process, to_reader = os.pipe()
    with Path(os.devnull).open() as nothing:
        process = _start(
            arguments, environment=environment, streams=(nothing.fileno(), to_reader, stderr)
        )
    os.close(to_reader)
    return WarmProcess(os.fdopen(from_process), process)


def run_warm(
    arguments: Sequence[str], *, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the server's program to its end; return its exit code and what it printed."""
    with TemporaryFile("w+") as told, TemporaryFile("w+") as said, TemporaryFile("w+") as warned:
        told.write(stdin or "")
        told.seek(0)
        streams = (told.fileno(), said.fileno(), warned.fileno())
        code = WarmProcess(None, _start(arguments, environment=os.environ, streams=streams)).wait()
        said.seek(0)
        warned.seek(0)
        return subprocess.CompletedProcess(list(arguments), code, said.read(), warned.read())


def _start(
    arguments: Sequence[str], *, environment: Mapping[str, str], streams: Sequence[int]
) -> Any:
    context = get_context("forkserver")
    context.set_forkserver_preload(MODULES)
    process = context.Process(
        target=_run,
        args=(list(arguments), dict(environment), [_Passed(stream) for stream in streams]),
        name=" ".join(("server_stub", *arguments[:1])),
    )
    process.start()
    return process


class _Passed:
    """An open file that goes with a process to where it is forked."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __getstate__(self) -> Any:
        """Return what another process makes the open file of."""
        return DupFd(self._number)

    def __setstate__(self, passed: Any) -> None:
        """Take it there."""
        self._number = passed.detach()

    def becomes(self, stream: int) -> None:
        """Put it in the place of a standard stream."""
        os.dup2(self._number, stream)
        os.close(self._number)


def _run(arguments: list[str], environment: dict[str, str], streams: list[_Passed]) -> None:
    """Become the server's program."""
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, stream in enumerate(streams):
        stream.becomes(number)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(0),
        os.fdopen(1, "w", buffering=1),
        os.fdopen(2, "w", buffering=1),
    )
    sys.argv = ["server_stub", *arguments]
    from server_stub.__main__ import main

    sys.exit(main(arguments))
