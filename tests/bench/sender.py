"""A kiosk's way to the server without its screen: check-ins made and sent in its name."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from kiosk.contract.messages import CheckIn, CheckInContent
from kiosk.contract.sealing import seal
from kiosk.contract.series import Series
from kiosk.contract.site_file import read_site_file
from kiosk.server_link import ServerLink
from kiosk.settings import Settings, read_settings


class Sender:
    """Puts ready-made check-ins in a kiosk's name."""

    def __init__(self, settings_file: Path) -> None:
        self.settings = read_settings(settings_file)
        token = self.settings.server.token.get_secret_value()
        self._link = ServerLink(self.settings.server.url, token=token)

    def put(self, check_in: UUID, body: bytes) -> None:
        """Deliver one; raise when there is no receipt."""
        self._link.put_check_in(check_in, body, age=0.0)


def made_check_ins(
    settings: Settings, count: int, *, first: int = 1
) -> Iterator[tuple[UUID, str, bytes]]:
    """Yield id, number and exact bytes of sealed check-ins, in the order of their sequence."""
    site = read_site_file(settings.site.file)
    series = Series(settings.kiosk.letter, settings.kiosk.skip_numbers)
    content = CheckInContent(
        language="uk", adults=1, children=2, route=(site.stages[0].id,), ticket_token="A" * 22
    )
    for sequence in range(first, first + count):
        envelope = CheckIn(
            id=uuid7(),
            kiosk=settings.kiosk.name,
            key_id=settings.site.key_id,
            sequence=sequence,
            number=series.number(sequence),
            made_at=None,
            site_version=site.version,
        )
        sealed = seal(content, site=site.id, envelope=envelope, key=settings.site.key)
        yield (
            envelope.id,
            envelope.number,
            envelope.model_copy(update={"sealed": sealed}).to_bytes(),
        )
