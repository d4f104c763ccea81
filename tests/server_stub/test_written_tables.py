import pytest

from tests.server_stub.written_tables import TABLES, with_table


@pytest.mark.parametrize("name", TABLES)
def test_the_table_in_the_docs_is_what_the_program_goes_by(name):
    """Where it differs: python -m tests.server_stub.written_tables."""
    path, lines = TABLES[name]
    text = path.read_text(encoding="utf-8")

    assert text == with_table(text, name, lines())
