"""The effective settings of a Google account: Chrome policies of the account, and settings of the Policy API.

- A group's policy always wins over the policy of a unit: support.google.com/chrome/a/answer/13264197.
- Of several groups, the group with the highest priority wins, and members of nested groups count:
  support.google.com/a/answer/9224126.
- Without a group, the policy of the nearest unit at or above the account wins. A list is replaced, not extended:
  contracts/google.md, section 4.
- Of several policies of a type in the Policy API, the greatest sort order wins, and an administrator's policy wins over
  Google's own: cloud.google.com/identity/docs/reference/rest/v1/policies. Rules are not alternatives. All apply.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.emulator.effective.setting import ALL, VALUE, EffectiveSetting
from connectors.emulator.google_workspace.people import GROUPS, ORG_UNITS, POLICIES, find_user
from connectors.emulator.google_workspace.values import mapping, text, texts
from connectors.emulator.store import Body, Store

_CHROME, _ORDERINGS, _MEMBERS = "google.chromePolicies", "google.chromeGroupOrderings", "google.members"
_RULES = ("settings/rule.", "settings/detector.")
_ADMINISTRATORS = "WORKSPACE_ALL_ADMIN_GROUP"


def find_effective_settings(store: Store, tenant_id: str, address: str) -> list[EffectiveSetting] | None:
    """Return the effective settings of an account. None if the customer has no such account."""
    user = find_user(store, tenant_id, address)
    if user is None:
        return None
    account = _read_account(store, tenant_id, user)
    return [*_chrome_policies(account), *_policy_api(account)]


@dataclass(frozen=True, slots=True)
class _Account:
    store: Store
    tenant_id: str
    units: Sequence[str]  # ids of the account's unit and of the units above it, nearest first
    unit_paths: Mapping[str, str]
    groups: frozenset[str]  # ids of the groups that contain the account, directly or through another group
    group_addresses: Mapping[str, str]

    def name_of(self, resource: str) -> str:
        """Return the path of a unit or the address of a group for a resource such as orgunits/ID or groups/ID."""
        key = resource.partition("/")[2]
        return self.unit_paths.get(key) or self.group_addresses.get(key) or resource


def _read_account(store: Store, tenant_id: str, user: Body) -> _Account:
    units = store.all_by_key(tenant_id, ORG_UNITS)
    paths = {key: text(unit["orgUnitPath"]) for key, unit in units.items()}
    path = text(user.get("orgUnitPath")) or "/"
    above = [key for key, unit_path in paths.items() if _is_at_or_above(unit_path, path)]
    return _Account(
        store=store,
        tenant_id=tenant_id,
        units=sorted(above, key=lambda key: -len(paths[key])),
        unit_paths=paths,
        groups=_groups_around(store, tenant_id, str(user["id"])),
        group_addresses={key: text(group["email"]) for key, group in store.all_by_key(tenant_id, GROUPS).items()},
    )


def _is_at_or_above(unit: str, path: str) -> bool:
    return unit in {"/", path} or path.startswith(unit + "/")


def _groups_around(store: Store, tenant_id: str, member: str) -> frozenset[str]:
    containers: dict[str, set[str]] = {}
    for key in store.all_by_key(tenant_id, _MEMBERS):
        group, _, inside = key.partition("/")
        containers.setdefault(inside, set()).add(group)
    around: set[str] = set()
    waiting = [member]
    while waiting:
        new = containers.get(waiting.pop(), set()) - around
        around |= new
        waiting += new
    return frozenset(around)


def _chrome_policies(account: _Account) -> Iterator[EffectiveSetting]:
    """Yield each Chrome policy of users that is set for the account by a group or a unit."""
    stored = account.store.all_by_key(account.tenant_id, _CHROME)
    by_key: dict[str, dict[str, Body]] = {}
    for name, body in stored.items():
        kind, key, policy = name.split("/", 2)
        by_key.setdefault(policy, {})[f"{kind}/{key}"] = body
    for policy, layers in sorted(by_key.items()):
        if not policy.startswith("chrome.users."):
            continue
        order = [*_group_order(account, policy, layers), *(f"orgunits/{unit}" for unit in account.units)]
        reaching = [resource for resource in order if resource in layers]
        if reaching:
            names = [account.name_of(resource) for resource in reaching]
            value = mapping(layers[reaching[0]]["value"])
            yield EffectiveSetting("chrome_policy", policy, VALUE, value, names[:1], names[1:])


def _group_order(account: _Account, policy: str, layers: Mapping[str, Body]) -> list[str]:
    """Return the account's groups with a policy, in the order of their priority. Groups without one come last."""
    schema, _, app = policy.partition("/")
    ordering = f"{schema.rpartition('.')[0]}/{app}" if app else schema
    ranked = texts((account.store.get(account.tenant_id, _ORDERINGS, ordering) or {}).get("groupIds"))
    groups = [resource.partition("/")[2] for resource in layers if resource.startswith("groups/")]
    inside = [group for group in groups if group in account.groups]
    inside.sort(key=lambda group: ranked.index(group) if group in ranked else len(ranked))
    return [f"groups/{group}" for group in inside]


def _policy_api(account: _Account) -> Iterator[EffectiveSetting]:
    by_type: dict[str, list[Body]] = {}
    for policy in account.store.all(account.tenant_id, POLICIES):
        if _concerns(mapping(policy.get("policyQuery")), account):
            by_type.setdefault(text(mapping(policy["setting"]).get("type")), []).append(policy)
    for kind, policies in sorted(by_type.items()):
        key = kind.removeprefix("settings/")
        if kind.startswith(_RULES):
            yield EffectiveSetting("policy_api", key, ALL, winners=sorted(text(row["name"]) for row in policies))
            continue
        policies.sort(key=_strength, reverse=True)
        names = [text(policy["name"]) for policy in policies]
        value = mapping(mapping(policies[0]["setting"]).get("value"))
        yield EffectiveSetting("policy_api", key, VALUE, value, names[:1], names[1:])


def _concerns(query: Body, account: _Account) -> bool:
    """Return whether a policy is for the account. A policy without a target is for the root unit, so for everyone."""
    if group := text(query.get("group")).removeprefix("groups/"):
        return group in account.groups and group != _ADMINISTRATORS
    unit = text(query.get("orgUnit")).removeprefix("orgUnits/")
    return not unit or unit in account.units


def _strength(policy: Body) -> tuple[bool, float]:
    order = mapping(policy.get("policyQuery")).get("sortOrder")
    return policy.get("type") == "ADMIN", float(order) if isinstance(order, int | float) else 0.0
