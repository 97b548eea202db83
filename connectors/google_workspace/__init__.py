"""The connector to Google Workspace."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.permission import Permission, Permissions, SetupStep, Use
from toolkit.sdk.school import Tenant

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace


class _Provider:
    name = "google_workspace"
    title = "Google Workspace"

    def credentials(self, variables: Mapping[str, str], identity: Identity) -> Sequence[str]:
        from connectors.google_workspace.identity import WAYS

        return WAYS.missing(variables, identity)

    def mentions(self, variables: Mapping[str, str]) -> Sequence[str]:
        from connectors.google_workspace.identity import WAYS

        return WAYS.mentioned(variables)

    def uses(self) -> Mapping[Use, Permissions]:
        from connectors.google_workspace.connection import PERMISSIONS

        return PERMISSIONS

    def granting(self, needed: Sequence[Permission], identity: Identity) -> Sequence[SetupStep]:
        from connectors.google_workspace.setup_steps import steps

        return tuple(steps(needed, identity))

    def connect(self, target: Target, tenant: Tenant, *, identity: Identity, read_only: bool) -> "GoogleWorkspace":
        """Open a connection; nothing is sent yet, not even the sign-in."""
        from connectors.google_workspace.connection import connect

        return connect(target, tenant, identity=identity, read_only=read_only)


PROVIDER = _Provider()
