"""Both OpenAPI documents against a real server: whatever is sent, it answers as they say."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from kiosk.contract import paths as contract
from kiosk.contract.messages import CheckIn
from server_stub.staff_api import paths
from tests.server_stub.enrolled import new_id
from tests.stand.server import ServerStand

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HOOKS = "tests.server_stub.fuzzing_hooks"
PASSWORD = "Hafen-9-Lampe"
KIOSK = "entrance-1"

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "4")
SEED = os.environ.get("FUZZ_SEED", "1")
"""Other ones by hand: FUZZ_EXAMPLES=500 FUZZ_SEED=$RANDOM; `make fuzz` takes many."""

SAID = os.environ.get("FUZZ_SAID", "")
"""A folder for what schemathesis says, where somebody wants to count."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs, and who may talk to it."""

    address: str
    log: Path
    kiosk: str
    staff: Mapping[str, str]
    leaving: str
    visits: tuple[str, ...]


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    stand = ServerStand(tmp_path_factory.mktemp("fuzzed") / "data")
    stand.set_up()
    token = tomllib.loads(stand.command("add-kiosk", KIOSK))["server"]["token"]
    for role in ("counter", "lead"):
        stand.command(
            *("add-staff", role, "--role", role, "--password-from-stdin"), stdin=f"{PASSWORD}\n"
        )
    with stand:
        yield Served(
            address=stand.address,
            log=stand.data / "server.log",
            kiosk=token,
            staff={role: log_in(stand.address, role) for role in ("counter", "lead")},
            leaving=log_in(stand.address, "counter"),
            visits=tuple(admit(stand.address, token, sequence) for sequence in range(1, 9)),
        )


def log_in(address: str, name: str) -> str:
    login = {"name": name, "password": PASSWORD}
    answer = httpx2.post(address + paths.SESSIONS, json=login, timeout=60)
    return str(answer.json()["token"])


def admit(address: str, token: str, sequence: int) -> str:
    """Let a party wait; what is not sealed cannot be read, and is admitted all the same."""
    check_in = CheckIn(
        id=new_id(),
        kiosk=KIOSK,
        key_id="none",
        sequence=sequence,
        number=f"D{100 + sequence}",
        made_at=None,
        site_version="",
    )
    answer = httpx2.put(
        address + contract.check_in(check_in.id),
        content=check_in.to_bytes(),
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert answer.status_code == 201
    return str(check_in.id)


def fuzz(served: Served, document: Path, folder: Path, *, token: str) -> None:
    """Run schemathesis over a document; fail with what it found."""
    settings = folder / "schemathesis.toml"
    settings.write_text(
        f"""\
headers = {{ Authorization = "Bearer {token}" }}
generation = {{ database = "none", max-examples = {EXAMPLES} }}
warnings = false

[[operations]]
include-path-regex = "/visits/"
parameters = {{ visit_id = "{served.visits[0]}" }}

[[operations]]
include-path = "{paths.THIS_SESSION}"
include-method = "DELETE"
headers = {{ Authorization = "Bearer {served.leaving}" }}

# Which events are still kept cannot be said in the document.
[[operations]]
include-path = "{paths.EVENTS}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "4xx"]
""",
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings)),
            *("run", str(document), "--url", served.address, "--seed", SEED),
            *("--phases", "examples,coverage,fuzzing", "--no-color"),
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": HOOKS,
            "FUZZED_KIOSK": KIOSK,
            "FUZZED_VISITS": ",".join(served.visits),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if SAID:
        (Path(SAID) / document.parents[1].name).write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        pytest.fail(f"{done.stdout}\n{done.stderr}", pytrace=False)


def test_contract_v1_holds_whatever_a_kiosk_sends(served, tmp_path):
    document = ROOT / "assets" / "contract" / "v1" / "openapi.json"

    fuzz(served, document, tmp_path, token=served.kiosk)


@pytest.mark.parametrize("role", ["lead"])
def test_the_staff_api_holds_whatever_a_program_sends(served, tmp_path, role):
    document = ROOT / "assets" / "staff-api" / "v1" / "openapi.json"

    fuzz(served, document, tmp_path, token=served.staff[role])


def test_nothing_that_was_sent_was_a_mistake_of_the_server(served):
    """Runs last: what the log says of all that came before."""
    said = served.log.read_text(encoding="utf-8")

    assert "request failed" not in said
    assert "command failed" not in said
    assert json.dumps(PASSWORD) not in said
