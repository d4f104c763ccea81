"""The findings: what a printer answered and a person saw, made into a profile that says no more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from printer.profile import Clear, Profile
from printer.status import PrinterState
from printer.test_page import TrialPage
from printer.trials import ABILITIES, Ability, Slot


@dataclass(frozen=True, slots=True)
class Findings:
    """What a printer answered.

    Attributes:
        state: How it is; SILENT where it did not answer DLE EOT 1 to 4.
        names: Maker, model, firmware and serial number by these words, as far as it told; only
            a hint, because clones answer with another maker's name.
        says_done: Whether it answers GS r 1.
        process_id: Whether it echoed an id.
        clears: Whether it confirmed that its buffers are clear.
        nv_bytes: Free bytes of NV graphics; None where it did not say.

    """

    state: PrinterState
    names: Mapping[str, str] = field(default_factory=dict)
    says_done: bool = False
    process_id: bool = False
    clears: bool = False
    nv_bytes: int | None = None

    @property
    def title(self) -> str:
        """What to call this printer."""
        named = [self.names[key] for key in ("maker", "model") if key in self.names]
        return " ".join(named) or "unnamed printer"

    @property
    def confirms(self) -> bool:
        """Whether it says in any way that a slip is done."""
        return self.says_done or self.process_id


def profile_of(
    findings: Findings, page: TrialPage, right: Collection[int], *, capital_dots: int = 0
) -> tuple[Profile, dict[str, str]]:
    """Return a profile that claims only what was answered or seen, and how each was found.

    Args:
        findings: What the printer answered.
        page: The test page that was looked at.
        right: The numbers on it that look right; none where nobody has looked.
        capital_dots: Height of a capital of font A, as measured; 0 where it was not.

    """
    seen = {trial.setting for trial in page.trials if isinstance(trial, Ability)} & {
        ability.setting for ability in ABILITIES if ability.number in right
    }
    pages: dict[str, int] = {}
    for trial in page.trials:
        if isinstance(trial, Slot) and trial.number in right:
            pages.setdefault(trial.page, trial.slot)
    silent = findings.state is PrinterState.SILENT
    profile = Profile(
        name=page.title,
        paper_dots=page.paper_dots,
        code_pages=pages,
        process_id=findings.process_id,
        nv_graphics=findings.nv_bytes is not None,
        clear=Clear.DC4 if findings.clears else Clear.ENQ,
        blind=silent and bool(right),
        capital_dots=capital_dots,
        **{setting: setting in seen for setting in SEEN},
    )
    return profile, _notes(findings, profile, seen, looked=bool(right))


SEEN = (
    "native_qr",
    "left_margin",
    "doubled_raster",
    "dot_feed",
    "cutter",
    "smoothing",
    "reversed_text",
)
"""The abilities that only a person can tell."""


def _notes(
    findings: Findings, profile: Profile, seen: Collection[str], *, looked: bool
) -> dict[str, str]:
    """Return for each setting how its value was found."""
    silent = findings.state is PrinterState.SILENT
    missing = "a person saw that it is not so" if looked else "assumed: nobody has looked yet"
    notes = {
        setting: "confirmed by a person" if setting in seen else missing
        for setting in (*SEEN, "paper_dots")
    }
    named = ", ".join(f"{key} {name}" for key, name in findings.names.items())
    notes["name"] = f"answered: {named}; a hint only" if named else "assumed: it gave no name"
    notes["capital_dots"] = (
        "measured by a person" if profile.capital_dots else "assumed: nobody has measured it"
    )
    notes["code_pages"] = "confirmed by a person" if profile.code_pages else missing
    notes["process_id"] = f"GS ( H function 48: {answered(findings.process_id or None)}"
    notes["nv_graphics"] = "GS ( L function 51: " + (
        "not answered" if findings.nv_bytes is None else f"answered, {findings.nv_bytes} bytes free"
    )
    notes["clear"] = "answered" if findings.clears else "assumed: DLE DC4 8 was not answered"
    notes["speed"] = "assumed: the data sheet tells; too low only waits longer"
    notes["blind"] = (
        "it answers nothing, and a person saw that it prints"
        if profile.blind
        else f"DLE EOT 1 to 4: {answered(None if silent else findings.state)}"
    )
    return notes


def answered(answer: object) -> str:
    """Return the words for an answer that came, or for None."""
    return "not answered" if answer is None else "answered"
