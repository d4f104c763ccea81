"""The stops: when a kiosk gives out no more numbers until it is enrolled anew.

A number that is given out twice is worse than a kiosk out of service. What waits in the outbox
of a stopped kiosk is delivered all the same.
"""

import logging

from kiosk.hardware import Hardware
from kiosk.journal import Journal

log = logging.getLogger(__name__)

ENROL_ANEW = "enrol this kiosk anew with `python -m kiosk enrol`"


def stop_if_behind(journal: Journal, *, highest_at_server: int) -> None:
    """Stop a kiosk whose sequence is below what the server has seen of it.

    Its disk was put back to an older state, or copied: it would give out numbers again that
    parties already hold.
    """
    if highest_at_server > journal.sequence and not journal.stopped:
        log.error("sequence behind server own=%s server=%s", journal.sequence, highest_at_server)
        journal.stop(
            f"the server has seen number {highest_at_server} of this series, this disk only "
            f"{journal.sequence}: it was put back to an older state, or copied; {ENROL_ANEW}"
        )


def stop_on_other_hardware(journal: Journal, machine: Hardware) -> None:
    """Stop a kiosk whose disk is found in another machine, or keep the machine it is first seen in.

    Its disk was copied, and another one goes on with the same numbers; or it was moved, which
    looks the same from here. Where nothing can be read of a machine nothing is said of it.
    """
    known = Hardware.from_text(journal.hardware)
    if machine.is_another_than(known):
        if not journal.stopped:
            log.error("found on other hardware known=%s now=%s", known, machine)
            journal.stop(
                "this disk belongs to another machine, where its numbers may still be given out; "
                f"{ENROL_ANEW}"
            )
    elif machine and not known:
        log.info("hardware kept, known by=%s", machine)
        journal.keep_hardware(machine.to_text())
