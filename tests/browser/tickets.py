"""A reception point whose tickets are followed on phones: server, kiosk, and someone who calls."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import requests
from uuid_utils.compat import uuid7

from server_stub.staff_api import paths
from tests.browser.crowd import KioskAtTheDoor
from tests.stand.server import ServerStand, free_port

NAME, PASSWORD = "lead", "Hafen-9-Lampe"  # of a server that lives for minutes


def token(name: str) -> str:
    """Return the token of a ticket, 22 characters that begin with a name."""
    return f"{name:-<22}"


@dataclass
class TicketSite:
    """A running server with a ticket listener.

    Args:
        folder: For its files.

    """

    folder: Path
    stand: ServerStand = field(init=False)
    kiosk: KioskAtTheDoor = field(init=False)
    port: int = field(init=False)

    def __post_init__(self) -> None:
        """Set it up."""
        self.port = free_port()
        options = ("--ticket-port", str(self.port))
        self.stand = ServerStand(self.folder / "data", serve_options=options)
        self.stand.set_up()
        self.stand.add_staff(NAME, PASSWORD, role="lead")
        settings = self.stand.add_kiosk("entrance-1", self.folder / "kiosk", printer="none")
        self.kiosk = KioskAtTheDoor.of(settings, self.stand.address)

    def __enter__(self) -> Self:
        """Start the server and log in."""
        self.stand.start()
        answer = requests.post(
            self.stand.address + paths.SESSIONS,
            json={"name": NAME, "password": PASSWORD},
            timeout=10,
        )
        answer.raise_for_status()
        self._bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.stand.stop()

    def ticket(self, secret: str) -> str:
        """Return the address that a slip's QR code holds."""
        return f"http://127.0.0.1:{self.port}/t/{secret}"

    def arrive(  # what a party says
        self,
        name: str,
        *,
        language: str = "uk",
        route: tuple[str, ...] = (),
        minutes_ago: float = 0.0,
    ) -> UUID:
        """Let a party check in whose token begins with a name; return its visit."""
        return self.kiosk.check_in(
            language=language,
            route=route or ("information", "registration"),
            ticket_token=token(name),
            minutes_ago=minutes_ago,
        )[0]

    def press(self, step: str, visit: UUID, **asked: object) -> dict[str, Any]:
        """Take a step with a visit as it is now; return the answer."""
        address = f"{self.stand.address}{paths.VISITS}/{visit}"
        shown = requests.get(address, headers=self._bearer, timeout=10)
        shown.raise_for_status()
        seen = shown.json()["version"]
        answer = requests.put(
            f"{self.stand.address}{paths.ACTIONS}/{uuid7()}",
            json={"step": step, "visit": str(visit), "seen": seen, **asked},
            headers=self._bearer,
            timeout=10,
        )
        assert answer.status_code in {200, 201}, answer.text
        done: dict[str, Any] = answer.json()
        return done
