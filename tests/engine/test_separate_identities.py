"""The commands that use a separate identity, and the commands that must not."""

from pathlib import Path

import pytest

from tests.door import Door
from tests.schools import twenty_people
from tests.sdk.test_separate_identities import LOCKER, WRITER
from toolkit.api.school_files import load
from toolkit.engine.selection import EVERYTHING
from toolkit.features import open_run
from toolkit.settings.settings import read_settings

pytestmark = twenty_people


@pytest.mark.parametrize(("command", "client"), [("device", "locker"), ("hold", "writer"), ("due", "writer")])
def test_only_the_command_of_a_separate_identity_signs_in_with_it(
    bare_door: Door, tmp_path: Path, command: str, client: str
) -> None:
    environment = {**WRITER, **LOCKER, "TOOLKIT_STATE": str(tmp_path / "other")}
    settings = read_settings(bare_door.playbooks, {**environment, "TOOLKIT_TARGET": "emulator"})
    state = bare_door.state / "emulator" / "serve.json"
    (tmp_path / "other" / "emulator").mkdir(parents=True)
    (tmp_path / "other" / "emulator" / "serve.json").write_text(state.read_text())

    with open_run(load(bare_door.playbooks), EVERYTHING, command=command, writes=True, settings=settings) as run:
        variables = run.context.target.variables

    assert variables["TOOLKIT_WRITE_MICROSOFT365_CLIENT_ID"] == client
