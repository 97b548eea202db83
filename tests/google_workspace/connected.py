"""Opens connections to an emulated Google tenant as the engine does, and finds its accounts."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from connectors.google_workspace import PROVIDER
from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant as Emulated
from toolkit.engine.emulator import read_lag_seconds
from toolkit.school.school import Tenant
from toolkit.sdk.connector import Identity, Target

SCOPE = "https://www.googleapis.com/auth/"


def google_details(tenant: Emulated) -> Mapping[str, Any]:
    """Return the emulator's description of the tenant's Google side."""
    return cast("Mapping[str, Any]", tenant.description["google_workspace"])


def target_of(tenant: Emulated, **variables: str) -> Target:
    """Return the target of a run on the emulator, with only this tenant."""
    ready = {**tenant.emulator.line, "tenants": [tenant.description]}
    return Target(name="emulator", variables=variables, emulator=ready, settles=read_lag_seconds(ready))


def connect(
    tenant: Emulated, *, identity: Identity = Identity.WRITE, read_only: bool = False, **variables: str
) -> GoogleWorkspace:
    """Open a connection to an emulated tenant."""
    school = Tenant(google_details(tenant)["customer_id"], tenant.domain)
    connection = PROVIDER.connect(target_of(tenant, **variables), school, identity=identity, read_only=read_only)
    assert isinstance(connection, GoogleWorkspace)
    return connection


def users(tenant: Emulated, unit: str = "/") -> Sequence[Mapping[str, Any]]:
    """Return the accounts of a unit and of the units below it."""
    below = unit.rstrip("/") + "/"
    return [
        account for account in tenant.objects("google.users").values() if f"{account['orgUnitPath']}/".startswith(below)
    ]


def teacher(tenant: Emulated) -> Mapping[str, Any]:
    """Return the first member of staff."""
    return users(tenant, "/Staff")[0]


def delegate(tenant: Emulated, account: str, *, without: str) -> None:
    """Remove a scope from the delegation of a service account."""
    key = str(google_details(tenant)["service_accounts"][account]["client_id"])
    kept = [scope for scope in tenant.read_object("google.delegation", key)["scopes"] if scope != SCOPE + without]
    tenant.patch("google.delegation", key, scopes=kept)


def policy_pages(tenant: Emulated) -> int:
    """Return the number of pages of a list of policies, which a filter does not change."""
    return -(-len(tenant.objects("google.policies")) // 100)


def tokens(tenant: Emulated) -> int:
    """Return the number of requested tokens."""
    return sum(request["service"] == "google oauth" for request in tenant.requests())


def called_methods(tenant: Emulated) -> Sequence[str]:
    """Return the methods that were called so far, without sign-in."""
    return [name for name in tenant.operations() if name != "POST /token"]
