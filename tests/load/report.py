"""The report of a load: its table for people, and all figures for whoever compares runs."""

from typing import Any

from tests.chaos.results import RunOf
from tests.load.books import Books
from tests.load.notes import Notes
from tests.load.run import Loaded
from tests.load.size import Size

ORDER = (
    "check-in",
    "slip printed",
    "heartbeat",
    "call next",
    "call again",
    "serve",
    "note an outcome",
    "send on",
    "finish",
    "no-show",
    "find a number",
    "page of incoming",
    "page of a counter",
    "page of the hall",
    "hall asks for news",
    "page of figures",
    "ticket page",
    "ticket looked at",
)


def share(values: list[float], of: float) -> float:
    """Return the milliseconds within which this share was done (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(int(of * len(ordered)), len(ordered) - 1)] * 1000 if ordered else 0.0


def heading(loaded: Loaded) -> str:
    """Return in one sentence what it was."""
    size = loaded.size
    return (
        f"{size.persons:,} persons in {loaded.parties:,} parties, {size.kiosks} kiosks, "
        f"{size.counters} counters, {size.displays} displays, {size.phones:,} phones, "
        f"{size.minutes:g} minutes, {loaded.database}"
    )


def rows(loaded: Loaded) -> list[tuple[str, int, float, float, float, int]]:
    """Return for each action: how often, p50, p99 and the slowest in ms, errors."""
    took, errors = loaded.notes.took, loaded.notes.errors
    names = [*ORDER, *sorted({*took, *errors} - set(ORDER))]
    told = [
        (
            name,
            len(took[name]),
            *(share(took[name], of) for of in (0.5, 0.99, 1.0)),
            errors[name],
        )
        for name in names
        if name in took or errors[name]
    ]
    delay = [share(loaded.delays, of) for of in (0.5, 0.99, 1.0)]
    return [*told, ("from the press of a call to each display", len(loaded.delays), *delay, 0)]


def markdown(loaded: Loaded, run: RunOf) -> str:
    """Return it as a part of a page."""
    size, books = loaded.size, loaded.books
    actions = [
        f"| {name} | {often:,} | {_ms(half)} | {_ms(most)} | {_ms(all_of_it)} | {errors} |"
        for name, often, half, most, all_of_it, errors in rows(loaded)
    ]
    lines = (
        _of_run(size, run),
        "",
        "| action | how often | p50 | p99 | slowest | errors |",
        "|---|---|---|---|---|---|",
        *actions,
        "",
        _of_processor(loaded),
        _of_memory(loaded),
        _of_books(books, loaded.notes),
        _of_phones(loaded),
    )
    return "\n".join(lines)


def _of_run(size: Size, run: RunOf) -> str:
    return (
        f"Seed {size.seed}, commit {run.commit}, {run.date}; {run.machine}. "
        f"The day passed {size.times_faster:.0f} times faster than at an entrance, "
        f"counters worked {size.hurry:.0f} times faster, "
        f"{size.heartbeats:.0f} heartbeats a second."
    )


def _of_processor(loaded: Loaded) -> str:
    return (
        f"Processor of the server: {loaded.processor:.0%} of a core, "
        f"{loaded.busiest:.0%} in the busiest ten seconds; of the load beside it: "
        f"{loaded.load_processor:.0%}. The whole machine had {loaded.machine_load:.1f} processes "
        f"that ran or wanted to (median).  "
    )


def _of_memory(loaded: Loaded) -> str:
    start, middle, end = loaded.mb
    return (
        f"Memory: {start:.0f} MB at the start, {middle:.0f} in the middle, {end:.0f} at the end; "
        f"{loaded.growth.slope:+.1f} ± {loaded.growth.spread:.1f} MB for each thousand parties, "
        f"after warming up. Database: {loaded.stored_mb:.1f} MB.  "
    )


def _of_books(books: Books, notes: Notes) -> str:
    return (
        f"Books: {books.check_ins:,} check-ins confirmed, {books.lost} lost, "
        f"{books.stored_twice} stored twice, {books.gaps} gaps in events, "
        f"{notes.counted['called wrongly']} called wrongly, "
        f"{books.figures - len(books.wrong_figures)} of {books.figures} figures agree; "
        f"`check`: {books.check}  "
    )


def _of_phones(loaded: Loaded) -> str:
    counted = loaded.notes.counted
    return (
        f"Phones told to come again: {counted['phones told to come again']}, looks that they gave "
        f"up after ten seconds: {counted['looks of phones that were given up']}; "
        f"calls too short for any display: {loaded.unseen} of "
        f"{len(loaded.notes.seen['presses'])}."
    )


def told(loaded: Loaded, run: RunOf) -> dict[str, Any]:
    """Return all figures as plain values."""
    size, books = loaded.size, loaded.books
    return {
        "what": heading(loaded),
        "seed": size.seed,
        "commit": run.commit,
        "date": run.date,
        "machine": run.machine,
        "minutes": round(run.minutes, 1),
        "actions": {
            name: {"often": often, "p50_ms": half, "p99_ms": most, "max_ms": top, "errors": wrong}
            for name, often, half, most, top, wrong in rows(loaded)
        },
        "errors": loaded.notes.told,
        "counted": dict(loaded.notes.counted),
        "server_of_a_core": loaded.processor,
        "server_in_busiest_ten_seconds": loaded.busiest,
        "load_of_a_core": loaded.load_processor,
        "machine_load": loaded.machine_load,
        "server_mb": loaded.mb,
        "mb_per_thousand_parties": (loaded.growth.slope, loaded.growth.spread),
        "database_mb": loaded.stored_mb,
        "lost": books.lost,
        "stored_twice": books.stored_twice,
        "gaps": books.gaps,
        "figures": books.figures,
        "wrong_figures": books.wrong_figures,
        "check": books.check,
    }


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:,.0f} ms"
