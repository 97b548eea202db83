"""How an administrator gives a service account what it needs: scopes by delegation, and an administrator to act as."""

from collections.abc import Iterator, Sequence

from connectors.google_workspace.permissions import SUPER
from toolkit.sdk.connector import Identity
from toolkit.sdk.permission import Permission, SetupStep, Sort


def steps(needed: Sequence[Permission], identity: Identity) -> Iterator[SetupStep]:
    """Say what to do, in the order in which it is done."""
    yield SetupStep(
        f"In the Google Cloud console, make a service account of its own for the {identity} identity, without any role "
        "in Google Cloud, and turn on the APIs that `toolkit doctor` names."
    )
    if scopes := [one.name for one in needed if one.sort is Sort.SCOPE]:
        yield SetupStep(
            "In admin.google.com > Security > Access and data control > API controls > Domain-wide delegation, add the "
            "service account's client id with these scopes, in place of any that stand there:",
            (",".join(scopes),),
        )
    privileges = tuple(one.name for one in needed if one.sort is Sort.PRIVILEGE)
    if SUPER in privileges:
        yield SetupStep(
            "Name a super administrator in TOOLKIT_GOOGLE_ADMIN, an account that nobody works with: Google lets nobody "
            "else read or write these policies, whatever the scopes."
        )
    elif privileges:
        yield SetupStep(
            "In Account > Admin roles, make a role with these privileges and nothing else, give it to an account that "
            "nobody works with, and name that in TOOLKIT_GOOGLE_ADMIN:",
            privileges,
        )
