"""What real databases answer when they fail, sorted."""

import pytest
from sqlalchemy.exc import DBAPIError

from server_stub.sqlite import open_sqlite
from server_stub.store_failures import StoreFailure, sentence_of, store_failure


@pytest.fixture
def engine(tmp_path):
    engine = open_sqlite(tmp_path / "a.db")
    yield engine
    engine.dispose()


def failure_of(engine, *statements: str) -> StoreFailure:
    def run() -> None:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    with pytest.raises(DBAPIError) as caught:
        run()
    return store_failure(caught.value)


def test_a_database_that_may_not_grow_is_a_full_disk(engine):
    assert (
        failure_of(
            engine,
            "CREATE TABLE t (x)",
            "PRAGMA max_page_count = 2",
            "INSERT INTO t VALUES (randomblob(100000))",
        )
        is StoreFailure.DISK_FULL
    )


def test_a_database_that_may_only_be_read_is_told_apart_from_a_full_disk(engine):
    assert (
        failure_of(engine, "PRAGMA query_only = ON", "CREATE TABLE t (x)")
        is StoreFailure.NOT_WRITABLE
    )


def test_a_file_that_is_no_database_cannot_be_written(tmp_path):
    (tmp_path / "a.db").write_bytes(b"no database" * 1000)
    engine = open_sqlite(tmp_path / "a.db")

    assert failure_of(engine, "SELECT 1") is StoreFailure.NOT_WRITABLE
    engine.dispose()


def test_a_mistake_of_the_program_is_no_failure_of_the_disk(engine):
    assert failure_of(engine, "SELECT nothing FROM nowhere") is StoreFailure.OTHER
    assert store_failure(KeyError("x")) is StoreFailure.OTHER


def test_whoever_gave_a_command_is_told_what_to_do_and_no_value(engine):
    with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.exec_driver_sql("SELECT nothing FROM nowhere WHERE x = ?", ("canary",))

    told = sentence_of(caught.value)
    assert "`check` says whether" in told
    assert "canary" not in told
