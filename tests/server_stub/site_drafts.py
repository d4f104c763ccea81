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


def _keep(file: TOMLDocument, table: str, wanted) -> None:
    if table in file:
        kept = tomlkit.aot()
        for entry in file[table]:
            if wanted(entry):
                kept.append(entry)
        file[table] = kept
