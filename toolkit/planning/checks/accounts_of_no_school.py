"""Find the accounts of a shared tenant that belong to no school of the trust."""

from collections.abc import Iterator

from toolkit.planning.checks.findings import ControlFinding
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.directory import EVERYONE, Directory
from toolkit.sdk.reason import same_words

SUBJECT = "accounts of no school"
_IN_NO_SCHOOL = same_words("accounts_of_no_school", "{count} of {total} accounts are in no school's group: {accounts}")
_ALL_IN_SCHOOLS = same_words("accounts_all_in_schools", "each of {total} accounts is in a school's group")
_SHOWN = 5


def find_accounts_of_no_school(provider: str, playbooks: Playbooks, directory: Directory) -> Iterator[ControlFinding]:
    """Yield a finding about the accounts that are in no school's group or unit. A lone school has none.

    Protected accounts are the trust's. Nothing is known if a group could not be read, or if a school is the whole
    tenant.
    """
    slices = playbooks.slices
    roles = [playbooks.school.roles[name] for name, role in slices.roles.items() if role == EVERYONE]
    names = {name for role in roles if (name := role.on(provider))}
    here = [school for school in slices.schools.values() if provider in school.tenants]
    if len(here) < 2 or not directory.people or not names <= directory.groups.keys():  # noqa: PLR2004 (shared)
        return
    members = frozenset[str]().union(*(directory.groups[name].members for name in names))
    protected = {account.casefold() for account in playbooks.school.protected.accounts}
    accounts = [person for person in directory.people.values() if person.enabled]
    others = sorted(
        person.address for person in accounts if person.id not in members and person.address.casefold() not in protected
    )
    shown = ", ".join([*others[:_SHOWN], *(["..."] if len(others) > _SHOWN else [])])
    reason = (
        _IN_NO_SCHOOL(count=str(len(others)), total=str(len(accounts)), accounts=shown)
        if others
        else _ALL_IN_SCHOOLS(total=str(len(accounts)))
    )
    status = Status.FAIL if others else Status.PASS
    finding = Finding(subject=SUBJECT, status=status, reason=reason)
    yield ControlFinding(control=SUBJECT, provider=provider, clauses=(), finding=finding, measured=True)
