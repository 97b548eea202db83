"""A small school for the API tests, with one mail rule and a policy of a single clause."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.school import PLAYBOOK, POLICY
from tests.door import Door, open_door
from tests.emulated import Emulator


@pytest.fixture
def school(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    """A small school with one mail rule and a policy of a single clause."""
    tenant = emulator.borrow_tenant(users=10)
    door = open_door(tenant, tmp_path, samples=False)
    door.write("10-policy.yaml", POLICY)
    door.write("30-mail.yaml", PLAYBOOK)
    yield door
    tenant.close()
