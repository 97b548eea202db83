"""The Google side of the test's tenant."""

import pytest

from tests.emulated import Tenant
from tests.emulator.google_workspace.asking import Google


@pytest.fixture
def google(tenant: Tenant) -> Google:
    return Google(tenant)
