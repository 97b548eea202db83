"""Passwords of accounts: the console holds the rule, and it is compared with what the playbook asks."""

from connectors.google_workspace.controls.targets import group_limit, in_words, setting
from toolkit.controls.identity.password_policy import PasswordPolicy
from toolkit.sdk.part import ControlContext, Level, Part, Realisation
from toolkit.values import Json

_DAY = 24 * 60 * 60


def realise(wanted: PasswordPolicy, context: ControlContext) -> Realisation:
    """Look whether the rule is the wanted one."""
    fields: dict[str, Json] = {"minimum_length": wanted.length}
    if wanted.strong:
        fields["allowed_strength"] = "STRONG"
    if wanted.expires_after_days is not None:
        days = 0 if wanted.expires_after_days == "never" else wanted.expires_after_days
        fields["expiration_duration"] = f"{days * _DAY}s"
    literal = Part(
        name="characters",
        level=Level.UNAVAILABLE,
        covers="of what a password is made",
        reason="Google asks how hard a password is to guess, and not of letters, numbers and special characters",
        for_governors="Google judges how hard a password is to guess; it cannot ask for letters, numbers and special "
        "characters",
    )
    return Realisation(
        (
            Part(
                name="password rule",
                level=Level.CHECKED,
                covers="passwords of Google accounts",
                reason="no API sets it: in the admin console, Security > Authentication > Password management, for "
                f"{in_words(context)}",
                limits=(
                    "where people sign in through another service, that one's passwords count and are not looked at",
                    *group_limit(context),
                ),
                resources=(setting("security.password", context, fields),),
            ),
            *([literal] if wanted.composition == "policy_literal" else []),
        )
    )
