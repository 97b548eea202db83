"""The settings of drawn accounts equal what the emulator's own precedence gives, on both clouds."""

from pathlib import Path

from tests.effective.compare import Comparison, compare_tenant
from tests.effective.draw import PEOPLE, TEACHER
from tests.emulated import Emulator


def test_drawn_accounts_get_what_the_emulators_precedence_gives_and_the_teacher_is_one(
    emulator: Emulator, tmp_path: Path
) -> None:
    tenant = emulator.open_tenant(**PEOPLE)
    comparison = Comparison()

    addresses = compare_tenant(tenant, tmp_path, 1000, comparison, 8)
    tenant.close()

    assert addresses[0].startswith(TEACHER)
    assert comparison.differences == []
    assert comparison.accounts == 16
    assert {"mail", "sign-in", "configuration", "compliance", "chrome", "console"} == comparison.counts.keys()
