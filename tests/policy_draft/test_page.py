"""The commands of docs/own-policy.md, run one after the other with a document that another program made."""

import json
from pathlib import Path
from shlex import split
from shutil import copy

import pytest

from tests.docs.blocks import blocks, commands, flat
from tests.door import ask
from tests.emulated import Tenant
from tests.schools import twenty_people

pytestmark = twenty_people
PAGE = "docs/own-policy.md"
DOCUMENT = Path(__file__).with_name("documents") / "pandoc.docx"


def test_the_page_is_followed_word_for_word(tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state" / "emulator"
    state.mkdir(parents=True)
    (state / "serve.json").write_text(json.dumps(dict(tenant.emulator.line)))
    (tmp_path / "here").mkdir()
    copy(DOCUMENT, tmp_path / "here" / "policy.docx")
    monkeypatch.chdir(tmp_path / "here")

    missing = []
    for block in (block for block in blocks(PAGE) if block.language == "console"):
        for command in commands(block):
            if command.words.startswith("cd "):
                monkeypatch.chdir(command.words.removeprefix("cd "))
                continue
            words = split(command.words)[1:]
            says = "all\n" * 20 if "review" in words else None
            answered = ask(*words, says=says, TOOLKIT_STATE=str(state.parent))
            assert answered.exit in {0, 3}, f"{command.words}: {answered.err}"
            missing += [piece for piece in command.pieces if piece not in flat(answered.out)]

    assert missing == []
