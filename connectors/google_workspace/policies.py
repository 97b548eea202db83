"""The client of Google's Policy API, which shows settings of the admin console.

The API can change only DLP rules and detectors. Follows
https://cloud.google.com/identity/docs/concepts/overview-policies
"""

import re
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from connectors.google_workspace.api.calls import Api, Call
from toolkit.errors import (
    BadAnswer,
    Conflict,
    NotFound,
    Refused,
    Rejected,
    ServiceError,
    Throttled,
    Unavailable,
    answered,
)
from toolkit.sdk import Caller, mapping, text
from toolkit.values import Body, Json

_ERRORS: Mapping[int, type[ServiceError]] = {
    4: Unavailable,
    5: NotFound,
    6: Conflict,
    7: Refused,
    8: Throttled,
    13: Unavailable,
    14: Unavailable,
}


def created_policy(operation: Body) -> Body:
    """Return the policy that an operation has created, or an empty body if the operation is not complete."""
    _raise_failure(operation)
    response = operation.get("response")
    if operation.get("done") is not True or not isinstance(response, Mapping):
        return {}
    return {name: value for name, value in response.items() if name != "@type"}


def require_completed(operation: Body) -> Body:
    """Return a completed operation.

    Raise Unavailable if the operation is not complete, so that the call is repeated.
    """
    _raise_failure(operation)
    if operation.get("done") is not True:
        raise Unavailable("the Policy API has accepted the change, but not completed it yet")
    return operation


def _raise_failure(operation: Body) -> None:
    """Raise the error of an operation if it has failed."""
    error = operation.get("error")
    if isinstance(error, Mapping):
        code = error.get("code")
        kind = _ERRORS.get(code, Rejected) if isinstance(code, int) else Rejected
        raise kind(f"the Policy API returned a failed operation: {error.get('message') or 'no reason given'}")


_PAGE = 100
_TARGETS = ("orgUnit", "group")


class Policies:
    """Reads and changes policies in Google's format. A list is read once for all callers, and again after a change.

    `waiting` repeats a read until a new policy is visible. `customer` returns the customer's id.
    """

    def __init__(self, api: Api, waiting: Caller, customer: Callable[[], str]) -> None:
        self._api = api
        self._waiting = waiting
        self._customer = customer
        self._known: dict[str, Sequence[Body]] = {}
        self._written: dict[str, Body] = {}
        self._reading = Lock()

    def list_by_type(self, types: str) -> Sequence[Body]:
        """Return the policies whose type matches a regular expression such as `rule[.]dlp`.

        The expression is for the type without `settings/` at the beginning.
        """
        with self._reading:
            if types not in self._known:
                self._known[types] = self._read_list(types)
            return self._known[types]

    def with_written(self, types: str) -> Sequence[Body]:
        """Return the policies of a type with this run's own changes, which Google's lists may not show yet."""
        listed = {str(policy.get("name")): policy for policy in self.list_by_type(types)}
        with self._reading:
            written = {name: policy for name, policy in self._written.items() if _matches_type(types, type_of(policy))}
        return list({**listed, **written}.values())

    def get(self, name: str) -> Body:
        return self._api.read(Call("cloudidentity.policies.get", {"name": name}))

    def find(self, setting: str, is_it: Callable[[Body], bool]) -> Body | None:
        """Read the policies of a type again. Return the policy that `is_it` accepts, or None if there is none."""
        return next((policy for policy in self._read_list(setting.replace(".", "[.]")) if is_it(policy)), None)

    def create(
        self,
        setting: str,
        target: Mapping[str, str],
        value: Body,
        *,
        is_it: Callable[[Body], bool],
        settles: float = 0.0,
    ) -> Body:
        """Create a policy for a target, {"orgUnit": "orgUnits/..."} or {"group": "groups/..."}, and return it.

        Google would create the same policy twice. If there is no response, or the operation is not complete, `is_it`
        therefore looks for the policy in the list. Raise Unavailable if Google accepts the policy but does not show it
        in time.
        """
        body: Body = {
            "customer": f"customers/{self._customer()}",
            "policyQuery": dict(target),
            "setting": {"type": f"settings/{setting}", "value": value},
        }
        call = Call("cloudidentity.policies.create", body=body)

        def find_existing() -> Body | None:
            return self.find(setting, is_it)

        def wait_for_policy() -> Body:
            policy = find_existing()
            if policy is None:
                raise Unavailable(f"the Policy API has accepted a new {setting}, but does not show it yet")
            return policy

        try:
            policy = self._api.create(call, find_existing, settles=settles, outcome=created_policy)
            return self._remember(policy or self._waiting.read(str(call), wait_for_policy))
        finally:
            self.forget_lists(setting)

    def patch(self, policy: Body, value: Body) -> Body | None:
        """Send the complete value of a policy, with its target and its type, which Google requires.

        Return the new policy.
        """
        query, setting = policy.get("policyQuery"), policy.get("setting")
        if not isinstance(query, Mapping) or not isinstance(setting, Mapping):
            raise BadAnswer(f"{policy.get('name')} has no target or no setting")
        target = {name: query[name] for name in _TARGETS if query.get(name)} or {"query": query.get("query")}
        new_value = {name: field_value for name, field_value in value.items() if name not in STAMPS}
        body: Body = {
            "customer": policy.get("customer"),
            "policyQuery": target,
            "setting": {"type": setting.get("type"), "value": new_value},
        }
        try:
            operation = self._api.change(
                Call("cloudidentity.policies.patch", {"name": str(policy["name"])}, body), outcome=require_completed
            )
        finally:
            self.forget_lists(type_of(policy))
        changed = created_policy(operation)
        return self._remember(changed) if changed.get("name") else None

    def delete(self, name: str) -> None:
        """Delete a policy by its name, `policies/...`."""
        try:
            self._api.delete(Call("cloudidentity.policies.delete", {"name": name}), outcome=require_completed)
        finally:
            self._forget_policy(name)

    def _read_list(self, types: str) -> Sequence[Body]:
        parameters: Body = {"filter": f"setting.type.matches('^settings/{types}$')", "pageSize": _PAGE}
        return self._api.pages(Call("cloudidentity.policies.list", parameters), "policies")

    def _remember(self, policy: Body) -> Body:
        with self._reading:
            self._written[str(policy.get("name"))] = policy
        return policy

    def forget_lists(self, setting: str) -> None:
        """Forget the lists that may contain policies of a type, so that they are read again."""
        with self._reading:
            self._known = {types: rows for types, rows in self._known.items() if not _matches_type(types, setting)}

    def _forget_policy(self, name: str) -> None:
        """Forget a policy, and every list that contains the policy."""
        with self._reading:
            self._written.pop(name, None)
            self._known = {
                types: rows for types, rows in self._known.items() if all(row.get("name") != name for row in rows)
            }


def _matches_type(types: str, setting: str) -> bool:
    return re.fullmatch(types, setting) is not None


STAMPS = ("createTime", "updateTime", "deleteTime")
"""Timestamps that Google adds to the value of a rule."""

_UNDERSCORE = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")


def type_of(policy: Body) -> str:
    """Return the type of a policy, without `settings/`."""
    return text(mapping(policy.get("setting")).get("type")).removeprefix("settings/")


def value_of(policy: Body) -> Body:
    """Return the value of a policy. The keys are in camelCase, and Google's timestamps are left out."""
    value = _to_camel_case(mapping(policy.get("setting")).get("value"))
    return {name: field_value for name, field_value in mapping(value).items() if name not in STAMPS}


def to_camel_case(policy: Body) -> Body:
    """Return a policy with the keys of its value in camelCase."""
    setting = mapping(policy.get("setting"))
    return {**policy, "setting": {**setting, "value": _to_camel_case(setting.get("value"))}}


def _to_camel_case(value: Json) -> Json:
    match value:
        case Mapping():
            return {
                _UNDERSCORE.sub(lambda found: found[1].upper(), name): _to_camel_case(field_value)
                for name, field_value in value.items()
            }
        case list():
            return [_to_camel_case(entry) for entry in value]
        case _:
            return value


_DYNAMIC = "cloudidentity.googleapis.com/groups.dynamic"


class MemberRules:
    """Reads and changes the settings of groups in Cloud Identity: who can be a member, and which groups a query fills.

    Groups have the same ids as in the directory.
    """

    def __init__(self, admin: Api, identity: Api) -> None:
        self._admin = admin
        self._identity = identity

    def read_rules(self, addresses: Sequence[str]) -> Mapping[str, tuple[str, Body | ServiceError]]:
        """Return the id and the membership rule of each group, by address. One request reads 50 groups.

        Missing groups are left out.
        """
        ids = self._find_group_ids(addresses)
        calls = [
            Call("cloudidentity.groups.getSecuritySettings", {"name": _make_settings_name(group)})
            for group in ids.values()
        ]
        rules_by_group = [
            rules if isinstance(rules, ServiceError) else mapping(rules.get("memberRestriction"))
            for rules in self._identity.batch(calls)
        ]
        return {name: (key, rule) for (name, key), rule in zip(ids.items(), rules_by_group, strict=True)}

    def put(self, group: str, query: str) -> None:
        """Set the membership rule of the group with an id. The query "" removes the rule."""
        parameters: Body = {"name": _make_settings_name(group), "updateMask": "member_restriction.query"}
        body: Body = {"memberRestriction": {"query": query}}
        self._identity.change(
            Call("cloudidentity.groups.updateSecuritySettings", parameters, body), outcome=require_completed
        )

    def read_only_reasons(self, addresses: Sequence[str]) -> Mapping[str, str]:
        """Return the reason why each group is read-only whose members a query selects, by the address of the group."""
        ids = self._find_group_ids(addresses)
        calls = [Call("cloudidentity.groups.get", {"name": f"groups/{group_id}"}) for group_id in ids.values()]
        reason = (
            "a query selects the members of the group (a dynamic group). Change it in the admin console, under Groups"
        )
        groups = map(answered, self._identity.batch(calls))
        return {name: reason for name, group in zip(ids, groups, strict=True) if _has_query(group)}

    def _find_group_ids(self, addresses: Sequence[str]) -> Mapping[str, str]:
        calls = [Call("directory.groups.get", {"groupKey": address, "fields": "id"}) for address in addresses]
        rows = zip(addresses, self._admin.batch(calls), strict=True)
        return {name: str(answered(row)["id"]) for name, row in rows if not isinstance(row, NotFound)}


def _make_settings_name(group: str) -> str:
    return f"groups/{group}/securitySettings"


def _has_query(group: Body) -> bool:
    return "dynamicGroupMetadata" in group or _DYNAMIC in mapping(group.get("labels"))
