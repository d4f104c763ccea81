"""Direct SQL: statements worked out once and handed to the driver, for what every check-in needs.

SQLAlchemy takes some 50 µs of the processor for each statement that it runs, which is more than
SQLite takes for most of them, and a batch of check-ins has a dozen.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ClauseElement,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Text,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Conversion = Callable[[Any], Any] | None
"""Makes of a value what the other side takes; None where it takes the value itself."""


def run(connection: Connection, statement: str, values: Any = ()) -> Any:  # noqa: ANN401  # the driver's own kinds
    """Run one statement as it is and return the driver's cursor.

    Raises:
        DBAPIError: As SQLAlchemy raises it, without the values.

    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise as_sqlalchemy(error, connection, statement) from error
    return cursor


def run_for_each(connection: Connection, statement: str, values: Sequence[Any]) -> None:
    """Run one statement with one set of values after the other; raise like `run`."""
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(statement, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise as_sqlalchemy(error, connection, statement) from error


def as_sqlalchemy(error: Any, connection: Connection, statement: str) -> DBAPIError:  # noqa: ANN401  # the driver's own kinds
    """Return a driver's error as SQLAlchemy tells it, and whether it lost the connection."""
    dialect = connection.dialect
    told = DBAPIError.instance(
        statement,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=dialect.is_disconnect(error, connection.connection, None),
        dialect=dialect,
    )
    if not isinstance(told, DBAPIError):
        raise TypeError(f"{type(error).__name__} is no error of the driver")
    return told


class DirectStatement:
    """A statement of SQLAlchemy's own making that is run past it.

    Args:
        statement: Its lists are compared by `OneOf`: no length of a list makes another statement.
        gathered: SQLite gives all rows as one. Its driver lets go of Python's lock for each row,
            and on a busy server each then waits for the lock. Without columns of bytes or floats;
            and where the statement orders its rows without a limit, in whatever order.

    """

    def __init__(self, statement: Executable, *, gathered: bool = False) -> None:
        self._statement = statement
        self._gathered = gathered
        self._prepared: dict[str, _Prepared] = {}

    def ask(self, connection: Connection, values: Mapping[str, object]) -> "Asked":
        """Run it; raise DBAPIError."""
        prepared = self._prepared_for(connection)
        return Asked(connection, prepared, run(connection, prepared.text, prepared.bound(values)))

    def run_for_each(self, connection: Connection, values: Iterable[Mapping[str, object]]) -> None:
        """Run it with one set of values after the other; raise DBAPIError."""
        prepared = self._prepared_for(connection)
        run_for_each(connection, prepared.text, [prepared.bound(one) for one in values])

    def _prepared_for(self, connection: Connection) -> "_Prepared":
        if not connection.in_transaction():
            connection.begin()  # as SQLAlchemy does by itself for its own statements
        dialect = connection.dialect
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            prepared = self._prepared[dialect.name] = _prepare(
                self._statement, dialect, gathered=self._gathered
            )
        return prepared


class Asked:
    """What was asked; on PostgreSQL the answer may still be on its way."""

    def __init__(self, connection: Connection, prepared: "_Prepared", cursor: Any) -> None:  # noqa: ANN401  # the driver's
        self._connection = connection
        self._prepared = prepared
        self._cursor = cursor

    def rows(self) -> list[tuple[Any, ...]]:
        """Return all rows, their values in the order of the statement's columns."""
        try:
            rows = self._cursor.fetchall()
        except self._connection.dialect.loaded_dbapi.Error as error:
            raise as_sqlalchemy(error, self._connection, self._prepared.text) from error
        if self._prepared.gathered:
            rows = json.loads(rows[0][0])
        return [
            tuple(
                [
                    convert(value) if convert else value
                    for value, convert in zip(row, self._prepared.results, strict=True)
                ]
            )
            for row in rows
        ]


class _Prepared(NamedTuple):
    text: str
    by_place: bool
    names: list[str]
    binds: list[tuple[str, object, Conversion]]
    results: list[Conversion]
    gathered: bool

    def bound(self, values: Mapping[str, object]) -> list[object] | dict[str, object]:
        """Return values by their names as the driver takes them."""
        given = [
            convert(values.get(name, default)) if convert else values.get(name, default)
            for name, default, convert in self.binds
        ]
        return given if self.by_place else dict(zip(self.names, given, strict=True))


def _prepare(statement: Executable, dialect: Dialect, *, gathered: bool) -> _Prepared:
    if not isinstance(statement, ClauseElement):
        raise TypeError(type(statement))
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(type(compiled))
    names = list(compiled.positiontup or compiled.binds)
    binds = [compiled.binds[name] for name in names]
    columns = getattr(statement, "exported_columns", ())
    text = str(compiled)
    gathered = gathered and dialect.name == "sqlite"
    if gathered:
        quote = dialect.identifier_preparer.quote
        row = ", ".join(quote(column.name) for column in columns)
        text = f"SELECT json_group_array(json_array({row})) FROM ({text})"  # noqa: S608  # values are bound
    return _Prepared(
        text=text,
        by_place=bool(compiled.positional),
        names=names,
        binds=[(bind.key, bind.value, to_driver(bind.type, dialect)) for bind in binds],
        results=[
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        ],
        gathered=gathered,
    )


def to_driver(type_: TypeEngine[Any], dialect: Dialect) -> Conversion:
    """Return what makes values of a type into what the driver takes."""
    return type_.dialect_impl(dialect).bind_processor(dialect)


class _ListOf(TypeDecorator[Sequence[Any]]):
    """A list that is bound as one value: an array of PostgreSQL's, JSON for SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that a database keeps it in."""
        return dialect.type_descriptor(ARRAY(self.item) if _has_arrays(dialect) else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:  # noqa: ANN401  # as the driver takes it
        """Return the list as the driver takes it."""
        if value is None or _has_arrays(dialect):
            return value
        convert = to_driver(self.item, dialect)
        return json.dumps([convert(item) if convert else item for item in value])


class OneOf(ColumnElement[bool]):
    """Whether a column's value is in a list that is bound under a name, however long it is."""

    inherit_cache = False

    def __init__(self, column: Column[Any], name: str) -> None:
        self.column = column
        self.values = bindparam(name, type_=_ListOf(column.type))


@compiles(OneOf)
def _compile_one_of(one_of: OneOf, compiler: SQLCompiler, **told: Any) -> str:  # noqa: ANN401  # SQLAlchemy's own
    column = compiler.process(one_of.column, **told)
    values = compiler.process(one_of.values, **told)
    if _has_arrays(compiler.dialect):
        return f"{column} = ANY ({values})"
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608  # values are bound


def _has_arrays(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"
