"""Finds the people whom Conditional Access policies ask for a second factor at sign-in, always or under conditions.

Follows https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset
"""

from collections.abc import Iterable, Mapping, Sequence

from connectors.microsoft365.kinds.conditional_access_policy.reading import table_at
from toolkit.controls.second_factor import FactorPrompt
from toolkit.errors import RequestFailed, answered
from toolkit.records import dataclass
from toolkit.sdk import texts
from toolkit.values import Body, Json

_ALL = "all"
_CLIENT_TYPES = {
    "browser",
    "mobileappsanddesktopclients",
}  # other clients cannot ask for a second factor, and are blocked automatically
_COMPARED = {"users", "applications", "clientAppTypes"}


Ids = frozenset[str] | RequestFailed


@dataclass(frozen=True, slots=True)
class Members:
    """The members of the groups and roles that policies name, by the id of the group or role template.

    If the members could not be read, the value is the error.
    """

    groups: Mapping[str, Ids]
    roles: Mapping[str, Ids] | RequestFailed  # by the id of the template

    def is_in_group(self, group: str, person: str) -> bool:
        """Return whether a person is in a group. A deleted group has no members."""
        return person in answered(self.groups.get(group, frozenset()))

    def has_role(self, template: str, person: str) -> bool:
        """Return whether a person has a role. A role that was never assigned has no members."""
        if isinstance(self.roles, RequestFailed):
            raise self.roles
        return person in answered(self.roles.get(template, frozenset()))


@dataclass(frozen=True, slots=True)
class AskingPolicy:
    """An enabled policy that asks for a second factor."""

    name: str
    users: Body
    is_conditional: bool  # asks only under conditions

    @property
    def groups(self) -> Sequence[str]:
        return [*texts(self.users.get("includeGroups")), *texts(self.users.get("excludeGroups"))]

    def covers(self, person: str, members: Members) -> bool:
        """Return whether the policy applies to a person who is not a guest. Raise RequestFailed if that is unknown."""
        return self._names_person("include", person, members) and not self._names_person("exclude", person, members)

    def exempts(self, person: str, members: Members) -> bool:
        """Return whether the policy excludes a person whom it would otherwise cover, by name, group or role."""
        return self._names_person("include", person, members) and self._names_person("exclude", person, members)

    def _names_person(self, way: str, person: str, members: Members) -> bool:
        users = {name.lower() for name in texts(self.users.get(f"{way}Users"))}
        if _ALL in users or person.lower() in users:
            return True
        groups, roles = texts(self.users.get(f"{way}Groups")), texts(self.users.get(f"{way}Roles"))
        # All are checked, so that an unreadable group or role is not hidden by a match in another.
        memberships = [
            *(members.is_in_group(group, person) for group in groups),
            *(members.has_role(role, person) for role in roles),
        ]
        return any(memberships)


def find_policies_with_second_factor(rows: Iterable[Body]) -> Sequence[AskingPolicy]:
    """Return the enabled policies that ask people for a second factor when they open apps.

    Report-only policies are left out.
    """
    return [
        AskingPolicy(
            str(row.get("displayName")),
            table_at(table_at(row, "conditions"), "users"),
            _has_conditions(table_at(row, "conditions")),
        )
        for row in rows
        if row.get("state") == "enabled" and _always_asks(table_at(row, "grantControls")) and _list_included_apps(row)
    ]


def factor_prompt(person: str, policies: Sequence[AskingPolicy], members: Members) -> FactorPrompt:
    """Return when a person is asked for a second factor: always, under conditions, never because excluded, or never."""
    covering = [policy for policy in policies if policy.covers(person, members)]
    if any(not policy.is_conditional for policy in covering):
        return FactorPrompt.ALWAYS
    if covering:
        return FactorPrompt.CONDITIONS
    return FactorPrompt.EXEMPT if any(policy.exempts(person, members) for policy in policies) else FactorPrompt.NEVER


def _always_asks(grants: Body) -> bool:
    """Return whether a policy always asks for a second factor.

    It does not if people can meet another requirement instead.
    """
    built_in = {control.lower() for control in texts(grants.get("builtInControls"))}
    strength = table_at(grants, "authenticationStrength")
    ways = len(built_in) + bool(strength) + len(texts(grants.get("termsOfUse")))
    ways += len(texts(grants.get("customAuthenticationFactors")))
    strong = "mfa" in built_in or strength.get("requirementsSatisfied") == "mfa"
    return strong and (ways == 1 or grants.get("operator") == "AND")


def _list_included_apps(row: Body) -> Sequence[str]:
    return texts(table_at(table_at(row, "conditions"), "applications").get("includeApplications"))


def _has_conditions(conditions: Body) -> bool:
    """Return whether a policy applies only to some apps, clients, places or devices.

    An unknown property counts as such a condition.
    """
    apps = table_at(conditions, "applications")
    everywhere = [app.lower() for app in texts(apps.get("includeApplications"))] == [_ALL]
    clients = {client.lower() for client in texts(conditions.get("clientAppTypes"))}
    return (
        not everywhere
        or bool(apps.get("excludeApplications") or apps.get("applicationFilter"))
        or not (clients == {_ALL} or clients >= _CLIENT_TYPES)
        or any(
            _excludes_anything(value) for name, value in conditions.items() if name not in _COMPARED and "@" not in name
        )
    )


def _excludes_anything(value: Json) -> bool:
    """Return whether a condition excludes anything."""
    if not isinstance(value, Mapping):
        return bool(value)
    given = {name: content for name, content in value.items() if content and "@" not in name}
    included = [name for name, content in given.items() if name.startswith("include") and _is_all(content)]
    return any(name not in included for name in given)


def _is_all(value: Json) -> bool:
    return [entry.lower() for entry in texts(value)] == [_ALL]
