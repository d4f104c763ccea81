"""The inventory: every column of the store, of whom it tells, for how long it is kept and why.

A new column stands here before it is used: a test fails where one is missing. `docs/privacy.md`
shows the same lines, and the year that a test lets pass asks every row whether they are true.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from server_stub.retention_periods import Kind


class Whom(StrEnum):
    """Of whom something tells."""

    PARTY = "a party"
    STAFF = "staff"
    DEVICE = "a device"
    SITE = "the site"
    NOBODY = "nobody"


class Form(StrEnum):
    """How something is written."""

    CLEAR = "clear"
    SEALED = "sealed"
    """Encrypted to the site's key, whose private half is in no database and no backup."""
    HASH = "hash"
    """Of something random, or of a password by argon2id: it cannot be undone."""


class Span(StrEnum):
    """For how long something is kept; the first ones are set by the site, and bounded."""

    ANSWERS = Kind.ANSWERS.value
    TICKETS = Kind.TICKETS.value
    VISITS = Kind.VISITS.value
    HELP_CALLS = Kind.HELP_CALLS.value
    AUDIT = Kind.AUDIT.value
    SHORT = "short"
    """A fixed time, of minutes or days, which `Holding.lasts` says."""
    ACCOUNT = "account"
    """As long as somebody may log in, and as the audit log is kept from then on."""
    DEVICE = "device"
    """As long as the site knows the device."""
    LATEST = "latest"
    """Until the next value takes its place."""
    FOR_GOOD = "for good"
    """Until the site is wound down."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Some columns of a table that belong together.

    Attributes:
        table: The table.
        columns: Names of columns, a space between.
        what: What they hold.
        of: Of whom they tell.
        span: For how long they are kept.
        why: What for.
        since: The column that tells from when the span counts: of this table, or of `visit`, to
            which `key` leads; ", or" and one of this table where a row may have no visit. ""
            where it does not end by itself.
        key: The column that names the visit, where `since` is of it.
        lasts: From then on, where the span is `Span.SHORT`.
        form: How they are written.
        readers: Who can read them on a page.

    """

    table: str
    columns: str
    what: str
    of: Whom
    span: Span
    why: str
    since: str = ""
    key: str = ""
    lasts: timedelta = timedelta(0)
    form: Form = Form.CLEAR
    readers: str = "nobody"

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.columns.split())


STEPS = "every member of staff but helpers"
LEADS = "shift leads and administrators"
ADMINS = "administrators"
CALLED_IN_ORDER = "parties are called in order, can come back, and the day can be corrected"
MISUSE = "misuse is found late"
FIGURES = "the city reports it"

OF_PARTIES = (
    Holding(
        "check_in_body",
        "id body",
        "What a party answered, as its kiosk sealed it",
        Whom.PARTY,
        Span.ANSWERS,
        "staff open a check-in while its party is here, or comes back",
        since="visit.ended_at",
        key="id",
        form=Form.SEALED,
        readers="by question, the roles that the site file names; each opening is noted",
    ),
    Holding(
        "visit",
        "number language adults children priority",
        "A party's number, language, size, and whether it is called before others",
        Whom.PARTY,
        Span.VISITS,
        CALLED_IN_ORDER,
        since="ended_at",
        readers="every member of staff",
    ),
    Holding(
        "visit",
        "id kiosk route stage state counter calls called_at arrived_at arrival_order service_day "
        "version priority_proposed marked waits_from calling_class appointment_at carried_over "
        "passed_over inside stage_since first_called_at serving_since ended_at merged_into "
        "split_from by_hand",
        "A party's way through its route: where it is, and when it was called",
        Whom.PARTY,
        Span.VISITS,
        CALLED_IN_ORDER,
        since="ended_at",
        readers=STEPS,
    ),
    Holding(
        "visit",
        "ticket_token_sha256",
        "The secret of a party's ticket, by which a phone follows it",
        Whom.PARTY,
        Span.TICKETS,
        "a phone can follow its number",
        since="ended_at",
        form=Form.HASH,
    ),
    Holding(
        "slip_outcome",
        "id kiosk outcome copies revision at",
        "Whether a slip was printed",
        Whom.PARTY,
        Span.TICKETS,
        "a slip that did not come out is printed again",
        since="visit.ended_at",
        key="id",
        readers=STEPS,
    ),
    Holding(
        "passage",
        "id visit stage service_day persons language waited_from first_called_at served_at "
        "ended_at counter ended_by",
        "A party's time at one stage",
        Whom.PARTY,
        Span.VISITS,
        "waits are told, and desks planned",
        since="visit.ended_at",
        key="visit",
        readers=STEPS,
    ),
    Holding(
        "outcome",
        "id ordinal visit stage outcome persons service_day at",
        "What a stage achieved for how many of a party",
        Whom.PARTY,
        Span.VISITS,
        FIGURES,
        since="visit.ended_at",
        key="visit",
        readers=STEPS,
    ),
    Holding(
        "staff_action",
        "visit version request before after answer",
        "How a party stood before a step and after it, and what was asked and answered",
        Whom.PARTY,
        Span.VISITS,
        "a step can be taken back, and is not done twice",
        since="visit.ended_at, or at",
        key="visit",
        readers=STEPS,
    ),
    Holding(
        "event",
        "number kind about detail at",
        "That something changed, and with which id",
        Whom.PARTY,
        Span.VISITS,
        "live pages follow it",
        since="at",
    ),
    Holding(
        "help_call",
        "id kiosk kind language state called_at",
        "That somebody asked for a person at a kiosk; joined to no visit",
        Whom.PARTY,
        Span.HELP_CALLS,
        "somebody goes, and it can be seen whether somebody did",
        since="called_at",
        readers="every member of staff",
    ),
    Holding(
        "ledger",
        "id sha256 enrolment sequence clash_sequence arrived_at received_at",
        "Which check-ins came from which kiosk, in which order and when; the id is random but for "
        "the moment at which the kiosk made it",
        Whom.PARTY,
        Span.FOR_GOOD,
        "a check-in that is sent again years later lets nobody wait a second time, and a copied "
        "kiosk is noticed; nothing that is kept leads from it to a person",
    ),
)
"""What tells of those who come."""

OF_STAFF = (
    Holding(
        "staff_action",
        "id step staff at counter part_of undone",
        "Who took which step, when and at which counter",
        Whom.STAFF,
        Span.AUDIT,
        MISUSE,
        since="at",
        readers=f"{LEADS}; of a visit that is here, {STEPS}",
    ),
    Holding(
        "audit",
        "id at staff act about detail",
        "Who looked at which check-in, and who changed what of the site",
        Whom.STAFF,
        Span.AUDIT,
        MISUSE,
        since="at",
        readers=ADMINS,
    ),
    Holding(
        "outcome",
        "staff",
        "Who noted an outcome",
        Whom.STAFF,
        Span.AUDIT,
        MISUSE,
        since="at",
    ),
    Holding(
        "help_call",
        "acknowledged_by acknowledged_at",
        "Who went to a help call, and when",
        Whom.STAFF,
        Span.HELP_CALLS,
        "nobody goes twice, and nobody is left waiting",
        since="called_at",
        readers="every member of staff",
    ),
    Holding(
        "stock_count",
        "staff",
        "Who counted persons",
        Whom.STAFF,
        Span.AUDIT,
        "whoever counts after them can ask",
        since="at",
        readers=LEADS,
    ),
    Holding(
        "service_day",
        "changed_by",
        "Who closed a day",
        Whom.STAFF,
        Span.AUDIT,
        "who opens the next one can ask",
        since="changed_at",
        readers=LEADS,
    ),
    Holding(
        "served_by_hand",
        "staff",
        "Who marked numbers as served by hand",
        Whom.STAFF,
        Span.AUDIT,
        MISUSE,
        since="at",
        readers=LEADS,
    ),
    Holding(
        "site_file",
        "staff",
        "Who put a site file in force",
        Whom.STAFF,
        Span.AUDIT,
        MISUSE,
        since="taken_at",
        readers=ADMINS,
    ),
    Holding(
        "retention",
        "staff",
        "Who set a period",
        Whom.STAFF,
        Span.AUDIT,
        MISUSE,
        since="changed_at",
    ),
    Holding(
        "staff",
        "name role created_at disabled_at last_login_at",
        "Who may log in, as what, and when they last did",
        Whom.STAFF,
        Span.ACCOUNT,
        "they log in; accounts that nobody uses are found",
        since="disabled_at",
        readers=ADMINS,
    ),
    Holding(
        "staff",
        "password_hash",
        "A password, by argon2id",
        Whom.STAFF,
        Span.ACCOUNT,
        "they log in",
        since="disabled_at",
        form=Form.HASH,
    ),
    Holding(
        "staff_session",
        "staff language counter created_at expires_at look",
        "Who is logged in, and how their pages look",
        Whom.STAFF,
        Span.SHORT,
        "they need not log in for every page; 12 hours at most, from the login on",
        since="expires_at",
        readers=f"{ADMINS}, how many",
    ),
    Holding(
        "staff_session",
        "id_sha256",
        "The token of a session",
        Whom.STAFF,
        Span.SHORT,
        "as above",
        since="expires_at",
        form=Form.HASH,
    ),
    Holding(
        "login_failure",
        "name address failures since",
        "From which address, or in which known browser, a wrong password was given for a name",
        Whom.STAFF,
        Span.SHORT,
        "passwords are not guessed",
        since="since",
        lasts=timedelta(minutes=15),
    ),
)
"""What tells of those who work there."""

OF_DEVICES = (
    Holding(
        "kiosk",
        "enrolment name letter enrolled_at retired_at highest_sequence complete_to kind "
        "revoked_at label public_key hardware",
        "A kiosk: its name, letter, key, and a hash of what its machine is",
        Whom.DEVICE,
        Span.DEVICE,
        "its numbers are its own for good",
        readers=LEADS,
    ),
    Holding(
        "kiosk_token",
        "token_sha256 enrolment issued_at expires_at",
        "A kiosk's token of a day",
        Whom.DEVICE,
        Span.SHORT,
        "it need not sign every message; one that is away is told to sign anew",
        since="expires_at",
        lasts=timedelta(days=30),
        form=Form.HASH,
    ),
    Holding(
        "kiosk_report",
        "enrolment at program_version site_version printer clock_trusted disk_free_bytes "
        "outbox_depth highest_sequence check_ins abandoned help_calls wrong_codes sound troubles "
        "sealed_to",
        "What a kiosk said of itself last",
        Whom.DEVICE,
        Span.LATEST,
        "staff go where paper is missing",
        readers=STEPS,
    ),
    Holding(
        "enrolment_code",
        "code_sha256 name replaces made_by made_at expires_at used_at contested_at",
        "A code by which a kiosk may ask to be enrolled, and who made it",
        Whom.STAFF,
        Span.SHORT,
        "nobody else enrols a kiosk; it is good for 15 minutes, and stays beside its request",
        since="expires_at",
        lasts=timedelta(days=7),
        form=Form.HASH,
        readers=ADMINS,
    ),
    Holding(
        "enrolment_request",
        "enrolment code_sha256 name replaces public_key hardware program_version asked_at "
        "approved_at refused_at",
        "A kiosk that asks to be enrolled",
        Whom.DEVICE,
        Span.SHORT,
        "an administrator compares its fingerprint, and it hears what came of it",
        since="asked_at",
        lasts=timedelta(days=7),
        readers=ADMINS,
    ),
    Holding(
        "challenge",
        "nonce_sha256 enrolment expires_at",
        "What a kiosk is to sign",
        Whom.DEVICE,
        Span.SHORT,
        "a signature that was overheard is worth nothing",
        since="expires_at",
        form=Form.HASH,
    ),
    Holding(
        "attempt",
        "door address attempts since",
        "How often an address came to a door that needs no token",
        Whom.DEVICE,
        Span.SHORT,
        "nobody tries codes",
        since="since",
        lasts=timedelta(minutes=10),
    ),
    Holding(
        "display",
        "name token_sha256 created_at stages look",
        "A call display",
        Whom.DEVICE,
        Span.DEVICE,
        "it shows calls",
        readers=ADMINS,
    ),
)
"""What tells of machines."""

OF_THE_SITE = (
    Holding(
        "site",
        "id store_id file_version file_json key_id next_event",
        "The site as its site file describes it",
        Whom.SITE,
        Span.FOR_GOOD,
        "everything goes by it",
        readers="every member of staff",
    ),
    Holding(
        "site_file",
        "number version toml taken_at note based_on",
        "Every site file that was in force, and why it was changed",
        Whom.SITE,
        Span.FOR_GOOD,
        "figures add up by the file of their day; one can be put in force again",
        readers=ADMINS,
    ),
    Holding(
        "site_key",
        "key_id public_key made_at retired_at destroyed_at",
        "The keys that kiosks sealed to; their public halves",
        Whom.SITE,
        Span.FOR_GOOD,
        "it is known what can still be opened",
        readers=ADMINS,
    ),
    Holding(
        "retention",
        "kind hours changed_at",
        "The periods of this table, where they are not as by default",
        Whom.SITE,
        Span.FOR_GOOD,
        "they are kept to",
        readers=ADMINS,
    ),
    Holding(
        "service_day",
        "day state changed_at",
        "Which days are closed",
        Whom.SITE,
        Span.FOR_GOOD,
        "the figures of a closed day stand",
        readers=LEADS,
    ),
    Holding(
        "daily_figures",
        "day figures made_at",
        "The figures of a day: counts by hour, stage, language; small ones are withheld wherever "
        "they are shown",
        Whom.NOBODY,
        Span.FOR_GOOD,
        FIGURES,
        readers=LEADS,
    ),
    Holding(
        "erased_figures",
        "day visits figures changed_at",
        "What parties that had themselves erased add to the figures of a day, as counts",
        Whom.NOBODY,
        Span.VISITS,
        "figures stay exact; once the day is over it becomes a part of the day's figures",
        since="changed_at",
    ),
    Holding(
        "kiosk_day",
        "day enrolment check_ins abandoned help_calls",
        "What a kiosk counted on a day",
        Whom.NOBODY,
        Span.FOR_GOOD,
        FIGURES,
        readers=LEADS,
    ),
    Holding(
        "stock_count",
        "id figure persons at service_day",
        "How many persons somebody counted",
        Whom.NOBODY,
        Span.FOR_GOOD,
        "outcomes go on from it",
        readers=LEADS,
    ),
    Holding(
        "served_by_hand",
        "id enrolment first_sequence last_sequence at",
        "Which numbers were served without the server",
        Whom.NOBODY,
        Span.FOR_GOOD,
        "a check-in of those that comes later lets nobody wait",
        readers=LEADS,
    ),
    Holding(
        "stage_calls",
        "stage priority_run",
        "How many of a stage's last calls were priority",
        Whom.NOBODY,
        Span.LATEST,
        "those who wait longest are called too",
    ),
    Holding(
        "health_probe",
        "at",
        "When the server last proved that it can write",
        Whom.NOBODY,
        Span.LATEST,
        "somebody is called when it cannot",
        readers="whoever watches the server",
    ),
)
"""What tells of no person, or is how the site was set up."""

HOLDINGS = (*OF_PARTIES, *OF_STAFF, *OF_DEVICES, *OF_THE_SITE)
"""All of it. Every table but `site` also has the site's id as `site`."""


def named() -> Iterator[str]:
    """Yield every column that a holding names, as ``table.column``."""
    for holding in HOLDINGS:
        for name in holding.names:
            yield f"{holding.table}.{name}"
