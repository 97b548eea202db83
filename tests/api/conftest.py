"""A small school with one rule and a policy of one clause."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.school import PLAYBOOK, POLICY
from tests.door import Door, open_door
from tests.emulated import Emulator


@pytest.fixture
def school(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    """Open the door of a small school with one rule and a policy of one clause."""
    tenant = emulator.borrow_tenant(users=10)
    door = open_door(tenant, tmp_path, samples=False)
    door.write("10-policy.yaml", POLICY)
    door.write("30-mail.yaml", PLAYBOOK)
    yield door
    tenant.close()
