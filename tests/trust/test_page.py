"""docs/trust.md, followed word for word: its files are written and its commands run one after the other."""

import re
from pathlib import Path
from shlex import split

import pytest

from tests.docs.blocks import ROOT, blocks, commands, flat
from tests.door import ask
from tests.emulated import running
from toolkit.trust.grain import Grain

PAGE = "docs/trust.md"
_FILE = re.compile(r"^`(trust/[^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_page_is_followed_word_for_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    files = _FILE.findall((ROOT / PAGE).read_text(encoding="utf-8"))
    for name, text in files:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")

    missing = []
    names = ("--name", "Harbour Learning Trust", "--domain", "harbour.example")
    with running(tmp_path / "state" / "emulator", *names):
        for command in (command for block in blocks(PAGE) for command in commands(block)):
            answered = ask(*split(command.words)[1:], TOOLKIT_STATE=str(tmp_path / "state"))
            assert answered.exit in {0, 3}, f"{command.words}: {answered.err}"
            missing += [piece for piece in command.pieces if piece not in flat(answered.out)]

    assert files[0][0] == "trust/trust.yaml"
    assert missing == []


def test_the_table_of_grains_has_a_row_for_each_part_with_a_known_grain() -> None:
    rows = re.findall(r"^\| ([a-z]+\.\w+) \| (.+) \| (.+) \| (\w+) \|$", (ROOT / PAGE).read_text(), re.MULTILINE)
    grains = {(control, part, cloud): grain for control, part, cloud, grain in rows}

    assert set(grains.values()) <= set(Grain)
    assert grains["mail.disclaimer", "mail rule", "Microsoft 365"] == Grain.GROUP
    assert grains["mail.disclaimer", "signatures", "Google Workspace"] == Grain.PERSON
    assert grains["mail.external_tag", "native tag", "Microsoft 365"] == Grain.TENANT
    assert grains["mail.mass_list_moderation", "urgent lists", "Microsoft 365"] == Grain.LIST
    assert grains["web.chat_im_block", "Chrome lists", "Google Workspace"] == Grain.UNIT
    assert grains["mail.authentication", "DKIM keys", "Microsoft 365"] == Grain.DOMAIN
    assert grains["mail.authentication", "SPF", "Microsoft 365"] == Grain.RECORD
    assert grains["web.chat_im_block", "Defender indicators", "Microsoft 365"] == Grain.TENANT
    assert grains["web.chat_im_block", "apps in managed Google Play", "Microsoft 365"] == Grain.GROUP
    assert grains["identity.mfa", "people who registered a second factor", "Microsoft 365"] == Grain.RECORD
