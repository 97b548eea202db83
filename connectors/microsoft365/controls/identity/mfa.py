"""Second factors in Microsoft 365: read, and never set, since a mistake there locks everybody out."""

from toolkit.controls.identity.mfa import Mfa
from toolkit.controls.second_factor import ADMINISTRATORS, ENFORCED, REGISTERED
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

_COUNTS = "`toolkit check` counts, and toolkit never changes how people sign in"


def realise(settings: Mfa, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing is set for anybody
    """Look at registrations, security defaults and Conditional Access."""
    return Realisation(
        (
            _checked(
                REGISTERED,
                "a method that the school lets count, by a report that is some hours old",
                "the report needs Entra ID P1; without it nothing is known of who has registered",
            ),
            _checked(
                ENFORCED,
                "security defaults, and every policy of Conditional Access that is on",
                "multi-factor authentication that was turned on person by person is not seen",
                "guests count as members do",
            ),
            _checked(
                ADMINISTRATORS,
                "everybody who has a role of the directory, whoever the control is for",
                "somebody who can take a role on and has not done so is not seen",
            ),
        )
    )


def _checked(name: str, covers: str, *limits: str) -> Part:
    return Part(name=name, level=Level.CHECKED, covers=covers, reason=_COUNTS, limits=limits)
