"""The settings file of a kiosk for trials (``kiosk.toml``): who it is, and where its server is."""

from kiosk.contract.sealing import SiteKey
from kiosk.contract.site import Site
from server_stub.fleet_kiosks import NewEnrolment

KIOSK_TOML = """\
# The settings of kiosk {name}, for trials on this machine. It holds a token that never ends: keep
# it from others (chmod 600). A kiosk takes one with a server at a loopback address only; where
# people arrive, enrol it: python -m kiosk enrol --server URL
[kiosk]
name = "{name}"
enrolment = "{enrolment}"
letter = "{letter}"
skip_numbers = {skip_numbers}

[server]
url = "{server}"
token = "{token}"

[site]
id = "{site}"
# Copy the site file there; the kiosk takes newer ones from the server by itself.
file = "{site_file}"
key_id = "{key_id}"
public_key = "{public_key}"

# What is left to say is which printer and screen it has, for example:
# [printer]
# address = "tcp://192.0.2.7:9100"
"""


def kiosk_settings(
    kiosk: NewEnrolment,
    *,
    site: Site,
    key: SiteKey,
    server_url: str,
    site_file: str = "site.toml",
) -> str:
    """Return the text of the file; it holds the token, and there is no second one.

    Args:
        kiosk: Who it is.
        site: The site in force.
        key: What the kiosk seals to.
        server_url: How it reaches the server, without a slash at the end.
        site_file: Where its site file lies.

    """
    return KIOSK_TOML.format(
        name=kiosk.name,
        enrolment=kiosk.enrolment,
        letter=kiosk.letter,
        skip_numbers=list(site.skip_numbers),
        server=server_url,
        token=kiosk.token,
        site=site.id,
        site_file=site_file,
        key_id=key.key_id,
        public_key=key.to_text(),
    )
