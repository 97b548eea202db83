"""Passwords of accounts: Entra fixes their length, so that only their age can be chosen."""

from toolkit.controls.identity.password_policy import PasswordPolicy
from toolkit.sdk.address import EVERY
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource

_FIXED = 8  # characters that Entra asks of every password of a cloud account


def realise(wanted: PasswordPolicy, context: ControlContext) -> Realisation:
    """Say what Entra asks by itself, and set the age where one is wanted."""
    synced = sum(person.synced for person in context.audience.people)
    enough = wanted.length <= _FIXED
    parts = [
        Part(
            name="length",
            level=Level.CHECKED if enough else Level.UNAVAILABLE,
            covers="passwords of cloud accounts",
            always=enough,
            reason=f"Entra asks for {_FIXED} characters of every password, and nobody can change that"
            + ("" if enough else f"; {wanted.length} cannot be had"),
            for_governors=f"Microsoft asks for {_FIXED} characters of every password, and no one can change that"
            + ("" if enough else f"; {wanted.length} is not possible"),
            limits=(
                "whether letters, numbers and special characters are mixed is not asked in tenants of schools",
                *([f"{synced} of the accounts are synced: theirs is the school's own directory"] if synced else []),
            ),
        )
    ]
    if wanted.composition == "policy_literal":
        parts.append(
            Part(
                name="characters",
                level=Level.UNAVAILABLE,
                covers="of what a password is made",
                reason="Microsoft does not ask schools' passwords to mix letters, numbers and special characters",
                for_governors="Microsoft cannot ask for a mix of letters, numbers and special characters in schools",
            )
        )
    if wanted.expires_after_days is not None:
        parts.append(
            Part(
                name="age",
                level=Level.ENFORCED,
                covers="after how long a password has to be changed, for every domain of the tenant",
                needed=False,
                resources=(Resource("password_expiry", EVERY, {"valid_for_days": wanted.expires_after_days}),),
            )
        )
    return Realisation(tuple(parts))
