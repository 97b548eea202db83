"""A policy that bears another school's mark is never taken for the one that is wanted."""

import pytest

from connectors.microsoft365.intune.conflicts import IntunePolicy, find_present_policy
from toolkit.sdk.ownership import MANAGED_BY, MARK
from toolkit.sdk.resource import Address, Desired, Handling, Origin

OURS, THEIRS = f"{MARK}. School: EPS (k4v7m2qd).", f"{MARK}. School: OAK (m2x8h4vd)."


@pytest.mark.parametrize(
    ("description", "managed_by", "found"),
    [
        (OURS, "toolkit for EPS (k4v7m2qd)", True),
        (f"{MARK}.", "toolkit for EPS (k4v7m2qd)", True),
        (THEIRS, "toolkit for EPS (k4v7m2qd)", False),
        (THEIRS, MANAGED_BY, False),
        ("Made by hand", "toolkit for EPS (k4v7m2qd)", False),
    ],
    ids=["ours", "of no school", "another school's", "another school's and no id", "no mark"],
)
def test_beside_another_schools_policy_ours_is_found_by_its_own_mark(
    description: str, managed_by: str, *, found: bool
) -> None:
    there = IntunePolicy("policies", {"displayName": "Lock", "description": description}, {}, {})
    address, origin = Address("microsoft365", "windows_configuration", "Lock"), Origin("10.yaml", 6)
    desired = Desired(address, {"managed_by": managed_by}, {}, origin, handling=Handling(beside=True))

    assert (find_present_policy(desired, [there]) is not None) == found
