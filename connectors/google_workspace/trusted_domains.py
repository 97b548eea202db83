"""The trusted domains of a Google Workspace tenant. People may share files with these domains."""

from collections.abc import Mapping, Sequence
from functools import partial

from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.policies import require_completed
from toolkit.errors import BadAnswer, NotFound
from toolkit.sdk import read_before_change, text
from toolkit.values import Body


class TrustedDomains:
    """Reads and writes trusted domains.

    In Google, each domain is a separate object, which can only be added or removed.
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    def names(self) -> Mapping[str, str]:
        """Return the names of the objects for trusted domains, by the domain in lower case."""
        rows = self._api.pages(Call("cloudidentity.allowlistedDomains.list"), "allowlistedDomains")
        if any(not (row.get("name") and row.get("domain")) for row in rows):
            raise BadAnswer("cloudidentity.allowlistedDomains.list: the response contains a domain without a name")
        return {text(row["domain"]).strip().lower(): text(row["name"]) for row in rows}

    def change(self, domains: Sequence[str]) -> None:
        """Add the missing domains, then remove the domains that are not desired. No domain is added twice."""
        present = read_before_change(self.names)
        for domain in sorted(set(domains) - present.keys()):
            call = Call("cloudidentity.allowlistedDomains.create", body={"domain": domain})
            self._api.create(call, partial(self._find, domain), outcome=require_completed)
        for domain in sorted(present.keys() - set(domains)):
            try:
                self._api.delete(
                    Call("cloudidentity.allowlistedDomains.delete", {"name": present[domain]}),
                    outcome=require_completed,
                )
            except NotFound:
                continue  # another administrator has already removed it

    def _find(self, domain: str) -> Body | None:
        name = self.names().get(domain)
        return {"name": name, "domain": domain, "done": True} if name else None
