"""Reception, the kiosk's use case: answers become number, check-in and slip in ONE transaction."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from kiosk.clock import KioskClock
from kiosk.contract.messages import CheckIn, CheckInContent
from kiosk.contract.sealing import SiteKey, seal
from kiosk.contract.series import Series
from kiosk.journal import Journal
from kiosk.questionnaire import Answers, places, route
from kiosk.ticket import Ticket


def new_token() -> str:
    """Return 128 random bits as 22 characters that need no quoting in an address."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class Reception:
    """Receives parties at one kiosk. Runs in the journal's thread.

    Attributes:
        kiosk: The kiosk's name, for the envelope.
        series: The numbers of this enrolment.
        journal: Where number, check-in and slip are written at once.
        clock: For the time in the envelope, and the age of the message.

    """

    kiosk: str
    series: Series
    journal: Journal
    clock: KioskClock
    new_id: Callable[[], UUID] = uuid7
    new_token: Callable[[], str] = new_token

    def receive(self, answers: Answers, *, key: SiteKey) -> Ticket:
        """Give a party its number; what it answered is sealed before anything is written.

        Args:
            answers: All that the party told, and the site file that asked.
            key: The site's key to seal to.

        Returns:
            The ticket; from now on its number is the party's, and never anyone else's.

        Raises:
            JournalError: Nothing was written and no number given out.

        """
        site = answers.site
        stages = route(site, answers.chosen)
        token = self.new_token()
        content = CheckInContent(
            language=answers.language,
            adults=answers.party.adults,
            children=answers.party.children,
            answers=dict(answers.chosen),
            route=stages,
            priority=answers.priority,
            ticket_token=token,
        )

        def make(sequence: int) -> CheckIn:
            envelope = CheckIn(
                id=self.new_id(),
                kiosk=self.kiosk,
                key_id=key.key_id,
                sequence=sequence,
                number=self.series.number(sequence),
                made_at=self.clock.now() if self.clock.trusted else None,
                site_version=site.version,
            )
            sealed = seal(content, site=site.id, envelope=envelope, key=key)
            return envelope.model_copy(update={"sealed": sealed})

        check_in = self.journal.issue(make, boot=self.clock.boot, made=self.clock.monotonic())
        return Ticket(
            id=check_in.id,
            number=check_in.number,
            language=answers.language,
            party=answers.party,
            route=tuple(stage for stage in site.stages if stage.id in stages),
            places=places(site, answers.chosen),
            url=f"{site.public_address.rstrip('/')}/t/{token}" if site.public_address else None,
        )
