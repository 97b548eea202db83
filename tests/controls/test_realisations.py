"""Each cloud realises a control with that control's own type of settings."""

from typing import get_type_hints

import pytest

from toolkit.controls.blocking import BLOCKS, Blocking
from toolkit.controls.control import controls
from toolkit.sdk.providers import providers, realisations


@pytest.mark.parametrize("provider", providers())
def test_a_realisation_takes_the_settings_of_its_control(provider: str) -> None:
    taken = {
        control: next(iter(get_type_hints(realise).values())) for control, realise in realisations(provider).items()
    }

    wrong = {name: kind for name, kind in taken.items() if not issubclass(controls()[name].settings, kind)}

    assert wrong == {}
    assert {kind.__name__ for kind in taken.values()} > {"Blocking", "Disclaimer", "Retention"}


def test_the_table_of_blocks_names_every_control_that_blocks_apps_and_sites() -> None:
    assert {name for name, control in controls().items() if issubclass(control.settings, Blocking)} == set(BLOCKS)
