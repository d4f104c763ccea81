#!/usr/bin/env python3
"""The OpenAPI document of the staff API, written anew: ``python assets/staff-api/v1/build.py``.

A test holds it to what the server's routes say.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2]))

from server_stub.staff_api.router import openapi_text  # noqa: E402  # found through the line above


def main() -> None:
    """Write the document."""
    (HERE / "openapi.json").write_text(openapi_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
