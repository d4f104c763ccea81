"""Each check finds exactly what was broken, in a database that is otherwise whole."""


def test_a_database_that_was_worked_with_is_whole(broken, found):
    with broken() as connection:
        assert found(connection) == {}
