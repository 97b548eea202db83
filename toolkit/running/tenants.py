"""Opens the school's tenants and makes sure that they are the school's before anything else is asked of them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from toolkit.errors import UsageError, WrongTenant
from toolkit.tenant.connector import Connection, Identity, Provider, Target, TenantSeen
from toolkit.tenant.school import School, Tenant

EMULATED = "emulated"
"""As a tenant's id in the school file: whichever tenant the emulator has."""

_SAMPLE_DOMAIN = "example-primary.example"


@contextmanager
def opened(
    school: School, providers: Mapping[str, Provider], target: Target, *, identity: Identity, read_only: bool
) -> Iterator[tuple[Mapping[str, Connection], Mapping[str, str]]]:
    """Connect to each of the school's tenants, and give the connections and the tenants' ids.

    WrongTenant, with nothing else sent to any of them, if one is not the school's.
    """
    if target.live:
        _refuse_samples(school)
    with ExitStack() as stack:
        connections: dict[str, Connection] = {}
        for name, tenant in school.tenants.items():
            connection = providers[name].connect(target, tenant, identity=identity, read_only=read_only)
            stack.callback(connection.close)
            connections[name] = connection
        ids: dict[str, str] = {}
        for name, connection in connections.items():
            seen = connection.tenant()
            _compare(school, providers[name].title, school.tenants[name], seen)
            ids[name] = seen.id
        yield connections, ids


def _refuse_samples(school: School) -> None:
    for name, tenant in school.tenants.items():
        if tenant.id == EMULATED or _SAMPLE_DOMAIN in (tenant.domain, *school.domains):
            raise UsageError(
                f"{school.origin}: the {name} tenant of {school.name} is the emulator's sample; "
                "write your own school's tenant id and domains before going live"
            )


def _compare(school: School, title: str, tenant: Tenant, seen: TenantSeen) -> None:
    right_id = tenant.id in (EMULATED, seen.id) or tenant.id.casefold() == seen.id.casefold()
    if right_id and tenant.domain.casefold() in {domain.casefold() for domain in seen.domains}:
        return
    raise WrongTenant(
        f"wrong tenant: the playbooks are for {school.name} ({title} {tenant.id}, {tenant.domain}; {school.origin}), "
        f"but these credentials lead to {seen.name} ({seen.id}, {', '.join(seen.domains)}). Nothing was written"
    )
