"""Erlang's formulas: how long a queue with several desks is on average. Pure.

They hold for arrivals at random, at one rate, to desks that are always there (M/M/c). A rush or
a closing time is neither: what these say of an hour is a hint for its staffing, and what a party
is told comes from `wait_estimate`.

The load is what arrives while one is served, on average: two parties an hour, each served for
half an hour, are a load of 1, and keep one desk just busy.
"""

import math

MOST_DESKS = 10_000
"""No site has more; a load that needs more is a mistake in what was asked."""


def erlang_b(load: float, *, desks: int) -> float:
    """Return the share of arrivals that find all desks taken, where nobody may wait."""
    _check(load, desks)
    refused = 1.0
    for desk in range(1, desks + 1):
        refused = load * refused / (desk + load * refused)
    return refused


def erlang_c(load: float, *, desks: int) -> float:
    """Return the share of arrivals that must wait; 1 where the queue grows without end."""
    if load >= desks:
        _check(load, desks)
        return 1.0
    refused = erlang_b(load, desks=desks)
    return desks * refused / (desks - load * (1.0 - refused))


def mean_wait(load: float, *, desks: int) -> float:
    """Return the mean wait, those who need not wait included, in mean services (Wq).

    Infinite where the queue grows without end.
    """
    if load >= desks:
        _check(load, desks)
        return math.inf
    return erlang_c(load, desks=desks) / (desks - load)


def desks_needed(rate: float, service: float, *, target: float, share: float = 0.8) -> int:
    """Return the fewest desks at which `share` of all arrivals wait no longer than `target`.

    Args:
        rate: Arrivals in a unit of time.
        service: The mean service, in that unit.
        target: The longest wait that is meant to be usual, in that unit.
        share: Of all arrivals, above 0 and below 1.

    Raises:
        ValueError: What was asked makes no sense, or needs more than 10,000 desks.

    """
    load = rate * service
    if not (0 < share < 1 and target >= 0 and service > 0):
        raise ValueError("desks are counted for a service above 0, a target and a share below 1")
    _check(load, 0)
    if load >= MOST_DESKS:
        raise ValueError(f"a load of {load:g} needs more than {MOST_DESKS} desks")
    refused, desks = 1.0, 0
    while True:  # one step of Erlang B a desk, so that a large load costs no square of it
        desks += 1
        refused = load * refused / (desks + load * refused)
        if desks <= load:
            continue
        waiting = desks * refused / (desks - load * (1.0 - refused))
        if waiting * math.exp(-(desks - load) * target / service) <= 1.0 - share:
            return desks


def _check(load: float, desks: int) -> None:
    if not (math.isfinite(load) and load >= 0 and desks >= 0):
        raise ValueError(f"no queue has a load of {load} at {desks} desks")
