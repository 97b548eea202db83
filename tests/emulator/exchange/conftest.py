"""Running cmdlets over the wire, and the contracts that answers are compared with."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from tests.emulated import Tenant
from tests.emulator.exchange.asking import Exchange


@pytest.fixture
def exchange(tenant: Tenant) -> Exchange:
    return Exchange(tenant)


@pytest.fixture
def as_reader(tenant: Tenant) -> Callable[..., Exchange]:
    """Give the reading application the directory roles that are named."""

    def reader(*directory_roles: str, roles: tuple[str, ...] = ("Exchange.ManageAsApp",)) -> Exchange:
        tenant.grant("reader", roles=roles, directory_roles=directory_roles)
        return Exchange(tenant, "reader")

    return reader


@pytest.fixture(scope="session")
def contracts() -> Path:
    """Find the contracts that the emulator is written from."""
    named = os.environ.get("TOOLKIT_CONTRACTS")
    if not named:
        pytest.skip("TOOLKIT_CONTRACTS does not say where the contracts are")
    return Path(named) / "microsoft"


@pytest.fixture
def answered(contracts: Path) -> Callable[[str], Mapping[str, Any]]:
    """Read an answer recorded in the contracts."""
    return lambda name: cast("Mapping[str, Any]", json.loads((contracts / "fixtures" / f"{name}.json").read_text()))
