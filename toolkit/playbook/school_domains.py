"""Check that the tenants' domains and the protected addresses in the school file belong to the school."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from toolkit.errors import Problem
from toolkit.messages import quoted
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.yaml.node import Source, Step, line_of

_ALIKE = 0.9
"""Domains with this similarity differ in one or two letters."""
_OF_MICROSOFT = ".onmicrosoft.com"


@dataclass(frozen=True, slots=True)
class ForeignDomain:
    """A domain in the school file that is missing from `domains`. `wrong` is false if the domain is only unusual."""

    problem: Problem
    wrong: bool


def intended_domain(domain: str, domains: Sequence[str]) -> str | None:
    """Return the school's domain that was probably meant, or None if the domain is correct or very different."""
    domain = domain.casefold()
    if domain in domains or domain.endswith(tuple(f".{parent}" for parent in domains)):
        return None
    return next(iter(get_close_matches(domain, domains, n=1, cutoff=_ALIKE)), None)


def foreign_domains(school: School, source: Source) -> Iterator[ForeignDomain]:
    """Yield each tenant's domain and each protected address outside the school's domains."""
    for provider, tenant in school.tenants.items():
        line = _line_of_path(source, ("tenants", provider, "domain"))
        if provider != "microsoft365" and tenant.domain.endswith(_OF_MICROSOFT):
            message = f"{quoted(tenant.domain)} is a Microsoft name. Write a domain of the {provider} tenant"
            yield ForeignDomain(source.problem(line, message), wrong=True)
        elif tenant.domain not in school.domains:
            yield _describe_foreign_domain(tenant.domain, tenant.domain, school.domains, source, line)
    own = (*school.domains, *(tenant.domain for tenant in school.tenants.values()))
    for key, addresses in (("accounts", school.protected.accounts), ("mailboxes", school.protected.mailboxes)):
        for number, address in enumerate(addresses):
            domain, line = address.rpartition("@")[2].casefold(), _line_of_path(source, ("protected", key, number))
            if "@" not in address:
                message = (
                    f"{quoted(address)} is not a complete e-mail address, so nothing would be protected. Write the "
                    "complete address"
                )
                yield ForeignDomain(source.problem(line, message), wrong=True)
            elif domain not in own:
                yield _describe_foreign_domain(address, domain, own, source, line)


def _line_of_path(source: Source, path: tuple[Step, ...]) -> int:
    return line_of(source.root, path, otherwise=source.root.line)


def _describe_foreign_domain(
    name: str, domain: str, domains: Sequence[str], source: Source, line: int
) -> ForeignDomain:
    add = f"write {quoted(domain)} under `domains`"
    if meant := intended_domain(domain, domains):
        message = f"{quoted(name)} is not one of the school's domains: did you mean {quoted(meant)}? If not, {add}"
        return ForeignDomain(source.problem(line, message), wrong=True)
    message = f"{quoted(name)} is outside `domains`. If the domain belongs to the school, {add}"
    return ForeignDomain(source.problem(line, message), wrong=False)
