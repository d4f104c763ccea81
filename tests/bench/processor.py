"""Processor time: what a process has used, for figures that a loaded machine does not spoil."""

import os
from pathlib import Path


def processor_seconds(pid: int) -> float:
    """Return what a running process has used so far, in user and kernel mode (proc_pid_stat(5))."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    after_name = stat.rpartition(")")[2].split()
    ticks = int(after_name[11]) + int(after_name[12])  # utime, stime
    return ticks / os.sysconf("SC_CLK_TCK")


def own_processor_seconds() -> float:
    """Return what this process has used so far."""
    times = os.times()
    return times.user + times.system
