"""Every folder that `toolkit init` makes can be used: each pack, on both clouds or one, with a policy or without."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.door import ask
from tests.emulated import Emulator, running
from toolkit.starter.files import packs

OWN = "oakfield.example"
GROUPS = f"staff=all-staff@{OWN}, pupils=all-pupils@{OWN}"
CLOUDS = ("emulated", "emulated microsoft365", "emulated google_workspace")
SETS = (*packs(), "all")


class Case(NamedTuple):
    """One way to answer the questions; `mode` is what the school writes afterwards."""

    pack: str
    clouds: str
    mode: str
    policy: bool


ALWAYS = {
    Case("all", "emulated", "enforce", policy=False),
    Case("board", "emulated google_workspace", "check", policy=False),
    Case("all", "emulated microsoft365", "enforce", policy=True),
}
"""What every run of the tests tries: each cloud and each mode, with and without a policy."""
PRODUCT = [Case(*case) for case in product(SETS, CLOUDS, ("check", "enforce"), (False, True))]
CASES = [pytest.param(case, id="-".join(map(str, case)), marks=() if case in ALWAYS else pytest.mark.soak)
         for case in PRODUCT]  # fmt: skip


@pytest.fixture(scope="module")
def own_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(tmp_path_factory.mktemp("emulator"), "--users", "24", f"--domain={OWN}") as emulator:
        yield emulator


@pytest.mark.parametrize("case", CASES)
def test_a_folder_can_be_used(case: Case, own_emulator: Emulator, tmp_path: Path) -> None:
    playbooks, state = tmp_path / "school/playbooks", tmp_path / "state"
    (state / "emulator").mkdir(parents=True)
    (state / "emulator/serve.json").write_text(json.dumps(dict(own_emulator.line)))
    chosen = list(packs()) if case.pack == "all" else [case.pack]
    options = {"--name": "Example Primary School", "--tenants": case.clouds, "--domains": OWN, "--groups": GROUPS}
    options |= {"--terms": "Autumn term 2026-09-03 to 2026-12-18", "--emergency": "01632 960001"}
    options |= {"--safeguarding": "the local authority"} | ({"--template": "staff-policy"} if case.policy else {})
    words = [word for option in options.items() for word in option] + [f"--pack={pack}" for pack in chosen]

    made = ask("init", tmp_path / "school", *words)
    for file in playbooks.glob("*.yaml"):
        file.write_text(file.read_text().replace("\nmode: check\n", f"\nmode: {case.mode}\n"))
    variables = {"TOOLKIT_STATE": str(state), "TOOLKIT_PATIENCE": "5"}
    ask("emulator", "reset", playbooks, "--yes", **variables)
    validated, first, second, drift = (
        ask(command, playbooks, *more, **variables)
        for command, *more in (["validate"], ["apply", "--yes"], ["apply", "--yes"], ["drift"])
    )
    exported = ask("audit", "export", playbooks, "-o", tmp_path / "reports", "--pack", "board", "--format", "html,pdf",
                   **variables)  # fmt: skip

    for answered in (made, validated, first, second):
        assert answered.exit == 0, answered.out + answered.err
    assert "nothing to do" in second.out
    assert drift.exit in {0, 3}, drift.err  # 3: what only a console sets differs
    assert exported.exit in {0, 4}, exported.err  # 4: the report says what could not be read
    assert len(list((tmp_path / "reports").glob("*governors*.pdf"))) == 1
    assert ("`toolkit init --template staff-policy` adds a policy" in exported.err) is not case.policy
