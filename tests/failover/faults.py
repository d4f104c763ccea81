"""The faults: what befalls a cluster, each as a deed and how it is known to be over."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.failover.cluster import Cluster
from tests.failover.house import House

PAUSE_SECONDS = 10.0
"""How long a leader's senders stand still."""

MOMENT_SECONDS = 1.5
"""How long they do before the leader is killed: what it confirms meanwhile, no other has."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        name: In the table.
        do: Does it; returns at the moment from which the outage counts.
        another_leads: Whether another machine must lead afterwards.

    """

    name: str
    do: Callable[[Cluster, House], None]
    another_leads: bool


def kill_leader(cluster: Cluster, house: House) -> None:
    """Kill -9 PostgreSQL and Patroni of the machine that leads."""
    del house
    cluster.leader().kill_database()


def kill_leader_and_server(cluster: Cluster, house: House) -> None:
    """The same, and one of the server processes in the same moment."""
    cluster.leader().kill_database()
    house.kill_a_server()


def unplug_leader(cluster: Cluster, house: House) -> None:
    """Pull the cable of the machine that leads: nobody hears anything of it, not even an end."""
    del house
    cluster.leader().machine.unplug()


def hold_senders(cluster: Cluster, house: House) -> None:
    """Let the leader's senders stand still for some seconds, so that nothing gets to standbys."""
    del house
    held = _stop_senders(cluster)
    threading.Timer(PAUSE_SECONDS, _let_go, (held,)).start()


def hold_senders_and_kill(cluster: Cluster, house: House) -> None:
    """Let them stand still for a moment and then kill the leader, which confirmed meanwhile."""
    del house
    leader = cluster.leader()
    _stop_senders(cluster)
    time.sleep(MOMENT_SECONDS)
    leader.kill_database()


def kill_etcd(cluster: Cluster, house: House) -> None:
    """Kill -9 the member of etcd on the machine that leads."""
    del house
    cluster.leader().kill_etcd()


def kill_standby(cluster: Cluster, house: House) -> None:
    """Kill -9 the standby without whose word nothing is confirmed; another one is left."""
    del house
    name = next(name for name, state in cluster.standbys().items() if state == "sync")
    cluster.node(name).kill_database()


def switch_over(cluster: Cluster, house: House) -> None:
    """Let the synchronous standby lead, as before work on a machine: no fault, but an outage."""
    del house
    leader = cluster.leader()
    name = next(name for name, state in cluster.standbys().items() if state == "sync")
    leader.patronictl("switchover", "--leader", leader.name, "--candidate", name, "--force")


FAULTS = {
    "leader": Fault("leader killed", kill_leader, another_leads=True),
    "both": Fault("leader and a server killed", kill_leader_and_server, another_leads=True),
    "link": Fault("leader's link cut", unplug_leader, another_leads=True),
    "senders": Fault("leader's senders paused 10 s", hold_senders, another_leads=False),
    "paused": Fault(
        "senders paused 1.5 s, then leader killed", hold_senders_and_kill, another_leads=True
    ),
    "etcd": Fault("etcd of the leader killed", kill_etcd, another_leads=False),
    "switchover": Fault("switchover, on purpose", switch_over, another_leads=True),
    "standby": Fault("synchronous standby killed", kill_standby, another_leads=False),
}


def _stop_senders(cluster: Cluster) -> list[int]:
    senders = cluster.leader().senders()
    for pid in senders:
        os.kill(pid, signal.SIGSTOP)
    return senders


def _let_go(senders: list[int]) -> None:
    for pid in senders:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
