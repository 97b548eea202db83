"""Makes a school of what a tenant says of itself, where no one has written a school file yet."""

from dataclasses import replace

from toolkit.errors import WrongTenant
from toolkit.playbook.files import SCHOOL_FILE
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Mode, Origin
from toolkit.sdk.school import Protected, School, Tenant

_FIRST_DOMAIN = ".onmicrosoft."
_LONGEST_SHORT_NAME = 20
_TIME_ZONE = "Europe/London"


def nameless(provider: str, tenant: Tenant) -> School:
    """Give a school of which nothing is known but where its tenant is."""
    return School(
        name="",
        short_name="",
        domains=(),
        time_zone=_TIME_ZONE,
        tenants={provider: tenant},
        roles={},
        protected=Protected(),
        mode=Mode.CHECK,
        phone=None,
        website=None,
        origin=Origin(SCHOOL_FILE, 1),
    )


def seen_school(asked: School, named: str | None, target: Target) -> School:
    """Ask the tenant of a nameless school who it is; WrongTenant where it is not the one that was named."""
    ((provider, tenant),) = asked.tenants.items()
    connection = providers()[provider].connect(target, tenant, identity=Identity.READ, read_only=True)
    try:
        seen = read_safely(provider, connection.tenant)
    finally:
        connection.close()
    if named is not None and named.casefold() not in {one.casefold() for one in (seen.id, *seen.domains)}:
        raise WrongTenant(
            f"these credentials lead to {seen.name} ({seen.id}, {', '.join(seen.domains)}), not to {named}. "
            "Nothing was written"
        )
    # A tenant's first domain is Microsoft's own; people know the school by one of the others.
    domains = sorted(dict.fromkeys(one.lower() for one in seen.domains), key=lambda one: _FIRST_DOMAIN in one)
    return replace(
        asked,
        name=" ".join(seen.name.split()) or domains[0],
        short_name=_initials(seen.name) or domains[0][:_LONGEST_SHORT_NAME],
        domains=tuple(domains),
        tenants={provider: Tenant(seen.id, domains[0])},
    )


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[:1].isalpha()).upper()[:_LONGEST_SHORT_NAME]
