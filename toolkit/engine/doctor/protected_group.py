"""Examines whether the group that assignments exclude holds exactly the protected accounts."""

from collections.abc import Iterator

from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState
from toolkit.sdk.directory import Directory
from toolkit.sdk.school import Protected

SUBJECT = "protected accounts"


def compare_members(protected: Protected, directory: Directory) -> Iterator[Diagnosis]:
    """Compare the members of the group with the accounts of the school file; nothing where its group was not read."""
    group = directory.groups.get(protected.exclude_group)
    if group is None or not directory.people:
        return
    addresses = {one: directory.people[one].address for one in group.members if one in directory.people}
    wanted = {address.casefold(): address for address in protected.accounts}
    there = {address.casefold() for address in addresses.values()}
    missing = sorted(address for key, address in wanted.items() if key not in there)
    others = sorted(one for one in addresses.values() if one.casefold() not in wanted)
    others += sorted(group.members - addresses.keys())
    if not missing and not others and not group.devices:
        found = f"{protected.exclude_group} holds exactly the {len(wanted)} protected accounts"
        yield Diagnosis(SUBJECT, DiagnosisState.OK, found)
        return
    wrong = [
        *([f"{', '.join(missing)} is not in it, so that assignments reach it"] if missing else []),
        *([f"{', '.join(others)} is in it, so that no assignment reaches it"] if others else []),
        *([f"{group.devices} devices are in it"] if group.devices else []),
    ]
    advice = f"make the members of {protected.exclude_group} the `accounts` under `protected` in the school file"
    yield Diagnosis(SUBJECT, DiagnosisState.WRONG, f"{protected.exclude_group}: {'; '.join(wrong)}", advice)
