"""Staff who use the API: logged in by a token, with their requests."""

from functools import partial

from starlette.testclient import TestClient

from server_stub import tables
from server_stub.passwords import hash_password
from server_stub.settings import PasswordCost
from server_stub.staff_api import paths
from tests.server_stub.enrolled import new_id

PASSWORD = "Hafen-9-Lampe"
ROLES = ("helper", "counter", "lead", "admin")


class Staff:
    """Someone who is logged in by a token."""

    def __init__(self, client: TestClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: object):
        return self.client.get(path, params=query, headers=self.headers)

    def put(self, path: str, body: object = None):
        return self.client.put(path, json=body, headers=self.headers)

    def delete(self, path: str):
        return self.client.delete(path, headers=self.headers)

    def all(self, path: str, **query: object) -> list[dict[str, object]]:
        """Return every item of a list, page by page."""
        items, after = [], {}
        while True:
            page = self.get(path, **query, **after).json()
            items += page["items"]
            if page["next"] is None:
                return items
            after = {"after": page["next"]}

    def press(self, step: str, visit: dict[str, object] | None = None, *, action=None, **said):
        """Press a button, beside a visit as it was shown."""
        body = {"step": step, **said}
        if visit:
            body = {"visit": visit["id"], "seen": visit["version"]} | body
        return self.put(f"{paths.ACTIONS}/{action or new_id()}", body)

    def visit(self, visit_id: object) -> dict[str, object]:
        return self.get(f"{paths.VISITS}/{visit_id}").json()


def log_in(client: TestClient, name: str, password: str = PASSWORD):
    return client.post(paths.SESSIONS, json={"name": name, "password": password})


def tokens_of_each_role(client: TestClient, cost: PasswordCost) -> dict[str, str]:
    """Make a login for each role; return their tokens."""
    site = client.app.state.room.site.id
    hashed = hash_password(PASSWORD, cost)
    at = client.app.state.settings.clock()

    def add(connection, role: str) -> None:
        connection.execute(
            tables.staff.insert().values(
                site=site, name=f"api-{role}", password_hash=hashed, role=role, created_at=at
            )
        )

    for role in ROLES:
        client.app.state.writer.submit(partial(add, role=role)).result()
    return {role: log_in(client, f"api-{role}").json()["token"] for role in ROLES}
