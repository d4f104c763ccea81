"""The drill of ``docs/scaling.md``: three machines of a database, a server, and a leader lost."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import takewhile

from tests.install import install_drill
from tests.install.drill import Drill
from tests.install.machines import Machine, MachineError
from tests.install.page import Step, steps_of
from tests.stand.server import ROOT

PAGE = ROOT / "docs" / "scaling.md"
DATABASES = {"db1": "10.0.0.11", "db2": "10.0.0.12", "db3": "10.0.0.13"}
FILES = "etc/ankunft-cluster"
CERTIFICATES = "var/lib/ankunft-cluster-tls"
PATRONICTL = f"/opt/patroni/bin/patronictl -c /{FILES}/patroni.yml"
LEADER = re.compile(r"\| (\w+) +\|[^|]*\| Leader +\| running")

WATCHDOG = ("@WATCHDOG@|required", "@WATCHDOG@|off")
"""What a machine has and a container has not: a way to be switched off by itself."""

UNTIL_ALL_FOLLOW = f"""all_follow() {{
    said=$({PATRONICTL} list)
    grep -q 'Leader .*running' <<< "$said" &&
        grep -q 'Sync Standby .*streaming' <<< "$said" && grep -q 'Replica .*streaming' <<< "$said"
}}
SECONDS=0
until all_follow
do
    sleep 1
    [ $SECONDS -lt 180 ]
done
echo "$said"
"""

UNTIL_IT_IS_STORED = """cd /opt/ankunft
SECONDS=0
until timeout 30 runuser -u ankunft -- .venv/bin/python -m server_stub add-staff \
    --data /var/lib/ankunft {name} --role lead > /dev/null 2>&1
do
    sleep 0.5
    [ $SECONDS -lt 120 ]
done
echo "an account could be made again after $SECONDS s"
until .venv/bin/python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8081/healthz')"
do
    sleep 0.5
    [ $SECONDS -lt 120 ]
done
echo "the server answers after $SECONDS s"
"""


class ScalingDrill(Drill):
    """Three machines of the database, and one of the server."""

    page = PAGE
    addresses = DATABASES | {"server": "10.0.0.5"}

    def run(self, step: Step) -> str:
        """Run the commands of a step; return what was said."""
        return super().run(replace(step, text=step.text.replace(*WATCHDOG)))

    def people(self) -> dict[str, Callable[[], str]]:
        """Return what people do between the commands, by the page's words for it."""
        return {
            "the program is installed": self._install_program,
            "certificates are carried": self._carry_certificates,
            "all follow": lambda: self.machines["db1"].run(UNTIL_ALL_FOLLOW),
            "the leader is switched off": self._lose_leader,
        }

    def _install_program(self) -> str:
        """Do what ``docs/install.md`` says of packages, the clock, and the program."""
        steps = steps_of(install_drill.PAGE, machines=tuple(install_drill.ADDRESSES))
        packages = takewhile(lambda step: step.words == "net", steps)  # what follows is the site
        return "".join(super(ScalingDrill, self).run(step) for step in packages)

    def _carry_certificates(self) -> str:
        """Carry the CA's certificate to all, and to each machine its own pair."""
        made = self.machines["server"].root / CERTIFICATES
        for name in DATABASES:
            for file in ("ca.pem", f"{name}.pem", f"{name}.key"):
                target = self.machines[name].root / FILES / file
                target.touch(mode=0o600)
                target.write_bytes((made / file).read_bytes())
        authority = self.machines["server"].root / "etc/ankunft/cluster-ca.pem"
        authority.write_bytes((made / "ca.pem").read_bytes())
        return ""

    def _lose_leader(self) -> str:
        """Switch the leader's machine off in the middle of its work, and on again afterwards."""
        leader = self._leader()
        began = time.monotonic()
        leader.off()
        said = self.machines["server"].run(UNTIL_IT_IS_STORED.format(name="after"))
        leads = self._leader(without=leader)
        said += f"{leader.name} was switched off, {leads.name} leads "
        said += f"after {time.monotonic() - began:.0f} s at the latest\n"
        leader.boot()
        table = leads.run(UNTIL_ALL_FOLLOW)
        if LEADER.search(table) is None or f"| {leader.name} " not in table:
            raise MachineError(f"{leader.name} does not follow:\n{table}")
        return table + said

    def _leader(self, *, without: Machine | None = None) -> Machine:
        for machine in self._databases():
            if machine is not without:
                found = LEADER.search(machine.run(f"{PATRONICTL} list"))
                if found:
                    return self.machines[found[1]]
        raise MachineError("no machine leads")

    def _databases(self) -> Iterator[Machine]:
        return (self.machines[name] for name in DATABASES)
