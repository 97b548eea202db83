"""The Google side of the test's tenant."""

from collections.abc import Iterator

import pytest

from tests.emulated import Tenant
from tests.emulator.google_workspace.asking import Google


@pytest.fixture
def google(tenant: Tenant) -> Iterator[Google]:
    google = Google(tenant)
    yield google
    google.close()
