"""The interpreter of a server."""

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from starlette.concurrency import run_in_threadpool

from server_stub import interpreter
from server_stub.interpreter import HEAPS, THREADS_BESIDE, THREADS_THAT_ANSWER


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.parametrize(
    ("in_a_thread", "most"),
    [(run_in_threadpool, THREADS_THAT_ANSWER), (asyncio.to_thread, THREADS_BESIDE)],
)
def test_what_comes_at_once_waits_in_line_and_not_in_threads(in_a_thread, most):
    everybody_is_here = threading.Barrier(most)
    used = set()

    def work() -> None:
        used.add(threading.get_ident())
        everybody_is_here.wait(timeout=60)

    async def a_busy_moment() -> None:
        interpreter.run_in_few_threads()
        await asyncio.gather(*(in_a_thread(work) for _ in range(5 * most)))

    asyncio.run(a_busy_moment())

    assert len(used) == most


@pytest.mark.usefixtures("thawed")
def test_what_is_there_is_not_looked_through_for_garbage_again():
    stays = [[]]

    interpreter.leave_alone_what_stays()

    assert not any(one is stays for one in gc.get_objects(generation=2))


HEAPS_OF_A_PROCESS = """
import re, sys, threading
from server_stub import interpreter
if sys.argv[1] == "few":
    interpreter.share_heaps()
here = threading.Barrier(8)
def work():
    here.wait(timeout=60)
    kept = [bytearray(2000) for _ in range(100)]
    here.wait(timeout=60)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
maps = open("/proc/self/maps").read()
starts = re.findall(r"(?m)^([0-9a-f]+)-[0-9a-f]+ rw-p 00000000 00:00 0 *$", maps)
print(sum(int(start, 16) % (64 << 20) == 0 for start in starts))
"""
"""Prints how many heaps there are beside the main one: each begins at a multiple of 64 MB."""


def heaps_beside_the_main_one(how: str) -> int:
    asked = [sys.executable, "-c", HEAPS_OF_A_PROCESS, how]
    said = subprocess.run(asked, check=True, capture_output=True, text=True, timeout=60)
    return int(said.stdout)


def test_threads_share_few_heaps():
    assert heaps_beside_the_main_one("many") > heaps_beside_the_main_one("few") <= HEAPS - 1
