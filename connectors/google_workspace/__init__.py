"""The connector to Google Workspace."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.google_workspace.permissions import SUPER
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.permission import Permission, Permissions, SetupStep, Sort, Use
from toolkit.sdk.school import Tenant


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


class _Provider:
    name = "google_workspace"
    title = "Google Workspace"

    def credentials(self, variables: Mapping[str, str], identity: Identity) -> Sequence[str]:
        from connectors.google_workspace.cloud import WAYS

        return WAYS.missing(variables, identity)

    def mentions(self, variables: Mapping[str, str]) -> Sequence[str]:
        from connectors.google_workspace.cloud import WAYS

        return WAYS.mentioned(variables)

    def uses(self) -> Mapping[Use, Permissions]:
        from connectors.google_workspace.connection import PERMISSIONS

        return PERMISSIONS

    def granting(self, needed: Sequence[Permission], identity: Identity) -> Sequence[SetupStep]:
        from connectors.google_workspace import steps

        return tuple(steps(needed, identity))

    def connect(self, target: Target, tenant: Tenant, *, identity: Identity, read_only: bool) -> GoogleWorkspace:
        """Open a connection; nothing is sent yet, not even the sign-in."""
        from connectors.google_workspace.connection import connect

        return connect(target, tenant, identity=identity, read_only=read_only)


PROVIDER = _Provider()
