"""The kiosks of a load: each delivers its check-ins and slips in order, and says how it is."""

import asyncio
import random
from collections import defaultdict

from kiosk.contract import paths
from kiosk.contract.messages import (
    CheckIn,
    CheckInContent,
    Counters,
    Heartbeat,
    SlipOutcome,
    SlipState,
)
from kiosk.contract.sealing import SiteKey, seal
from tests.day.kiosks import TWICE
from tests.load.hour_glass import HourGlass
from tests.load.line import GONE, Line
from tests.load.notes import Notes
from tests.load.plan import KioskKey, Plan, PlannedParty

SITE_VERSION = "0123456789abcdef"


async def deliver(plan: Plan, glass: HourGlass, notes: Notes) -> None:
    """Let all kiosks work; return when the last check-in is confirmed."""
    parties: defaultdict[int, list[PlannedParty]] = defaultdict(list)
    for party in plan.parties:
        parties[party.kiosk].append(party)
    kiosks = [
        _Kiosk(plan, key, parties[index], glass, notes) for index, key in enumerate(plan.kiosks)
    ]
    notes.seen["confirmed"] = []
    await glass.begin()
    async with asyncio.TaskGroup() as tasks:
        beats = [tasks.create_task(kiosk.report_for_ever()) for kiosk in kiosks]
        delivering = [tasks.create_task(kiosk.deliver()) for kiosk in kiosks]
        await asyncio.gather(*delivering)
        for beat in beats:
            beat.cancel()


class _Kiosk:
    """One kiosk. What it sends is sealed beforehand: its processor is another's."""

    def __init__(
        self,
        plan: Plan,
        key: KioskKey,
        parties: list[PlannedParty],
        glass: HourGlass,
        notes: Notes,
    ) -> None:
        self._plan = plan
        self._key = key
        self._glass = glass
        self._notes = notes
        self._sealed = [(party, _check_in(key, party)) for party in parties]
        self._chance = random.Random(f"{plan.size.seed} {key.name}")  # noqa: S311  # no secret
        self._highest = 0
        self._headers = {
            "Authorization": f"Bearer {key.token}",
            "Content-Type": "application/json",
        }

    async def deliver(self) -> None:
        """Deliver each check-in when its party has come, and how its slip ended."""
        line = Line(self._plan.port, self._headers)
        for party, check_in in self._sealed:
            await self._glass.until(party.at)
            self._highest = party.sequence
            await self._put_check_in(line, party, check_in.to_bytes())
            slip = SlipOutcome(
                id=party.id,
                kiosk=self._key.name,
                outcome=SlipState.PRINTED,
                copies=1,
                revision=1,
            )
            path = paths.slip(party.id)
            answer = await line.ask("PUT", path, slip.to_bytes())
            self._notes.answered("slip printed", answer, expected=(200, 201, 204))
        line.close()

    async def _put_check_in(self, line: Line, party: PlannedParty, body: bytes) -> None:
        """Send it, now and then twice, as where the first answer is lost."""
        expected = [(201,), (200,)] if self._chance.random() < TWICE else [(201,)]
        for status in expected:
            age = {paths.AGE_HEADER: f"{max(0.0, self._glass.now - party.at):.3f}"}
            answer = await line.ask("PUT", paths.check_in(party.id), body, **age)
            if not self._notes.answered("check-in", answer, expected=status):
                return
        self._notes.seen["confirmed"].append(party.check_in)
        self._notes.counted["check-ins sent twice"] += len(expected) - 1

    async def report_for_ever(self) -> None:
        """Send heartbeats until cancelled, beginning somewhere within the first pause."""
        line = Line(self._plan.port, self._headers)
        pause = self._plan.size.kiosks / self._plan.size.heartbeats
        await asyncio.sleep(pause * self._chance.random())
        while True:
            try:
                answer = await line.ask("POST", paths.HEARTBEATS, self._heartbeat())
                self._notes.answered("heartbeat", answer)
            except GONE as error:
                self._notes.wrong("heartbeat", repr(error))
            await asyncio.sleep(pause)

    def _heartbeat(self) -> bytes:
        return Heartbeat(
            kiosk=self._key.name,
            program_version="0.1.0",
            site_version=SITE_VERSION,
            printer="ready",
            clock_trusted=True,
            disk_free_bytes=10**10,
            outbox_depth=0,
            highest_sequence=self._highest,
            counters=Counters(check_ins=self._highest),
        ).to_bytes()


def _check_in(key: KioskKey, party: PlannedParty) -> CheckIn:
    """Seal what a party has answered."""
    envelope = CheckIn(
        id=party.id,
        kiosk=key.name,
        key_id=key.key_id,
        sequence=party.sequence,
        number=party.number,
        made_at=None,
        site_version=SITE_VERSION,
    )
    content = CheckInContent(
        language=party.language,
        adults=party.adults,
        children=party.children,
        route=party.route,
        priority=party.proposed,
        ticket_token=party.ticket_token,
    )
    public = SiteKey.from_text(key.key_id, key.public_key)
    return envelope.model_copy(
        update={"sealed": seal(content, site=key.site, envelope=envelope, key=public)}
    )
