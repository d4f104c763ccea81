"""No core dumps: a kiosk that crashes leaves no picture of its memory, where answers were."""

import ctypes
import logging
import resource

log = logging.getLogger(__name__)

PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4
"""Of prctl(2), the same on every Linux."""


def forbid_core_dumps() -> None:
    """Keep this process out of every core dump, also of those that go to another program.

    A limit of no bytes is not heeded where the kernel hands cores to a program such as
    systemd-coredump (core(5)); a process that is not dumpable has none at all. Nor can another
    process of the same user read its memory then.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        log.warning("core dumps not forbidden errno=%s", ctypes.get_errno())


def is_dumpable() -> bool:
    """Return whether the kernel may write this process's memory to a disk."""
    return bool(ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0))
