"""What a device must be like: Google's own rules for phones take no API, and their state is measured by check."""

from connectors.google_workspace.controls.targets import in_words
from toolkit.controls.device.compliance import Compliance
from toolkit.sdk.part import ControlContext, Level, Part, Realisation


def realise(settings: Compliance, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing of it can be set
    """Leave the rules to people, and count the devices that keep them."""
    return Realisation(
        (
            Part(
                name="rules for phones and tablets",
                level=Level.MANUAL,
                covers="password, encryption and lock of phones and tablets that Google manages",
                reason="no API sets it: in the admin console, Devices > Mobile and endpoints > Universal settings > "
                f"General, for {in_words(context)}; `toolkit check` counts the devices that keep to it",
            ),
            Part(
                name="ChromeOS devices",
                level=Level.CHECKED,
                covers="Chromebooks, which are always encrypted and locked with the password of the account",
                reason="there is nothing to set; `toolkit check` counts those that are in use",
            ),
        )
    )
