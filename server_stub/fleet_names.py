"""The names of devices: letters, digits and hyphens, since they travel in messages and files."""

from pydantic import TypeAdapter, ValidationError

from kiosk.contract.messages import Name
from server_stub.admin_act import AdministrationError

_NAME: TypeAdapter[str] = TypeAdapter(Name)

LONGEST_LABEL = 40
"""Characters of what staff read."""


class BadDeviceNameError(AdministrationError):
    """No device can have this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} is no name: small letters a-z, digits and hyphens, at most 40, "
            "like entrance-1"
        )


class DeviceNameTakenError(AdministrationError):
    """Another device has this name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is a {kind} {name} already: choose another name")


class BadLabelError(AdministrationError):
    """Staff could not read this in a list."""

    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label!r}: what staff read of a kiosk has at most {LONGEST_LABEL} letters in one line"
        )


def check_device_name(name: str) -> None:
    """Raise BadDeviceNameError where no device can have this name."""
    try:
        _NAME.validate_python(name)
    except ValidationError:
        raise BadDeviceNameError(name) from None


def check_label(label: str) -> None:
    """Raise BadLabelError where it cannot be read in a list; an empty one is none."""
    if len(label) > LONGEST_LABEL or (label and not label.isprintable()):
        raise BadLabelError(label)
