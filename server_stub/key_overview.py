"""The overview of the keys: what each is good for, and what would be lost with it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from server_stub.key_holders import Holders, holders_of
from server_stub.keys import Keyring
from server_stub.site_keys import KeyState, StoredKey, count_sealed_to, read_holders, read_site_keys


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key, and who and what still needs it.

    Attributes:
        stored: The key.
        is_here: Whether this server has its file.
        holders: Which kiosks may hold check-ins that only it opens; of retired ones.
        sealed_here: How many check-ins that are kept here only it opens.

    """

    stored: StoredKey
    is_here: bool
    holders: Holders
    sealed_here: int


def key_overview(connection: Connection, site: str, keys: Keyring) -> list[KeyView]:
    """Return the site's keys: in force, prepared, retired, destroyed, each the newest first."""
    kiosks = read_holders(connection, site)
    found = []
    for stored in read_site_keys(connection, site):
        retired = stored.retired_at if stored.state is KeyState.RETIRED else None
        found.append(
            KeyView(
                stored,
                is_here=keys.private_key(stored.key_id) is not None,
                holders=holders_of(stored.key_id, kiosks, retired_at=retired)
                if retired
                else Holders((), ()),
                sealed_here=count_sealed_to(connection, site, stored.key_id) if retired else 0,
            )
        )
    return found
