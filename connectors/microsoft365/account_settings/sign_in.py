"""The Conditional Access policies for a sign-in. All policies apply together, and an exclusion wins.

Follows https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policies
"""

from collections.abc import Iterator, Sequence

from connectors.microsoft365.via import Microsoft365
from toolkit.errors import RequestFailed
from toolkit.sdk import (
    AccountFacts,
    LayeredSettings,
    MailObject,
    Objects,
    SettingLayer,
    Truth,
    all_of,
    any_of,
    cannot_tell,
    mapping,
    negate,
    no,
    text,
    texts,
    yes,
)
from toolkit.values import Body, Settings

_KIND = "conditional_access_policy"
_TITLES = {
    "enabled": "Conditional Access policy",
    "enabledForReportingButNotEnforced": "Conditional Access policy that only reports",
}
_SHOWN = ("grant_controls", "authentication_strength", "sign_in_frequency", "persistent_browser", "client_apps", "apps")
KINDS = (_KIND,)


def named_groups(objects: Objects) -> frozenset[str]:
    """Return the ids of the groups that policies include or exclude."""
    users = [_users(policy) for policy in objects.get(_KIND, ())]
    return frozenset(
        group for row in users for way in ("include", "exclude") for group in texts(row.get(f"{way}Groups"))
    )


def list_layers(facts: AccountFacts, via: Microsoft365) -> Iterator[LayeredSettings]:
    """Yield the policies that are enforced, and the policies that only report."""
    for state, title in _TITLES.items():
        policies = [policy for policy in facts.objects.get(_KIND, ()) if policy.settings.get("state") == state]
        layers = [SettingLayer(_KIND, row.name, _settings(row), _reaches(row, facts, via)) for row in policies]
        yield LayeredSettings(
            area="Sign-in", title=title, layers=tuple(layers), where="Entra admin centre > Conditional Access"
        )


def _settings(policy: MailObject) -> Settings:
    return {name: policy.settings.get(name) for name in _SHOWN if policy.settings.get(name)}


def _users(policy: MailObject) -> Body:
    return mapping(mapping(policy.raw.get("conditions")).get("users"))


def _reaches(policy: MailObject, facts: AccountFacts, via: Microsoft365) -> Truth:
    users = _users(policy)
    included, excluded = (_is_named(users, way, facts, via) for way in ("include", "exclude"))
    return all_of([included, negate(excluded)]) if included.value is not False else included


def _is_named(users: Body, way: str, facts: AccountFacts, via: Microsoft365) -> Truth:
    people = texts(users.get(f"{way}Users"))
    if "All" in people:
        return yes("for everyone")
    if facts.account.id in people:
        return yes("the account itself")
    roles = [_has_role(role, facts, via) for role in texts(users.get(f"{way}Roles"))]
    return any_of([*(facts.is_in(group) for group in texts(users.get(f"{way}Groups"))), *roles])


def _has_role(template: str, facts: AccountFacts, via: Microsoft365) -> Truth:
    try:
        rows: Sequence[Body] | RequestFailed = via.roles.people().get(template, ())
    except RequestFailed as error:
        rows = error
    if isinstance(rows, RequestFailed):
        return cannot_tell(f"the members of an administrator's role are unknown: {rows}")
    has = any(text(row.get("id")) == facts.account.id for row in rows)
    return yes("a role of administrators") if has else no("no such role")
