"""What holds for all tests."""

import gc
from collections.abc import Sequence

import pytest
from hypothesis import settings

# No test is judged by the clock: these machines are shared and noisy.
settings.register_profile("ankunft", deadline=None)
settings.load_profile("ankunft")

LONG = {"slow", "display", "browser"}
"""Marks of tests that take seconds each."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that at the end no worker waits for another."""
    long = {item.path for item in items if not LONG.isdisjoint(_marks(item))}
    items.sort(key=lambda item: item.path not in long)


def _marks(item: pytest.Item) -> Sequence[str]:
    return [mark.name for mark in item.iter_markers()]


def pytest_collection_finish() -> None:
    """Leave alone what is loaded: else every great collection walks through all of it again."""
    gc.collect()
    gc.freeze()
