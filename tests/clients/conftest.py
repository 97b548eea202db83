"""Programs written by others, each set up for the test's own tenant."""

from pathlib import Path

import pytest

from tests.clients import gam as gam_program
from tests.clients import intunecd as intunecd_program
from tests.clients.gam import Gam
from tests.clients.intunecd import IntuneCD
from tests.emulated import Tenant


@pytest.fixture
def gam(tenant: Tenant, tmp_path: Path) -> Gam:
    return gam_program.set_up(tenant, tmp_path / "gam")


@pytest.fixture
def reading_gam(tenant: Tenant, tmp_path: Path) -> Gam:
    """GAM with an identity that may only read."""
    return gam_program.set_up_to_read(tenant, tmp_path / "gam")


@pytest.fixture
def intunecd(tenant: Tenant, tmp_path: Path) -> IntuneCD:
    return intunecd_program.set_up(tenant, tmp_path / "intunecd")
