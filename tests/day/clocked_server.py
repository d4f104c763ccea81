"""The central server as it is, but for its clock: a file says what time it is.

python -m tests.day.clocked_server --data DIR --port PORT --clock FILE
"""

import argparse
import logging
import sys
from pathlib import Path

from server_stub.app import create_app
from server_stub.listening import address_of, listen
from server_stub.serving import serve
from server_stub.settings import Settings
from tests.day.clock import SharedClock


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clock", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    app = create_app(Settings(data=options.data, clock=SharedClock(options.clock)))
    listening = listen("127.0.0.1", port=options.port)
    serve(app, listening, on_ready=lambda: _say(f"serving {address_of(listening)}"))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
