"""Opening connections to an emulated tenant as the engine does."""

from collections.abc import Mapping
from dataclasses import replace

from connectors.microsoft365 import PROVIDER
from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant as Emulated
from toolkit.engine.emulator import read_lag_seconds
from toolkit.school.school import Tenant
from toolkit.sdk.connector import Identity, Target
from toolkit.values import Body

ROUTE_REQUESTS = 2
"""The requests by which a connection finds Exchange: the tenant's initial domain, and the region before a list."""

DOMAIN = "GET /organization"
"""The request for the initial domain, which a run has sent before it reads anything."""


def target_of(tenant: Emulated, variables: Mapping[str, str] | None = None) -> Target:
    """Describe the emulator as a run finds it, with this tenant in its ready line."""
    ready = {**tenant.emulator.line, "tenants": [tenant.description]}
    return Target(name="emulator", variables=variables or {}, emulator=ready, settles=read_lag_seconds(ready))


def connect(
    tenant: Emulated,
    *,
    identity: Identity = Identity.WRITE,
    read_only: bool = False,
    variables: Mapping[str, str] | None = None,
    ready: Body | None = None,
) -> Microsoft365:
    """Open a connection to an emulated tenant; `ready` is another ready line of the emulator than its own."""
    school = Tenant(tenant.tenant_id, tenant.domain)
    target = target_of(tenant, variables)
    target = replace(target, emulator=ready) if ready else target
    connection = PROVIDER.connect(target, school, identity=identity, read_only=read_only)
    assert isinstance(connection, Microsoft365)
    return connection
