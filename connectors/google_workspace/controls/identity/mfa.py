"""2-Step Verification in Google Workspace: read, since no API sets it."""

from connectors.google_workspace.checks.identity.mfa import SETTING
from connectors.google_workspace.controls.targets import group_limit, in_words
from toolkit.controls.identity.mfa import Mfa
from toolkit.controls.second_factor import ADMINISTRATORS, ENFORCED, REGISTERED
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

_COUNTS = "`toolkit check` counts"


def realise(settings: Mfa, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing is set for anybody
    """Look at what the directory says of each account, and at the setting of the unit."""
    elsewhere = "where people sign in through another service, that one's second factor counts and is not looked at"
    return Realisation(
        (
            _checked(REGISTERED, "2-Step Verification, account by account", _COUNTS, elsewhere),
            _checked(ENFORCED, "2-Step Verification, account by account", _COUNTS),
            _checked(
                SETTING,
                "from when 2-Step Verification is compulsory",
                "no API sets it: in the admin console, Security > Authentication > 2-step verification, for "
                f"{in_words(context)}",
                *group_limit(context),
            ),
            _checked(ADMINISTRATORS, "super administrators and delegated ones, whoever the control is for", _COUNTS),
        )
    )


def _checked(name: str, covers: str, reason: str, *limits: str) -> Part:
    return Part(name=name, level=Level.CHECKED, covers=covers, reason=reason, limits=limits)
