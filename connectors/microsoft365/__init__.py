"""The connector to Microsoft 365."""

from collections.abc import Mapping, Sequence

from connectors.microsoft365.via import Microsoft365
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.permission import Permission, Permissions, SetupStep, Use
from toolkit.sdk.school import Tenant


class _Provider:
    name = "microsoft365"
    title = "Microsoft 365"

    def credentials(self, variables: Mapping[str, str], identity: Identity) -> Sequence[str]:
        from connectors.microsoft365.identity import WAYS

        return WAYS.missing(variables, identity)

    def mentions(self, variables: Mapping[str, str]) -> Sequence[str]:
        from connectors.microsoft365.identity import WAYS

        return WAYS.mentioned(variables)

    def uses(self) -> Mapping[Use, Permissions]:
        from connectors.microsoft365.connection import PERMISSIONS

        return PERMISSIONS

    def granting(self, needed: Sequence[Permission], identity: Identity) -> Sequence[SetupStep]:
        from connectors.microsoft365.granted_permissions import steps

        return tuple(steps(needed, identity))

    def connect(self, target: Target, tenant: Tenant, *, identity: Identity, read_only: bool) -> Microsoft365:
        """Open a connection; nothing is sent yet, not even the sign-in."""
        from connectors.microsoft365.connection import connect

        return connect(target, tenant, identity=identity, read_only=read_only)


PROVIDER = _Provider()
