"""Where the staff API is spoken.

Under ``/staff``, so that the cookie of the staff pages goes along and need not be sent anywhere
else; with a version of its own, apart from the kiosks' contract.
"""

ROOT = "/staff/v1"
SESSIONS = f"{ROOT}/sessions"
THIS_SESSION = f"{SESSIONS}/this"
ACTIONS = f"{ROOT}/actions"
VISITS = f"{ROOT}/visits"
STAGES = f"{ROOT}/stages"
KIOSKS = f"{ROOT}/kiosks"
HELP_CALLS = f"{ROOT}/help-calls"
EVENTS = f"{ROOT}/events"
DAYS = f"{ROOT}/days"
SERVED_BY_HAND = f"{ROOT}/served-by-hand"
FIGURES = f"{ROOT}/figures"
DOCUMENT = f"{ROOT}/openapi.json"
