"""What schemathesis cannot know: names that must agree with each other, and what is really there.

Loaded by schemathesis itself, through SCHEMATHESIS_HOOKS.
"""

import json
import os
import zlib

import schemathesis


@schemathesis.hook
def map_case(context, case):
    """Let well-formed bodies name things that are there."""
    del context
    well_formed = case.meta is not None and case.meta.generation.mode.is_positive
    if well_formed and isinstance(case.body, dict):
        if "kiosk" in case.body:
            _by_the_kiosk(case.body, case.path_parameters or {})
        elif "step" in case.body:
            _at_the_counter(case.body)
    return case


def _by_the_kiosk(body, path):
    """A message names the id of its path, and the kiosk whose token goes with it."""
    for given in path.values():
        body["id"] = given
    body["kiosk"] = os.environ["FUZZED_KIOSK"]


def _at_the_counter(body):
    """A press names a counter of the site, and mostly a visit as it may have been shown."""
    chance = zlib.crc32(json.dumps(body, sort_keys=True).encode())
    visits = os.environ["FUZZED_VISITS"].split(",")
    if isinstance(body.get("counter"), str):
        body["counter"] = "1"
    for name, seen in (("visit", "seen"), ("into", "into_seen")):
        if name in body and chance % 5:
            body[name] = visits[(chance + len(name)) % len(visits)]
            body[seen] = 1 + chance % 3
