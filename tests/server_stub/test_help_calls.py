import pytest

from kiosk.contract.messages import HelpKind, HelpState
from server_stub.help_calls import UnknownHelpCallError
from tests.server_stub.enrolled import MONDAY_NOON, new_id

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize("kind", list(HelpKind))
def test_a_help_call_reaches_staff(room, kiosk, kind):
    help_call = kiosk.help_call(kind)

    answer = room.run(room.room.call_for_help(help_call, age=None))

    assert answer == (HelpState.CALLED, True)
    (shown,) = room.snapshot().help_calls
    assert (shown.id, shown.kiosk, shown.kind) == (help_call.id, "entrance-1", kind.value)
    assert (shown.state, shown.called_at) == (HelpState.CALLED, MONDAY_NOON)
    assert [(event.kind, event.about) for event in room.events()] == [("help-call", help_call.id)]


def test_repeating_a_help_call_tells_whether_anyone_has_answered(room, kiosk):
    help_call = kiosk.help_call()
    room.run(room.room.call_for_help(help_call, age=None))
    assert room.run(room.room.call_for_help(help_call, age=2)) == (HelpState.CALLED, False)

    room.run(room.room.acknowledge_help(help_call=help_call.id, staff="anna"))

    assert room.run(room.room.call_for_help(help_call, age=4)) == (HelpState.ACKNOWLEDGED, False)
    assert len(room.events()) == 2


def test_who_goes_first_stays_the_one_who_goes(room, kiosk, clock):
    help_call = kiosk.help_call()
    room.run(room.room.call_for_help(help_call, age=None))
    gone_at = clock.now
    room.run(room.room.acknowledge_help(help_call=help_call.id, staff="anna"))
    clock.move(10)

    answer = room.run(room.room.acknowledge_help(help_call=help_call.id, staff="berta"))

    assert (answer.acknowledged_by, answer.acknowledged_at) == ("anna", gone_at)
    assert [event.kind.value for event in room.events()] == ["help-call", "help-acknowledged"]


def test_an_unknown_help_call_cannot_be_acknowledged(room):
    with pytest.raises(UnknownHelpCallError):
        room.run(room.room.acknowledge_help(help_call=new_id(), staff="anna"))


def test_a_help_call_is_shown_until_it_is_answered_also_on_the_next_day(room, kiosk, clock):
    answered, open_still = kiosk.help_call(), kiosk.help_call()
    for help_call in (answered, open_still):
        room.run(room.room.call_for_help(help_call, age=None))
    room.run(room.room.acknowledge_help(help_call=answered.id, staff="anna"))

    clock.move(24 * 3600)

    assert [help_call.id for help_call in room.snapshot().help_calls] == [open_still.id]
