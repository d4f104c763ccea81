"""The server's end of contract v1 in memory: records what kiosks deliver, forgets nothing."""

import hashlib
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from kiosk.contract import paths
from kiosk.contract.messages import (
    CheckIn,
    HeartbeatAnswer,
    HelpCallAnswer,
    HelpState,
    Receipt,
    Refusal,
    RefusalCode,
    SlipReceipt,
)
from tests.kiosk.loopback import WAIT_SECONDS, Request, Response

STORE = UUID("0190a000-0000-7000-8000-000000000001")


def refusal(status: int, code: RefusalCode) -> Response:
    return Response(status, Refusal(code=code, message="in the server's own words").to_bytes())


class Central:
    """Takes every message; `fail` may answer first, `site_version` and `missing` are told.

    Attributes:
        arrivals: The number of each check-in the first time it came, in order.
        deliveries: The number of each check-in every time it came.
        slips: What was told of slips, in order.

    """

    def __init__(self, *, site_version: str = "") -> None:
        self.site_version = site_version
        self.site_answer: bytes | None = None
        self.fail: Callable[[Request], Response | None] = lambda _: None
        self.help_state = HelpState.CALLED
        self.missing: tuple[int, ...] = ()
        self.highest = 0
        self.bodies: dict[str, bytes] = {}
        self.arrivals: list[str] = []
        self.deliveries: list[str] = []
        self.slips: list[dict[str, object]] = []
        self.heartbeats: list[dict[str, object]] = []
        self.news = threading.Condition()

    def __call__(self, request: Request) -> Response:
        with self.news:
            response = self.fail(request) or self._take(request)
            self.news.notify_all()
            return response

    def slips_told(self) -> set[object]:
        """Return the check-ins whose slip's outcome was told at least once."""
        return {slip["id"] for slip in self.slips}

    def wait_for(self, seen: Callable[[], bool]) -> None:
        """Return once something is seen, or fail."""
        with self.news:
            assert self.news.wait_for(seen, WAIT_SECONDS), (self.arrivals, self.slips)

    def _take(self, request: Request) -> Response:
        if request.path.startswith(paths.CHECK_INS):
            return self._check_in(request)
        if request.path == paths.HEARTBEATS:
            return self._heartbeat(request)
        if request.path.startswith(paths.SLIPS):
            slip = json.loads(request.body)
            self.slips.append(slip)
            return Response(201, SlipReceipt(id=slip["id"], revision=slip["revision"]).to_bytes())
        if request.path.startswith(paths.HELP_CALLS):
            call = json.loads(request.body)
            return Response(201, HelpCallAnswer(id=call["id"], state=self.help_state).to_bytes())
        if request.path == paths.SITE and self.site_answer:
            return Response(200, self.site_answer)
        return Response(404, b"<h1>Not found</h1>")

    def _check_in(self, request: Request) -> Response:
        check_in = CheckIn.model_validate_json(request.body)
        assert request.path == paths.check_in(check_in.id)
        key = str(check_in.id)
        first = self.bodies.setdefault(key, request.body) == request.body
        assert first, "other bytes under the same id"
        self.deliveries.append(check_in.number)
        if check_in.number not in self.arrivals:
            self.arrivals.append(check_in.number)
        self.highest = max(self.highest, check_in.sequence)
        digest = hashlib.sha256(request.body).hexdigest()
        receipt = Receipt(id=check_in.id, sha256=digest, highest_sequence=self.highest)
        return Response(201, receipt.to_bytes())

    def _heartbeat(self, request: Request) -> Response:
        report = json.loads(request.body)
        self.heartbeats.append(report)
        answer = HeartbeatAnswer(
            as_of=datetime.now(UTC),
            store_id=STORE,
            site_version=self.site_version or report["site_version"],
            highest_sequence=self.highest,
            missing_sequences=self.missing,
        )
        return Response(200, answer.to_bytes())
