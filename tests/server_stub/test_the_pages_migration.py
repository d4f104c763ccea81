"""Revision 0004 gives an older store the file of the site that is in force."""

from pathlib import Path

import pytest
from sqlalchemy import JSON, column, insert, select, table

from kiosk.contract.site_file import parse_site, read_site_file
from server_stub import schema, tables
from server_stub.settings import Settings
from server_stub.store import engine_for
from tests.server_stub.conftest import point_to

pytestmark = pytest.mark.slow

SITES = sorted((Path(__file__).parents[2] / "assets" / "sites").glob("*.toml"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def old_data(request, tmp_path) -> Settings:
    settings = Settings(data=tmp_path)
    if request.param == "postgresql":
        stand = request.getfixturevalue("postgres_stand")
        point_to(settings, stand.url(stand.make_database()))
    return settings


@pytest.mark.parametrize("path", SITES, ids=lambda path: path.stem)
def test_an_older_store_has_the_site_in_force_as_version_1(old_data, path):
    site = read_site_file(path)
    names = ("id", "store_id", "file_version", "key_id", "next_event")
    old = table("site", *map(column, names), column("file_json", JSON))
    with engine_for(old_data) as engine:
        with engine.execution_options(writes=True).begin() as connection:
            schema.migrate(connection, to="0003")
            connection.execute(
                insert(old).values(
                    id=site.id,
                    store_id="0" * 32,
                    file_version=site.version,
                    file_json=site.model_dump(mode="json"),
                    key_id="k",
                    next_event=9,
                )
            )
            schema.migrate(connection)
        with engine.connect() as connection:
            (made,) = connection.execute(select(tables.site_file)).all()

    assert (made.site, made.number, made.version) == (site.id, 1, site.version)
    assert parse_site(made.toml, source="") == site
    assert "null" not in made.toml.lower().split()
