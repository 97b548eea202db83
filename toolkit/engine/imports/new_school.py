"""Make the school of an import that has no school file yet: its tenant gives the name and the domains."""

from dataclasses import replace

from toolkit.errors import WrongTenant
from toolkit.playbook.files import SCHOOL_FILE
from toolkit.school.school import ProtectedList, School, Tenant
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Mode, Origin

_FIRST_DOMAIN = ".onmicrosoft."


_LONGEST_SHORT_NAME = 20


_TIME_ZONE = "Europe/London"


def school_without_name(provider: str, tenant: Tenant) -> School:
    """Return a school that has a single tenant and no name."""
    return School(
        name="",
        short_name="",
        domains=(),
        time_zone=_TIME_ZONE,
        tenants={provider: tenant},
        roles={},
        protected=ProtectedList(),
        mode=Mode.CHECK,
        phone=None,
        website=None,
        origin=Origin(SCHOOL_FILE, 1),
    )


def name_school_after_tenant(school: School, requested_tenant: str | None, target: Target) -> School:
    """Return the school of an import, with the name and domains of its tenant.

    Raise WrongTenant if the user named a different tenant.
    """
    ((provider, tenant),) = school.tenants.items()
    connection = providers()[provider].connect(target, tenant, identity=Identity.READ, read_only=True)
    try:
        seen = read_safely(provider, connection.tenant)
    finally:
        connection.close()
    if requested_tenant is not None and requested_tenant.casefold() not in {
        identifier.casefold() for identifier in (seen.id, *seen.domains)
    }:
        raise WrongTenant(
            f"these credentials lead to {seen.name} ({seen.id}, {', '.join(seen.domains)}), not to {requested_tenant}. "
            "Nothing was written"
        )
    # A tenant's first domain is Microsoft's own. People know the school by another domain.
    domains = sorted(
        dict.fromkeys(domain.lower() for domain in seen.domains), key=lambda domain: _FIRST_DOMAIN in domain
    )
    return replace(
        school,
        name=" ".join(seen.name.split()) or domains[0],
        short_name=_initials(seen.name) or domains[0][:_LONGEST_SHORT_NAME],
        domains=tuple(domains),
        tenants={provider: Tenant(seen.id, domains[0])},
    )


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[:1].isalpha()).upper()[:_LONGEST_SHORT_NAME]
