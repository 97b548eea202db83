"""Opening connections to an emulated Google tenant as the engine does, and finding who is in it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from connectors.google_workspace import PROVIDER
from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant as Emulated
from toolkit.engine.emulator import settles_within
from toolkit.school.school import Tenant
from toolkit.sdk.connector import Identity, Target

SCOPE = "https://www.googleapis.com/auth/"


def told(tenant: Emulated) -> Mapping[str, Any]:
    """Give what the emulator tells of the tenant's Google side."""
    return cast("Mapping[str, Any]", tenant.told["google_workspace"])


def target_of(tenant: Emulated, **variables: str) -> Target:
    """Describe the emulator as a run finds it, with this tenant in its ready line."""
    ready = {**tenant.emulator.line, "tenants": [tenant.told]}
    return Target(name="emulator", variables=variables, emulator=ready, settles=settles_within(ready))


def connected(
    tenant: Emulated, *, identity: Identity = Identity.WRITE, read_only: bool = False, **variables: str
) -> GoogleWorkspace:
    """Open a connection to an emulated tenant."""
    school = Tenant(told(tenant)["customer_id"], tenant.domain)
    connection = PROVIDER.connect(target_of(tenant, **variables), school, identity=identity, read_only=read_only)
    assert isinstance(connection, GoogleWorkspace)
    return connection


def users(tenant: Emulated, unit: str = "/") -> Sequence[Mapping[str, Any]]:
    """List the accounts of a unit and below."""
    below = unit.rstrip("/") + "/"
    return [one for one in tenant.objects("google.users").values() if f"{one['orgUnitPath']}/".startswith(below)]


def teacher(tenant: Emulated) -> Mapping[str, Any]:
    """Choose somebody of the staff."""
    return users(tenant, "/Staff")[0]


def delegate(tenant: Emulated, account: str, *, without: str) -> None:
    """Take a scope off the list of what a service account may do."""
    key = str(told(tenant)["service_accounts"][account]["client_id"])
    kept = [scope for scope in tenant.stored("google.delegation", key)["scopes"] if scope != SCOPE + without]
    tenant.patch("google.delegation", key, scopes=kept)


def policy_pages(tenant: Emulated) -> int:
    """Count the pages of a list of policies; a filter makes none fewer."""
    return -(-len(tenant.objects("google.policies")) // 100)


def tokens(tenant: Emulated) -> int:
    """Count the tokens that were asked for."""
    return sum(request["service"] == "google oauth" for request in tenant.requests())


def asked(tenant: Emulated) -> Sequence[str]:
    """List the methods that were called so far, sign-in left out."""
    return [name for name in tenant.operations() if name != "POST /token"]
