"""The audit log is only ever added to: no code changes an entry, and one place deletes old ones."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import server_stub

PACKAGE = Path(server_stub.__file__).parent
CHANGES = {"update", "delete"}


def changes_of(table: str) -> Iterator[tuple[str, str]]:
    """Yield where a table of that name is updated or deleted from: module and function."""
    for module, function, call in calls():
        if _is_change(call, table):
            yield module, function


@cache
def calls() -> list[tuple[str, str, ast.Call]]:
    """Return every call in the package, with the module and the function that it stands in."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found += [
                    (path.stem, function.name, call)
                    for call in ast.walk(function)
                    if isinstance(call, ast.Call)
                ]
    return found


def _is_change(call: ast.Call, table: str) -> bool:
    """Tell whether a call is ``update(tables.x)`` or ``tables.x.delete()``."""
    if isinstance(call.func, ast.Name) and call.func.id in CHANGES:
        return any(_names(argument, table) for argument in call.args[:1])
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in CHANGES
        and _names(call.func.value, table)
    )


def _names(node: ast.expr, table: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == table


def test_only_retention_deletes_from_the_audit_log_and_nothing_changes_it():
    assert set(changes_of("audit")) == {("retention", "_remove_entries")}


def test_the_search_finds_what_changes_a_table():
    assert ("staff_sessions", "log_out") in set(changes_of("staff_session"))
    assert ("accounts", "_set") in set(changes_of("staff"))


def test_nothing_is_deleted_from_the_ledger():
    assert set(changes_of("ledger")) == set()
