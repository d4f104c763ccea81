"""The settings file of a kiosk that was just enrolled, as text with remarks for its technician."""

import json
import re
from dataclasses import dataclass

from kiosk.contract.enrolling import Enrolled
from kiosk.contract.site import SiteAnswer

ENROLLED = """\
# The settings of kiosk {name}, series {letter}. docs/kiosk.md says what each means.
data = {data}
{earlier}
# Given at enrolment: never to be changed by hand.
[kiosk]
name = {name}
enrolment = {enrolment}
letter = {letter}
skip_numbers = {skip_numbers}

# The key was made here and is known to nobody else: keep it from others, and copy it nowhere.
[server]
url = {url}
key = {key}
{ca}
# What the server said of the site on that day; what it said since is in the journal.
[site]
id = {site}
file = {file}
key_id = {key_id}
public_key = {public_key}
"""

EARLIER = """
# What this kiosk still owes from before it was enrolled anew is delivered while it runs.
earlier = [{names}]
"""

DEFAULTS = """
# tcp://192.168.1.40:9100, usb:///dev/usb/lp0 or serial:///dev/ttyS0?baud=115200&flow=rtscts:
# `python -m printer status ADDRESS` says whether one answers there.
[printer]
address = "usb:///dev/usb/lp0"
profile = "generic-80"

# Pixels and inches of the visible picture; wider than high is landscape.
[screen]
width = 1080
height = 1920
diagonal_inches = 23.8
"""

GIVEN = ("kiosk", "server", "site")
"""Tables that enrolling writes; all others are the technician's."""

_HEAD = re.compile(r"^\[+\s*([A-Za-z_]+)[^\]]*\]+\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class FileNames:
    """What the settings name, as they name it.

    Attributes:
        data: The data folder.
        key: The private key.
        site: What the server said of the site.
        ca: The certificate of the server's CA; "" for none.
        earlier: Settings of earlier enrolments.

    """

    data: str
    key: str
    site: str
    ca: str = ""
    earlier: tuple[str, ...] = ()


def settings_text(
    enrolment: str,
    enrolled: Enrolled,
    *,
    url: str,
    names: FileNames,
    site: SiteAnswer,
    tables: str = "",
) -> str:
    """Return the text of the file.

    Args:
        enrolment: Which one.
        enrolled: What the kiosk is from its approval on.
        url: The server's address.
        names: Of the files around it.
        site: The site, and the key to seal to.
        tables: All other tables; where there are none yet they have their defaults.

    """
    quoted = {
        "name": enrolled.name,
        "enrolment": enrolment,
        "letter": enrolled.letter,
        "url": url,
        "data": names.data,
        "key": names.key,
        "site": enrolled.site,
        "file": names.site,
        "key_id": site.key_id,
        "public_key": site.public_key,
    }
    earlier = EARLIER.format(names=", ".join(map(_quoted, names.earlier))) if names.earlier else ""
    head = ENROLLED.format(
        **{name: _quoted(value) for name, value in quoted.items()},
        skip_numbers=list(enrolled.skip_numbers),
        ca=f"ca = {_quoted(names.ca)}\n" if names.ca else "",
        earlier=earlier,
    )
    return head.replace("\n\n\n", "\n\n") + (f"\n{tables}" if tables else DEFAULTS)


def kept_tables(text: str) -> str:
    """Return the tables that are the technician's, with the remarks above each, as they stand."""
    kept: list[str] = []
    remarks: list[str] = []
    keeps = False
    for line in text.splitlines():
        if head := _HEAD.match(line):
            keeps = head[1] not in GIVEN
        elif not line.strip() or line.lstrip().startswith("#"):
            remarks.append(line)  # of what comes next
            continue
        if keeps:
            kept += [*remarks, line]
        remarks = []
    return "\n".join(kept).strip("\n") + "\n" if kept else ""


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's are a part of them."""
    return json.dumps(text, ensure_ascii=False)
