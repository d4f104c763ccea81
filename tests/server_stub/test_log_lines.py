import logging

import pytest

from kiosk import log_lines as of_kiosk
from server_stub import log_lines as of_server


@pytest.mark.parametrize("lines", [of_kiosk, of_server])
@pytest.mark.parametrize(
    ("seconds", "dated"),
    [
        (1792889999.25, "2026-10-25T00:59:59.250Z"),  # 02:59:59 in Düsseldorf, and again
        (1792893599.25, "2026-10-25T01:59:59.250Z"),  # an hour later
    ],
)
def test_a_line_is_dated_in_utc_so_that_no_hour_comes_twice(lines, seconds, dated):
    record = logging.LogRecord("here", logging.INFO, "", 0, "said %s", ("it",), None)
    record.created, record.msecs = seconds, 250

    assert lines.UtcLines().format(record) == f"{dated} INFO here said it"
