"""Site files as somebody would rewrite them: without a stage or a counter, under a new name."""

import tomlkit
from tomlkit import TOMLDocument


def without_stages(toml: str, *gone: str) -> str:
    """Return a site file without some stages, and without all that names them."""
    file = tomlkit.parse(toml)
    _keep(file, "stages", lambda stage: stage["id"] not in gone)
    _keep(file, "counters", lambda counter: counter["stage"] not in gone)
    _keep(file, "outcomes", lambda outcome: outcome["stage"] not in gone)
    fed = {outcome["figure"] for outcome in file.get("outcomes", ())}
    _keep(file, "figures", lambda figure: figure["id"] in fed)
    for question in file.get("questions", ()):
        for option in question.get("options", ()):
            if "stages" in option:
                option["stages"] = [stage for stage in option["stages"] if stage not in gone]
    file["first_stages"] = [stage for stage in file["first_stages"] if stage not in gone]
    return tomlkit.dumps(file)


def without_counters(toml: str, *gone: str) -> str:
    """Return a site file without some counters."""
    file = tomlkit.parse(toml)
    _keep(file, "counters", lambda counter: counter["id"] not in gone)
    return tomlkit.dumps(file)


def with_keys(toml: str, **keys: object) -> str:
    """Return a site file with other values at its top."""
    file = tomlkit.parse(toml)
    file.update(keys)
    return tomlkit.dumps(file)


def asking_for_a_letter(toml: str, *, days: int = 1) -> str:
    """Return a site file that asks for a number by keys, which leads may read for some days."""
    return f"""{toml}
[[questions]]
id = "letter"
kind = "digits"
text = "What number is on your letter?"
length = 6
purpose = {{ de = "Wozu", en = "What for" }}
retention_days = {days}
readers = ["lead"]
"""


def offering_letters(toml: str) -> str:
    """Return a site file that has a choice under the same name."""
    return f"""{toml}
[[questions]]
id = "letter"
kind = "choice"
text = "Have you been here before?"

[[questions.options]]
id = "no"
text = "No, for the first time"
icon = "door"

[[questions.options]]
id = "collect"
text = "To collect a document"
icon = "document"
"""


def _keep(file: TOMLDocument, table: str, wanted) -> None:
    if table in file:
        kept = tomlkit.aot()
        for entry in file[table]:
            if wanted(entry):
                kept.append(entry)
        file[table] = kept
