"""Connect to a school's tenants. The first request to each tenant checks that it belongs to the school."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from toolkit.errors import OutOfTime, RequestFailed, UsageError, WrongTenant
from toolkit.records import dataclass
from toolkit.school.school import School, Tenant
from toolkit.sdk.connector import Connection, Identity, Target, TenantSeen
from toolkit.sdk.credentials import Provider
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.providers import EMULATED

SAMPLE_DOMAIN = "example-primary.example"


@dataclass(frozen=True, slots=True)
class Tenants:
    """The connected tenants of a school, by provider."""

    connections: Mapping[str, Connection]
    tenants: Mapping[str, str]  # the immutable ids
    unreached: Mapping[str, RequestFailed]  # the error of each tenant that could not be identified


@contextmanager
def open_tenants(
    school: School,
    providers: Mapping[str, Provider[Connection]],
    target: Target,
    *,
    identity: Identity,
    read_only: bool,
) -> Iterator[Tenants]:
    """Connect to each of the school's tenants.

    A connection with the reading identity never writes. Raise WrongTenant, and send nothing else to any tenant, if a
    tenant does not belong to the school. If no tenant can be reached, raise the most serious error. Its exit code shows
    whether a tenant refused or could not be read.
    """
    with ExitStack() as stack:
        connections: dict[str, Connection] = {}
        read_only = read_only or identity is Identity.READ
        for name, tenant in school.tenants.items():
            connect = partial(providers[name].connect, tenant=tenant, identity=identity, read_only=read_only)
            if read_only and target.shared:
                connections[name] = target.shared.connection(name, partial(connect, target))
            else:
                connections[name] = connect(replace(target, shared=None))
                stack.callback(connections[name].close)
        ids: dict[str, str] = {}
        unreached: dict[str, RequestFailed] = {}
        for name, connection in connections.items():
            try:
                seen = read_safely(providers[name].title, connection.tenant)
            except RequestFailed as error:
                unreached[name] = error
                continue
            _check_tenant(school, providers[name].title, school.tenants[name], seen, live=target.live)
            ids[name] = seen.id
        if unreached and not ids:
            raise _most_serious_error(unreached)
        reached = {name: connections[name] for name in ids}
        try:
            yield Tenants(reached, ids, unreached)
        except KeyboardInterrupt:
            stack.pop_all()  # closing would wait for open requests, which end with the process
            raise


def _most_serious_error(error_by_provider: Mapping[str, RequestFailed]) -> RequestFailed:
    """Return the most serious error, with the texts of the other errors added.

    A refusal outranks a missing response. The time limit of a run is the same for every tenant, so it is mentioned
    once.
    """
    first, *others = sorted(error_by_provider.values(), key=lambda error: error.exit)
    others = [] if isinstance(first, OutOfTime) else others
    first.args = ("; also: ".join(map(str, (first, *others))),)
    return first


def refuse_sample_school(school: School) -> None:
    """Raise UsageError if a live run would use a tenant or a domain of the sample school."""
    for name, tenant in school.tenants.items():
        if tenant.id == EMULATED:
            mistake = (
                f"the {name} tenant of {school.name} is an emulated tenant. Before going live, write the id of your "
                f"own tenant in its place"
            )
        elif SAMPLE_DOMAIN in (tenant.domain, *school.domains):
            mistake = (
                f"{SAMPLE_DOMAIN} is the domain of the sample school. Before going live, write your own school's "
                f"domains in its place"
            )
        else:
            continue
        raise UsageError(f"{school.origin}: {mistake}")


def school_of_emulated_tenants(school: School) -> Mapping[str, str]:
    """Return the school's name and domain for new emulated tenants, or an empty mapping if the school has no domain.

    Raise UsageError if the tenants have different domains, because the emulator creates both tenants from one school.
    """
    domains = sorted({tenant.domain.casefold() for tenant in school.tenants.values() if tenant.id == EMULATED} - {""})
    if len(domains) > 1:
        raise UsageError(
            f"{school.origin}: the emulated tenants must have the same domain, but `tenants` has "
            f"{' and '.join(domains)}. Write the same domain for both"
        )
    return {"name": school.name, "domain": domains[0]} if domains else {}


def _check_tenant(school: School, title: str, tenant: Tenant, observed_tenant: TenantSeen, *, live: bool) -> None:
    domains = ", ".join(observed_tenant.domains)
    right_id = tenant.id in (EMULATED, observed_tenant.id) or tenant.id.casefold() == observed_tenant.id.casefold()
    if right_id and tenant.domain.casefold() in {domain.casefold() for domain in observed_tenant.domains}:
        return
    if tenant.id == EMULATED and not live:
        reset = f"toolkit emulator reset {Path(school.origin.path).parent}"
        raise WrongTenant(
            f"{school.origin}: the playbooks are for {tenant.domain}, and the emulated {title} tenant belongs to "
            f"{domains} ({observed_tenant.name}). Nothing was written. `{reset}` replaces the emulated tenants and "
            f"their practice ledger by new tenants for {tenant.domain}. To keep the present tenants, set TOOLKIT_STATE "
            "to another folder"
        )
    emulated = (
        ". This run used the emulated tenants. To use your own, write TOOLKIT_TARGET=live and credentials to .env"
    )
    raise WrongTenant(
        f"wrong tenant: the playbooks are for {school.name} ({title} {tenant.id}, {tenant.domain}; {school.origin}), "
        f"but these credentials lead to {observed_tenant.name} ({observed_tenant.id}, {domains}). "
        "Nothing was written"
        f"{'' if live else emulated}"
    )
