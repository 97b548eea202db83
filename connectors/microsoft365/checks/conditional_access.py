"""Whom the policies of Conditional Access ask for a second factor, always or under conditions.

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
_CLIENT_TYPES = {"browser", "mobileappsanddesktopclients"}  # the others cannot ask, and are blocked by themselves
_COMPARED = {"users", "applications", "clientAppTypes"}


Ids = frozenset[str] | RequestFailed


@dataclass(frozen=True, slots=True)
class Members:
    """Who is in the groups and roles that policies name, by their ids; an error where that could not be read."""

    groups: Mapping[str, Ids]
    roles: Mapping[str, Ids] | RequestFailed  # by the id of the template

    def in_group(self, group: str, person: str) -> bool:
        """Return whether a person is in a group; no one is in one that is gone."""
        return person in answered(self.groups.get(group, frozenset()))

    def in_role(self, template: str, person: str) -> bool:
        """Return whether a person has a role; no one has one that was never given."""
        if isinstance(self.roles, RequestFailed):
            raise self.roles
        return person in answered(self.roles.get(template, frozenset()))


@dataclass(frozen=True, slots=True)
class AskingPolicy:
    """A policy that is on and asks for a second factor."""

    name: str
    users: Body
    is_conditional: bool  # it asks only under some

    @property
    def groups(self) -> Sequence[str]:
        return [*texts(self.users.get("includeGroups")), *texts(self.users.get("excludeGroups"))]

    def covers(self, person: str, members: Members) -> bool:
        """Return whether it is for a person who is no guest; raises RequestFailed where that is not known."""
        return self._names("include", person, members) and not self._names("exclude", person, members)

    def exempts(self, person: str, members: Members) -> bool:
        """Return whether it would be for a person, and leaves them out by name, group or role."""
        return self._names("include", person, members) and self._names("exclude", person, members)

    def _names(self, way: str, person: str, members: Members) -> bool:
        users = {name.lower() for name in texts(self.users.get(f"{way}Users"))}
        if _ALL in users or person.lower() in users:
            return True
        groups, roles = texts(self.users.get(f"{way}Groups")), texts(self.users.get(f"{way}Roles"))
        # Each is looked at: what could not be read of one must not hide behind another.
        found = [
            *(members.in_group(name, person) for name in groups),
            *(members.in_role(name, person) for name in roles),
        ]
        return any(found)


def asking_policies(rows: Iterable[Body]) -> Sequence[AskingPolicy]:
    """Choose the policies that are on and ask for a second factor in apps; one that only records asks for nothing."""
    return [
        AskingPolicy(
            str(row.get("displayName")),
            table_at(table_at(row, "conditions"), "users"),
            _has_conditions(table_at(row, "conditions")),
        )
        for row in rows
        if row.get("state") == "enabled" and _asks(table_at(row, "grantControls")) and _apps(row)
    ]


def factor_prompt(person: str, policies: Sequence[AskingPolicy], members: Members) -> FactorPrompt:
    """Return when a person is asked: always by one policy, else under the conditions of some, else exempt from one."""
    covering = [policy for policy in policies if policy.covers(person, members)]
    if any(not policy.is_conditional for policy in covering):
        return FactorPrompt.ALWAYS
    if covering:
        return FactorPrompt.CONDITIONS
    return FactorPrompt.EXEMPT if any(one.exempts(person, members) for one in policies) else FactorPrompt.NEVER


def _asks(grants: Body) -> bool:
    """Return whether no one gets in without a second factor: none of several grants that are each enough is it."""
    built_in = {control.lower() for control in texts(grants.get("builtInControls"))}
    strength = table_at(grants, "authenticationStrength")
    ways = len(built_in) + bool(strength) + len(texts(grants.get("termsOfUse")))
    ways += len(texts(grants.get("customAuthenticationFactors")))
    strong = "mfa" in built_in or strength.get("requirementsSatisfied") == "mfa"
    return strong and (ways == 1 or grants.get("operator") == "AND")


def _apps(row: Body) -> Sequence[str]:
    return texts(table_at(table_at(row, "conditions"), "applications").get("includeApplications"))


def _has_conditions(conditions: Body) -> bool:
    """Say whether a policy leaves out some apps, programs, places or devices; what is not known here is a condition."""
    apps = table_at(conditions, "applications")
    everywhere = [one.lower() for one in texts(apps.get("includeApplications"))] == [_ALL]
    clients = {one.lower() for one in texts(conditions.get("clientAppTypes"))}
    return (
        not everywhere
        or bool(apps.get("excludeApplications") or apps.get("applicationFilter"))
        or not (clients == {_ALL} or clients >= _CLIENT_TYPES)
        or any(_narrows(value) for name, value in conditions.items() if name not in _COMPARED and "@" not in name)
    )


def _narrows(value: Json) -> bool:
    """Say whether a condition leaves anything out: one that includes all and excludes nothing does not."""
    if not isinstance(value, Mapping):
        return bool(value)
    said = {name: one for name, one in value.items() if one and "@" not in name}
    included = [name for name, one in said.items() if name.startswith("include") and _is_all(one)]
    return any(name not in included for name in said)


def _is_all(value: Json) -> bool:
    return [entry.lower() for entry in texts(value)] == [_ALL]
