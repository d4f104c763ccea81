"""The drill of ``docs/install.md``: a server and a kiosk, from nothing to the first slip."""

import os
import re
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

from tests.install.drill import Drill
from tests.install.machines import NETWORK, Machine, MachineError
from tests.install.page import Step
from tests.stand.server import ROOT

PAGE = ROOT / "docs" / "install.md"
ADDRESSES = {"server": "10.0.0.5", "kiosk": "10.0.0.21"}
CODE_ON_PAGE = "K7QM-2XPA"
SERVER = f"https://{ADDRESSES['server']}"
PASSWORD = re.compile(r"password\D*?(\S{8,})", re.IGNORECASE)
OTHER_DISPLAY = """[Service]
User=kiosk
PAMName=
TTYPath=
TTYReset=no
TTYVHangup=no
StandardInput=null
ExecStart=
ExecStart=/usr/bin/Xvfb :0 -screen 0 1080x1920x24 -nolisten tcp
"""
"""A container has no screen: Xvfb stands for Xorg, as the same user."""

UNTIL_ANEW = """pid() {{ systemctl show --property MainPID --value {unit}; }}
before=$(pid)
systemctl kill --kill-whom=main --signal={how} {unit}
SECONDS=0
until [ "$(pid)" != 0 ] && [ "$(pid)" != "$before" ] && systemctl --quiet is-active {unit}
do
    sleep 1
    [ $SECONDS -lt 150 ]
done
echo "SIG{how}: serves again after $SECONDS s"
"""

PAUSE_SECONDS = 1.5
"""Between two keys: the middle one is deaf for half a second, as the kiosk sees time pass, which is
late where the machine is busy."""

UNTIL_IT_SERVES = """for said in 'first picture' 'enrolled True'; do
    timeout 120 sh -c "until journalctl --unit ankunft-kiosk | grep -q '$said'; do sleep 1; done"
done
sleep 10
"""
"""The screen is there, the kiosk has heard of the server, and what it prepares after a start is
done."""

SLIP_SECONDS = 60.0


class InstallDrill(Drill):
    """A server and a kiosk."""

    page = PAGE
    addresses = ADDRESSES
    ways = ("while the admin approves",)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._password = ""
        self._code = ""

    def run(self, step: Step) -> str:
        """Run the commands of a step; return what was said."""
        if step.words == "while the admin approves":
            return self._enrol(self.machines[step.machines[0]], step.text)
        said = super().run(step)
        if "add-staff" in step.text:
            found = PASSWORD.search(said)
            self._password = found[1] if found else ""
        if "certificates" in step.text:
            self._carry_ca()
        if "xserver-xorg-core" in step.text:
            self._put_display()
        return said

    def people(self) -> dict[str, Callable[[], str]]:
        """Return what people do between the commands, by the page's words for it."""
        return {
            "admin makes a code": self._make_code,
            "a party checks in": self._check_in,
            "it is killed, and hangs": self._end_server,
            "its screen hangs": self._hang_kiosk,
        }

    def _end_server(self) -> str:
        """Kill the server, then let it hang; return when systemd has started it anew each time."""
        server, unit = self.machines["server"], "ankunft.service"
        return "".join(
            server.run(UNTIL_ANEW.format(unit=unit, how=how)) for how in ("KILL", "STOP")
        )

    def _hang_kiosk(self) -> str:
        """Let the kiosk's screen hang; return when systemd has started it anew."""
        told = UNTIL_ANEW.format(unit="ankunft-kiosk.service", how="STOP")
        return self.machines["kiosk"].run(told)

    def _make_code(self) -> str:
        self._code = self._click("code")
        return f"code {self._code}\n"

    def _enrol(self, kiosk: Machine, text: str) -> str:
        asks = kiosk.start(text.replace(CODE_ON_PAGE, self._code))
        approved = self._click("approve")
        said, _ = asks.communicate(timeout=60)
        if asks.returncode:
            raise MachineError(f"on kiosk: exit {asks.returncode}\n{said}")
        if "".join(approved.split()) not in "".join(said.split()):
            raise MachineError(f"approved was {approved}, and the kiosk said\n{said}")
        return said

    def _check_in(self) -> str:
        """Press a party's way through on a keypad; return when its slip and its check-in came."""
        kiosk = self.machines["kiosk"]
        kiosk.run(UNTIL_IT_SERVES)
        way = [sys.executable, "-m", "tests.install.way"]
        found = subprocess.run(way, cwd=ROOT, capture_output=True, text=True, check=True)
        # The first key that a hand of X's own strikes after a start is lost at times; this one
        # means nothing to a kiosk.
        keys = ["Shift_L", *found.stdout.split("\n")[-2].split()]
        presses = "; ".join(f"xdotool key {key}; sleep {PAUSE_SECONDS}" for key in keys)
        kiosk.run(f"export DISPLAY=:0; runuser -u kiosk -- sh -c '{presses}'")
        give_up = time.monotonic() + SLIP_SECONDS
        while time.monotonic() < give_up:
            slips = list((kiosk.root / "var/lib/ankunft-kiosk/slips").glob("*.png"))
            if slips and (waiting := int(self._click("waiting"))):
                return f"{len(keys)} keys, {len(slips)} slip, {waiting} check-in at the server\n"
            time.sleep(0.5)
        shot = kiosk.run("DISPLAY=:0 runuser -u kiosk -- import -window root png:- | base64 -w0")
        (ROOT / "build" / "install-drill" / "screen.png").write_bytes(b64decode(shot))
        raise MachineError("no slip came out; what the screen shows is in screen.png")

    def _click(self, what: str) -> str:
        clicks = [sys.executable, "-m", "tests.install.clicks", SERVER, self._password, what]
        done = subprocess.run(
            ["nsenter", f"--net=/run/netns/{NETWORK}", "--", *clicks],
            cwd=ROOT,
            env={**os.environ, "REQUESTS_CA_BUNDLE": str(self.folder / "ca.pem")},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise MachineError(f"{what}: {done.stderr[-2000:]}")
        return done.stdout.strip()

    def _carry_ca(self) -> None:
        """Carry the CA's certificate to the kiosk, and into the administrator's browser."""
        pem = (self.machines["server"].root / "etc/ankunft/tls/ca.pem").read_bytes()
        (self.folder / "ca.pem").write_bytes(pem)
        (self.machines["kiosk"].root / "ca.pem").write_bytes(pem)

    def _put_display(self) -> None:
        """Put a screen that is none into the kiosk, and a hand that presses keys."""
        kiosk = self.machines["kiosk"]
        kiosk.run(
            "apt-get install --yes --no-install-recommends xvfb xdotool imagemagick", net=True
        )
        self.replace("kiosk", "ankunft-kiosk-display.service", OTHER_DISPLAY)
