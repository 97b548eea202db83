"""The Chrome Policy API: reads the effective policies of a unit or group, and changes them.

Follows https://developers.google.com/chrome/policy/reference/rest
"""

from collections.abc import Sequence
from threading import Lock

from connectors.google_workspace.api.answers import next_token, to_rows
from connectors.google_workspace.api.calls import Api, Call
from toolkit.errors import BadAnswer, ServiceError, Transient
from toolkit.sdk import mapping, text, texts
from toolkit.values import Body, Json

UNITS, GROUPS = "orgunits/", "groups/"
_CUSTOMER = "customers/my_customer"
_PAGE = 1000
_ORDER = "chromepolicy.customers.policies.groups.listGroupPriorityOrdering"
_MODIFY = {UNITS: "orgunits.batchModify", GROUPS: "groups.batchModify"}
_TAKE_BACK = {UNITS: "orgunits.batchInherit", GROUPS: "groups.batchDelete"}


class ChromePolicies:
    """Reads and changes Chrome policies in Google's format. A target is `orgunits/ID` or `groups/ID`.

    `reads` and `writes` are two clients of the same API, because it allows only few changes in a minute. Effective
    policies are read once for all callers, and again after a change, because a unit's policy also applies in the units
    below it.
    """

    def __init__(self, admin: Api, reads: Api, writes: Api) -> None:
        self._admin = admin
        self._reads = reads
        self._writes = writes
        self._schemas: dict[str, Body] = {}
        self._groups: dict[str, str] = {}
        self._resolved: dict[tuple[str, str], Sequence[Body]] = {}
        self._orders: dict[tuple[str, str], Sequence[str]] = {}
        self._keeping = Lock()

    def group(self, address: str) -> str:
        """Return the target of a group. Raise NotFound if there is no group with the address."""
        target = self._groups.get(address)
        if target is None:
            row = self._admin.read(Call("directory.groups.get", {"groupKey": address, "fields": "id"}))
            target = self._groups[address] = GROUPS + str(row["id"])
        return target

    def schema(self, name: str) -> Body:
        """Return a policy schema, such as chrome.users.UrlBlocking.

        Raise NotFound if Google has no schema with this name.
        """
        schema = self._schemas.get(name)
        if schema is None:
            parameters: Body = {"name": f"{_CUSTOMER}/policySchemas/{name}"}
            schema = self._schemas[name] = self._reads.read(
                Call("chromepolicy.customers.policySchemas.get", parameters)
            )
        return schema

    def effective_policies(self, target: str, namespace: str) -> Sequence[Body]:
        """Return the policies that take effect at a target, from one namespace such as chrome.users."""
        key = (target, namespace)
        with self._keeping:
            policies = self._resolved.get(key)
        if policies is None:
            policies = self._read_effective_policies(target, namespace)
            with self._keeping:
                self._resolved[key] = policies
        return policies

    def forget(self) -> None:
        """Forget the effective policies that were read, so that they are read again when they are next needed."""
        with self._keeping:
            self._resolved = {}
            self._orders = {}

    def group_order(self, schema: str, app: str) -> Sequence[str]:
        """Return the ids of the groups for which a policy is set. The group with the highest priority comes first."""
        namespace = schema.rpartition(".")[0]
        body: dict[str, Json] = (
            {"policyNamespace": namespace, "policyTargetKey": {"additionalTargetKeys": {"app_id": app}}}
            if app
            else {"policySchema": schema, "policyTargetKey": {}}
        )
        with self._keeping:
            order = self._orders.get((schema, app))
        if order is None:
            answer = self._reads.read(Call(_ORDER, {"customer": _CUSTOMER}, body))
            order = texts(answer.get("groupIds"))
            with self._keeping:
                self._orders[schema, app] = order
        return order

    def modify(self, target: str, changes: Sequence[Body]) -> None:
        """Set policies of a namespace at a target. Google sets all of the policies, or none."""
        self._send(_MODIFY, target, changes)

    def take_back(self, target: str, policies: Sequence[Body]) -> None:
        """Remove policies of a namespace from a target.

        A unit then inherits them again, and a group no longer has them.
        """
        self._send(_TAKE_BACK, target, policies)

    def _send(self, methods: dict[str, str], target: str, requests: Sequence[Body]) -> None:
        method = next(method for kind, method in methods.items() if target.startswith(kind))
        body: Body = {"requests": list(requests)}
        try:
            self._writes.change(Call(f"chromepolicy.customers.policies.{method}", {"customer": _CUSTOMER}, body))
        finally:
            self.forget()

    def _read_effective_policies(self, target: str, namespace: str) -> Sequence[Body]:
        """Return all pages of a list of effective policies.

        Unlike other lists, the request body has the token of the next page.
        """
        rows: list[Body] = []
        token: Json = None
        paging = self._reads.paging(_resolve_call(target, namespace, None))
        while True:
            call = _resolve_call(target, namespace, token)
            answer = self._read_page(call, before=len(rows))
            page_rows = to_rows(call, answer, "resolvedPolicies")
            if not all(text(mapping(row.get("value")).get("policySchema")) for row in page_rows):
                raise BadAnswer(f"{call}: the response does not name the policy of each value")
            rows.extend(page_rows)
            if not (following := next_token(call, answer)):
                return rows
            token = paging.check_next_page(following)

    def _read_page(self, call: Call, *, before: int) -> Body:
        try:
            return self._reads.read(call)
        except Transient:
            raise
        except ServiceError as error:
            if not before:
                raise
            raise BadAnswer(f"{call}: the list ended too early, after {before} policies: {error}") from error


def _resolve_call(target: str, namespace: str, token: Json) -> Call:
    body: dict[str, Json] = {
        "policySchemaFilter": f"{namespace}.*",
        "policyTargetKey": {"targetResource": target},
        "pageSize": _PAGE,
        **({"pageToken": token} if token else {}),
    }
    return Call("chromepolicy.customers.policies.resolve", {"customer": _CUSTOMER}, body)
