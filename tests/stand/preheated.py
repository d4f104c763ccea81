"""What a server makes for its first requests, made beforehand: for servers forked from here.

Only the process that they are forked from loads this, where `tests.stand.warm.preheat` says so.
Routes and templates are the same in each of them, and to make them takes more of a processor than
most tests need the server for.
"""

import gc
from importlib import import_module
from pathlib import Path

from server_stub.app import create_app
from server_stub.page_rendering import environment
from server_stub.page_texts import LANGUAGES
from server_stub.passwords import hash_of_nobody
from server_stub.settings import PasswordCost, Settings

LATE = ("anyio._backends._asyncio", "tomlkit", "uvicorn.lifespan.off", "server_stub.ticket_page")
"""Modules that are loaded when they are first used."""

for module in LATE:
    import_module(module)
create_app(Settings(data=Path("nowhere")))
for language in LANGUAGES:
    templates = environment(language)
    for name in templates.list_templates():
        templates.get_template(name)
hash_of_nobody(PasswordCost())
gc.collect()
gc.freeze()  # or each server would look through all of this when it begins to serve
