"""Programs written by others, each set up for the test's own tenant."""

from pathlib import Path

import pytest

from tests.clients.gam import Gam, set_up
from tests.emulated import Tenant


@pytest.fixture
def gam(tenant: Tenant, tmp_path: Path) -> Gam:
    return set_up(tenant, tmp_path / "gam")
