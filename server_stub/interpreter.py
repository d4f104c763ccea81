"""The interpreter of a server: few threads and heaps, and no garbage looked for in what stays.

Python runs one thread at a time. One that reads the database lets go of Python's lock at each
row; the more threads want it back, the longer each waits, and the kernel wakes one after the other
for nothing. So what comes at once waits in line, not in threads.
"""

import asyncio
import ctypes
import gc
from concurrent.futures import ThreadPoolExecutor

from anyio import to_thread

THREADS_THAT_ANSWER = 6
"""For requests, by Starlette's `run_in_threadpool`; its own are 40."""

THREADS_BESIDE = 4
"""For what the program does beside them, by `asyncio.to_thread`; Python's own are 6 on two cores,
and more on more. At most two of them read tickets. Passwords, the voice of the calls and the trial
of health have threads of their own."""

HEAPS = 2
"""Of the C library: its own are eight for each core, and what is free in one is for no other."""

M_ARENA_MAX = -8
"""Of mallopt(3), in glibc's malloc.h."""


def run_in_few_threads() -> None:
    """Bound the threads of the event loop that this is called in."""
    to_thread.current_default_thread_limiter().total_tokens = THREADS_THAT_ANSWER
    beside = ThreadPoolExecutor(THREADS_BESIDE, thread_name_prefix="beside")
    asyncio.get_running_loop().set_default_executor(beside)


def share_heaps() -> None:
    """Let all threads share a few heaps of glibc's; elsewhere nothing happens. Before the first."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_ARENA_MAX, HEAPS)


def leave_alone_what_stays() -> None:
    """Collect garbage, and never look again through what is there now.

    That is the program itself. To look through it stops every thread, each time for longer than
    to answer some presses takes.
    """
    gc.collect()
    gc.freeze()
