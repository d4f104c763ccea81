"""The central server as it is, but for its clock, which is as wrong as a file says.

python -m tests.chaos.wrongly_clocked_server --data DIR --port PORT --truth FILE
"""

import argparse
import logging
import sys
from pathlib import Path

from server_stub.app import create_app
from server_stub.listening import address_of, listen
from server_stub.serving import serve
from server_stub.settings import Settings, seconds_since_boot
from server_stub.store_error import StoreError
from tests.chaos.clocks import Truth


def main() -> int:
    """Serve until SIGTERM; end with 1 where the server refuses to start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    truth = Truth(options.truth)
    settings = Settings(
        data=options.data,
        clock=truth.at_server,
        steady=seconds_since_boot,
        seconds_between_rounds=0.5,
    )
    app = create_app(settings)
    listening = listen("127.0.0.1", port=options.port)
    try:
        serve(app, listening, on_ready=lambda: _say(f"serving {address_of(listening)}"))
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
