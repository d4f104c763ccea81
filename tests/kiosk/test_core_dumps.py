import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.stand.warm import ROOT

CRASH = """
import os, resource, signal, sys
from kiosk.core_dumps import forbid_core_dumps, is_dumpable
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
{how}
print(is_dumpable(), resource.getrlimit(resource.RLIMIT_CORE)[0], flush=True)
os.kill(os.getpid(), signal.SIGSEGV)
"""


def crash(folder: Path, how: str) -> tuple[str, bool, list[str]]:
    """Return what a process said before it crashed, whether it was dumped, and what is there."""
    command = [sys.executable, "-c", CRASH.format(how=how)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    said = process.stdout.read().strip()
    _, status = os.waitpid(process.pid, 0)
    process.returncode = status  # it was waited for here, to see how it ended
    process.stdout.close()
    assert os.WTERMSIG(status) == signal.SIGSEGV
    return said, os.WCOREDUMP(status), [path.name for path in folder.iterdir()]


def test_a_kiosk_that_crashes_leaves_no_picture_of_its_memory(tmp_path: Path) -> None:
    assert crash(tmp_path, "forbid_core_dumps()") == ("False 0", False, [])


def test_another_process_that_crashes_would_leave_one(tmp_path: Path) -> None:
    said, dumped, _ = crash(tmp_path, "")

    assert (said, dumped) == ("True -1", True)
