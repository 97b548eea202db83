"""The data protection pack of a trust: one controller, shared tenants, one ledger for each tenant, and one operator."""

from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from tests.door import SAMPLES, ask

TRUST = """\
trust: Harbour Learning Trust
tenants:
  main:
    microsoft365: {tenant_id: emulated, domain: harbour.example}
    google_workspace: {customer_id: emulated, domain: harbour.example}
  ash:
    microsoft365: {tenant_id: 11111111-1111-1111-1111-111111111111, domain: ash.example}
base: base/
schools:
  OAK:
    name: Oak Primary School
    domains: [oak.example]
    microsoft365: {tenant: main, everyone: oak-all@harbour.example, staff: oak-staff@harbour.example}
    google_workspace: {unit: /Oak}
  ELM:
    name: Elm Primary School
    domains: [elm.example]
    microsoft365: {tenant: main, everyone: elm-all@harbour.example, staff: elm-staff@harbour.example}
    google_workspace: {unit: /Elm}
  ASH: {name: Ash Primary School, domains: [ash.example], microsoft365: {tenant: ash}}
"""
RULES = """\
playbook: rules
title: Rules
owner: Chief Executive
controls:
  - mail.attachment_block: {for: everyone}
  - device.compliance: {for: staff, platforms: [windows], lock_minutes: 10}
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trust")
    (folder / "trust" / "base").mkdir(parents=True)
    (folder / "trust" / "trust.yaml").write_text(TRUST)
    (folder / "trust" / "base" / "10.yaml").write_text(RULES)
    written = ask("dpo-pack", folder / "trust", "-o", folder / "dpo")
    assert written.exit == 0, written.err
    return folder / "dpo"


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (
            "dpia.md",
            "Name of controller: Harbour Learning Trust, the trust. Its schools are not controllers",
        ),
        ("dpia.md", "main (Microsoft 365): Oak Primary School, Elm Primary School"),
        ("dpia.md", "main (Google Workspace): Oak Primary School, Elm Primary School"),
        ("dpia.md", "domain-wide delegation cannot be limited to an organisational unit"),
        ("dpia.md", "the trust is the only employer of the staff of all schools"),
        ("dpia.md", "The only operator leaves, and no one can read the reports"),
        (
            "ropa.md",
            "| Controller | Harbour Learning Trust (the trust, for Oak Primary School, Elm",
        ),
        ("staff-notice.md", "Harbour Learning Trust is your employer, whichever of its schools you work in"),
        ("our-data.md", "Each tenant has one ledger for all of its schools"),
        ("our-data.md", "## When the only operator leaves"),
    ],
)
def test_the_pack_says_what_is_true_of_a_trust(pack: Path, file: str, sentence: str) -> None:
    assert sentence in (pack / file).read_text().replace("\\", "")
    assert (pack / file).with_suffix(".html").exists()


def test_a_rule_of_the_trust_is_in_the_pack_once_and_not_once_for_each_school(pack: Path) -> None:
    text = (pack / "dpia.md").read_text().replace("\\", "")

    assert text.count("(device.compliance) | staff |") == 1
    assert "OAK staff" not in text


def test_the_pack_of_a_lone_school_has_nothing_about_a_trust(tmp_path: Path) -> None:
    copytree(SAMPLES, tmp_path / "playbooks", ignore=ignore_patterns("private"))
    assert ask("dpo-pack", tmp_path / "playbooks", "-o", tmp_path / "dpo").exit == 0

    for file in (tmp_path / "dpo").glob("*.md"):
        text = file.read_text()
        assert "the trust is" not in text
        assert "When the only operator leaves" not in text
