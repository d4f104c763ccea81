"""The environment that Alembic runs the migrations in: a connection that the caller has opened."""

from alembic import context

from server_stub.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
)
context.run_migrations()
