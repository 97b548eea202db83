"""The Conditional Access policies for an account's sign-in.

All policies that reach an account apply together, and an exclusion wins over an inclusion: learn.microsoft.com/entra/
identity/conditional-access/concept-conditional-access-policies and concept-conditional-access-users-groups.
"""

from collections.abc import Iterator

from connectors.emulator.effective.setting import ALL, EffectiveSetting
from connectors.emulator.microsoft365.effective.account import DirectoryAccount, mapping, strings
from connectors.emulator.store import Body


def sign_in_settings(account: DirectoryAccount) -> Iterator[EffectiveSetting]:
    """Yield the policies that are enforced for an account, and the policies that are only reported."""
    reaching = [row for row in account.rows("entra.conditionalAccessPolicies") if _reaches(row, account)]
    for state, key in (("enabled", "enforced"), ("enabledForReportingButNotEnforced", "report_only")):
        names = sorted(str(policy["displayName"]) for policy in reaching if policy.get("state") == state)
        if names:
            yield EffectiveSetting("conditional_access", key, ALL, winners=names)


def _reaches(policy: Body, account: DirectoryAccount) -> bool:
    users = mapping(mapping(policy.get("conditions")).get("users"))
    return _is_named(users, "include", account) and not _is_named(users, "exclude", account)


def _is_named(users: Body, way: str, account: DirectoryAccount) -> bool:
    people = strings(users.get(f"{way}Users"))
    if "All" in people or account.id in people:
        return True
    roles = {
        str(role["roleTemplateId"]) for role in account.rows("directoryRoles") if str(role["id"]) in account.containers
    }
    groups = strings(users.get(f"{way}Groups"))
    return bool(account.containers.intersection(groups) or roles.intersection(strings(users.get(f"{way}Roles"))))
