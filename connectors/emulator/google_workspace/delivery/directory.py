"""People, groups, units and settings of a customer, as Gmail sees them during a delivery."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.emulator.google_workspace.directory.members import MEMBERS
from connectors.emulator.google_workspace.groups_settings import SETTINGS, default_settings
from connectors.emulator.google_workspace.mailboxes import VACATION
from connectors.emulator.google_workspace.people import GROUPS, ORG_UNITS, POLICIES, USERS, own_domains
from connectors.emulator.google_workspace.values import mapping, sequence, text, texts
from connectors.emulator.store import Body, Json, Store

_POLICY = "settings/"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a group, with the current address."""

    address: str
    role: str  # OWNER, MANAGER, MEMBER
    receives: bool


@dataclass(frozen=True, slots=True)
class GoogleMailDirectory:
    """The people, groups and settings that a delivery needs."""

    domains: frozenset[str]
    users: Mapping[str, Body]  # by primary address and alias in lower case
    groups: Mapping[str, Body]
    members: Mapping[str, Sequence[Member]]  # by the id of the group
    group_settings: Mapping[str, Body]  # by the id of the group
    unit_paths: Mapping[str, str]  # by the id of the unit
    policies: Sequence[Body]  # the weakest first
    vacations: Mapping[str, Body]  # automatic replies, by the id of the person

    def is_inside(self, address: str) -> bool:
        return address.rpartition("@")[2] in self.domains

    def settings_of(self, group: Body) -> Body:
        return self.group_settings.get(str(group["id"])) or default_settings()

    def members_of(self, group: Body) -> Sequence[Member]:
        return self.members.get(str(group["id"]), ())

    def role_in(self, group: Body, address: str) -> str:
        """Return a person's role in a group, or "" for a person who is not a direct member."""
        return next((member.role for member in self.members_of(group) if member.address == address), "")

    def setting(self, kind: str, address: str) -> Body:
        """Return the value of a setting for a person. The policy with the greatest sort order decides.

        Follows cloud.google.com/identity/docs/reference/rest/v1/policies.
        """
        return next(reversed(list(self._values(kind, address))), {})

    def rules(self, kind: str, column: str, address: str) -> list[Body]:
        """Return the rules of a setting for a person that are on. A rule of a unit below replaces one with its id."""
        on = self._rules_that_are_on(address)
        rules = {
            text(rule.get("ruleId")): rule
            for value in self._values(kind, address)
            for rule in map(mapping, sequence(value.get(column)))
        }
        return [rule for key, rule in rules.items() if key in on]

    def address_list(self, key: str, address: str) -> list[str] | None:
        """Return the addresses and domains of a list. None if the list is off or unknown."""
        for value in self._values("gmail.email_address_lists", address):
            for row in map(mapping, sequence(value.get("emailAddressList"))):
                if row.get("id") == key and key in self._rules_that_are_on(address):
                    listed = mapping(row.get("addressList") or row.get("blockedAddressList"))
                    return [text(mapping(entry).get("address")).lower() for entry in sequence(listed.get("address"))]
        return None

    def named_policies(self, kind: str, address: str) -> list[Body]:
        """Return the values of all policies of a type that concern a person, such as data protection rules."""
        return list(self._values(kind, address))

    def replies_automatically(self, user: Body, sender: str, at: datetime) -> bool | None:
        """Return whether a person's automatic reply goes to a sender. None if only contacts get it."""
        vacation, moment = self.vacations.get(str(user["id"]), {}), at.timestamp() * 1000
        begins, ends = (vacation.get(name) for name in ("startTime", "endTime"))
        is_on = vacation.get("enableAutoReply") is True
        if not is_on or (begins and moment < int(str(begins))) or (ends and moment >= int(str(ends))):
            return False
        if vacation.get("restrictToDomain") and not self.is_inside(sender):
            return False
        return None if vacation.get("restrictToContacts") else True

    def detector(self, name: str) -> Body:
        """Return the value of a word list or expression by the name of its policy."""
        policy = next((policy for policy in self.policies if policy.get("name") == name), {})
        return mapping(mapping(policy.get("setting")).get("value"))

    def _rules_that_are_on(self, address: str) -> set[str]:
        states = {
            text(state.get("ruleId")): state.get("enabled") is True
            for value in self._values("gmail.rule_states", address)
            for state in map(mapping, sequence(value.get("ruleStates")))
        }
        return {key for key, is_on in states.items() if is_on}

    def _values(self, kind: str, address: str) -> Iterator[Body]:
        for policy in self.policies:
            setting = mapping(policy["setting"])
            if setting.get("type") == _POLICY + kind and self._concerns(mapping(policy.get("policyQuery")), address):
                yield mapping(setting.get("value"))

    def _concerns(self, query: Body, address: str) -> bool:
        """Return whether a policy is for a person: by the person's unit, a unit above it, or a group."""
        if group := text(query.get("group")).removeprefix("groups/"):
            return any(member.address == address for member in self.members.get(group, ()))
        path = self.unit_paths.get(text(query.get("orgUnit")).removeprefix("orgUnits/"), "/")
        own = text(self.users.get(address, {}).get("orgUnitPath")) or "/"
        return path in {"/", own} or own.startswith(path + "/")


def read_directory(store: Store, tenant_id: str) -> GoogleMailDirectory:
    """Read the directory and the settings of a customer."""
    users, groups = store.all(tenant_id, USERS), store.all(tenant_id, GROUPS)
    current = {str(user["id"]): text(user["primaryEmail"]).lower() for user in users}
    current |= {str(group["id"]): text(group["email"]).lower() for group in groups}
    members: dict[str, list[Member]] = {}
    for key, row in store.all_by_key(tenant_id, MEMBERS).items():
        members.setdefault(key.partition("/")[0], []).append(_to_member(row, current))
    return GoogleMailDirectory(
        domains=frozenset(own_domains(store, tenant_id)),
        users=dict(_by_address(users, "primaryEmail")),
        groups=dict(_by_address(groups, "email")),
        members=members,
        group_settings=store.all_by_key(tenant_id, SETTINGS),
        unit_paths={key: text(unit.get("orgUnitPath")) for key, unit in store.all_by_key(tenant_id, ORG_UNITS).items()},
        policies=sorted(store.all(tenant_id, POLICIES), key=_strength),
        vacations=store.all_by_key(tenant_id, VACATION),
    )


def _to_member(row: Body, current: Mapping[str, str]) -> Member:
    address = current.get(str(row["id"]), text(row.get("email")).lower())
    receives = text(row.get("delivery_settings")) not in {"NONE", "DISABLED"}
    return Member(address, text(row.get("role")) or "MEMBER", receives)


def _by_address(rows: Sequence[Body], column: str) -> Iterator[tuple[str, Body]]:
    for row in rows:
        for address in (text(row[column]), *texts(row.get("aliases"))):
            yield address.lower(), row


def _strength(policy: Body) -> tuple[bool, float]:
    order: Json = mapping(policy.get("policyQuery")).get("sortOrder")
    return policy.get("type") == "ADMIN", float(order) if isinstance(order, int | float) else 0
