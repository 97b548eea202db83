"""The policy files of MTA-STS that the tenants' domains serve (RFC 8461), at /mta-sts/TENANT/DOMAIN/.well-known/.

A tenant's files are the collection `web.policyFiles`: {"text": ..., "status": 200, "type": "text/plain"}, by domain.
"""

from collections.abc import Mapping, Sequence

from connectors.emulator.school import School
from connectors.emulator.service import Answer, Call, Operation, Seed
from connectors.emulator.store import Store

FILES = "web.policyFiles"
_NAME = "GET /.well-known/mta-sts.txt"


class PolicyFileService:
    """Serves the policy file of each domain, without sign-in."""

    name = "mta-sts"
    hosts: Sequence[str] = ("mta-sts",)
    roots: Sequence[str] = ()
    audiences: Sequence[str] = ()
    emulated_operations: Sequence[Operation] = (
        Operation(_NAME, write=False, notes="the policy file of a domain, on the domain's own host"),
    )

    def operations(self, call: Call) -> Sequence[Operation]:
        parts = call.path.strip("/").split("/")
        return self.emulated_operations if call.method == "GET" and parts[2:] == [".well-known", "mta-sts.txt"] else ()

    def batch(self, call: Call) -> None:
        del call

    def answer(self, call: Call, store: Store) -> Answer:
        tenant, domain, *_ = call.path.strip("/").split("/")
        kept = store.get(tenant, FILES, domain)
        if kept is None:
            return Answer(404)
        headers: Mapping[str, str] = {"content-type": str(kept.get("type", "text/plain"))}
        return Answer(int(str(kept.get("status", 200))), str(kept["text"]).encode(), headers)


SERVICE = PolicyFileService()


def seed(school: School) -> Seed:
    """Return the policy file of each of the tenant's domains, as a careful technician would publish it."""
    return {FILES: {domain: {"text": _policy_text(domain)} for domain in (school.domain, *school.further_domains)}}


def _policy_text(domain: str) -> str:
    hosts = (f"{domain.replace('.', '-')}.mail.protection.outlook.com", "aspmx.l.google.com")
    return "\n".join(("version: STSv1", "mode: enforce", *(f"mx: {host}" for host in hosts), "max_age: 604800"))
