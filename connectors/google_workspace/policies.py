"""The Policy API: every setting of the console that it shows, and the few that it takes (DLP rules and detectors).

Follows https://cloud.google.com/identity/docs/concepts/overview-policies
"""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from connectors.google_workspace.api import Api, Call
from connectors.google_workspace.operations import ended, made
from toolkit.errors import BadAnswer, Unavailable
from toolkit.tenant.calls import Caller
from toolkit.values import Body

_PAGE = 100
_STAMPS = ("createTime", "updateTime", "deleteTime")  # in the value of a rule, set by Google
_TARGETS = ("orgUnit", "group")


class Policies:
    """Policies as Google writes them. A list is read once for all who ask for it, and forgotten after a write.

    `waiting` tries again until a policy that is being made can be seen; `customer` gives the customer's id.
    """

    def __init__(self, api: Api, waiting: Caller, customer: Callable[[], str]) -> None:
        self._api = api
        self._waiting = waiting
        self._customer = customer
        self._known: dict[str, Sequence[Body]] = {}
        self._reading = Lock()

    def of(self, types: str) -> Sequence[Body]:
        """List the policies whose type, without `settings/`, fits a regular expression such as `rule[.]dlp`."""
        with self._reading:
            if types not in self._known:
                self._known[types] = self._listed(types)
            return self._known[types]

    def create(
        self,
        setting: str,
        target: Mapping[str, str],
        value: Body,
        *,
        is_it: Callable[[Body], bool],
        settles: float = 0.0,
    ) -> Body:
        """Make a policy of a type, for {"orgUnit": "orgUnits/..."} or {"group": "groups/..."}, and give it.

        Google takes the same twice, so whatever is not answered, or not done yet, is looked for among the policies of
        the type by `is_it`; Unavailable where it was taken and cannot be seen in time.
        """
        body: Body = {
            "customer": f"customers/{self._customer()}",
            "policyQuery": dict(target),
            "setting": {"type": f"settings/{setting}", "value": value},
        }
        call = Call("cloudidentity.policies.create", body=body)

        def look() -> Body | None:
            listed = self._listed(setting.replace(".", "[.]"))
            return next((policy for policy in listed if is_it(policy)), None)

        def seen() -> Body:
            found = look()
            if found is None:
                raise Unavailable(f"the Policy API has taken a new {setting} and does not show it yet")
            return found

        try:
            return self._api.create(call, look, settles=settles, outcome=made) or self._waiting.read(str(call), seen)
        finally:
            self._forget()

    def patch(self, policy: Body, value: Body) -> Body | None:
        """Set the value of a policy anew, whole; whom it is for and of what type stays, and Google wants both again."""
        query, setting = policy.get("policyQuery"), policy.get("setting")
        if not isinstance(query, Mapping) or not isinstance(setting, Mapping):
            raise BadAnswer(f"{policy.get('name')} came without whom it is for or what it sets")
        target = {name: query[name] for name in _TARGETS if query.get(name)} or {"query": query.get("query")}
        kept = {name: one for name, one in value.items() if name not in _STAMPS}
        body: Body = {
            "customer": policy.get("customer"),
            "policyQuery": target,
            "setting": {"type": setting.get("type"), "value": kept},
        }
        try:
            operation = self._api.change(
                Call("cloudidentity.policies.patch", {"name": str(policy["name"])}, body), outcome=ended
            )
        finally:
            self._forget()
        return made(operation) or None

    def delete(self, name: str) -> None:
        """Remove a policy by its name, `policies/...`."""
        try:
            self._api.delete(Call("cloudidentity.policies.delete", {"name": name}), outcome=ended)
        finally:
            self._forget()

    def _listed(self, types: str) -> Sequence[Body]:
        parameters: Body = {"filter": f"setting.type.matches('^settings/{types}$')", "pageSize": _PAGE}
        return self._api.pages(Call("cloudidentity.policies.list", parameters), "policies")

    def _forget(self) -> None:
        with self._reading:
            self._known.clear()
