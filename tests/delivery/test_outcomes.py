"""The emulator delivers messages as the vendors' pages say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.delivery.arrange import arrange
from tests.emulated import Tenant

_ROWS: list[Mapping[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("outcomes.yaml"))


def test_there_are_twenty_outcomes_with_a_source() -> None:
    assert len(_ROWS) >= 20
    assert all(row["source"].startswith("https://") for row in _ROWS)


@pytest.mark.parametrize("row", _ROWS, ids=[row["name"] for row in _ROWS])
def test_a_message_has_the_outcome_that_the_source_describes(tenant: Tenant, row: Mapping[str, Any]) -> None:
    arrange(tenant, row)
    before = tenant.everything()

    outcomes = tenant.deliver(row["cloud"], *(case["message"] for case in row["cases"]))

    for case, of_message in zip(row["cases"], outcomes, strict=True):
        by_recipient = {outcome["recipient"]: outcome for outcome in of_message}
        for recipient, expected in case["expect"].items():
            outcome = by_recipient[recipient]
            assert {key: outcome[key] for key in expected} == expected, (case["message"], outcome["steps"])
    assert tenant.everything() == before
