"""One of each thing that the staff API answers, for its OpenAPI document."""

from datetime import timedelta

from kiosk.contract.messages import HelpState
from server_stub.staff_api.answers import (
    ActionAnswer,
    CounterAnswer,
    DayAnswer,
    EventAnswer,
    HelpCallAnswer,
    KioskAnswer,
    PauseAnswer,
    RangeAnswer,
    StageAnswer,
    VisitAnswer,
    VisitForHelper,
    WaitAnswer,
)
from server_stub.staff_api.documenting import ACTION, NOON, VISIT
from server_stub.visit import Step, VisitState

A_VISIT_FOR_HELPERS = VisitForHelper(
    number="D214", language="uk", adults=2, children=1, priority=False
)
A_VISIT = VisitAnswer(
    number="D214",
    language="uk",
    adults=2,
    children=1,
    priority=False,
    id=VISIT,
    kiosk="entrance-1",
    route=("information", "housing"),
    stage="information",
    state=VisitState.CALLED,
    version=1,
    steps=(Step.RECALL, Step.FORWARD, Step.FINISH),
    counter="1",
    calls=1,
    called_at=NOON,
    arrived_at=NOON - timedelta(minutes=12),
    service_day=NOON.date(),
    stage_since=NOON - timedelta(minutes=12),
    waits_from=NOON - timedelta(minutes=12),
    first_called_at=NOON,
    serving_since=None,
    ended_at=None,
    priority_proposed=False,
    appointment_at=None,
    carried_over=None,
    passed_over=0,
    inside=True,
    merged_into=None,
    split_from=None,
    by_hand=False,
    marked="",
    slip="printed",
)
AN_ACTION = ActionAnswer(
    id=ACTION,
    step="call",
    staff="anna",
    at=NOON,
    counter="1",
    version=1,
    state="called",
    stage="information",
    undone=False,
)
A_STAGE = StageAnswer(
    id="information",
    name={"de": "Auskunft", "en": "Information"},
    door="1",
    landmark="tree",
    waiting=7,
    persons_waiting=19,
    called=1,
    serving=0,
    parked=1,
    persons_at_counters=3,
    most_persons=5,
    wait=WaitAnswer(parties_ahead=7, persons_ahead=19, minutes_from=20, minutes_to=40),
    calls_pause=PauseAnswer(stage="information", persons=3, most=5, number="D215", party=4),
    counters=(
        CounterAnswer(id="1", number="D214", visit=VISIT, state=VisitState.CALLED, since=NOON),
        CounterAnswer(id="2", number=None, visit=None, state=None, since=None),
    ),
)
A_KIOSK = KioskAnswer(
    name="entrance-1",
    letter="D",
    highest_sequence=114,
    reported_at=NOON,
    printer="ready",
    clock_trusted=True,
    outbox_depth=0,
    program_version="0.1.0",
    sound="ready",
    troubles=(),
)
A_HELP_CALL = HelpCallAnswer(
    id=VISIT,
    kiosk="entrance-1",
    kind="doctor",
    language=None,
    state=HelpState.ACKNOWLEDGED,
    called_at=NOON,
    acknowledged_by="anna",
    acknowledged_at=NOON + timedelta(seconds=20),
)
AN_EVENT = EventAnswer(number=4711, kind="call", about=VISIT, detail=None, at=NOON)
A_DAY = DayAnswer(day=NOON.date(), state="open", changed_at=None, changed_by=None)
A_RANGE = RangeAnswer(
    id=ACTION, kiosk="entrance-1", first="D214", last="D260", numbers=47, at=NOON, staff="lena"
)
