"""The interpreter of a server."""

import gc
import sys
from collections.abc import Iterator

import pytest

from server_stub import interpreter


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    turn = sys.getswitchinterval()
    yield
    sys.setswitchinterval(turn)
    gc.unfreeze()


def test_threads_wait_less_for_each_other_than_python_lets_them():
    before = sys.getswitchinterval()

    interpreter.take_short_turns()

    assert sys.getswitchinterval() < before


def test_what_is_there_is_not_looked_through_for_garbage_again():
    stays = [[]]

    interpreter.leave_alone_what_stays()

    assert not any(one is stays for one in gc.get_objects(generation=2))
