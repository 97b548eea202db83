"""What people confirmed of a control that no playbook asks for is listed, and does not count."""

import json
from pathlib import Path

from tests.board_report.school import POLICY
from tests.door import Door

PLAYBOOK = """\
playbook: reports
title: Reporting of harmful mail
owner: Head Teacher
clauses: []
controls:
  - mail.report_channel: {}
"""
ATTESTATIONS = """\
attestations: told
confirmed:
  - {control: mail.report_channel, provider: school, part: staff know how to report, by: Head Teacher, on: 2026-11-02}
  - {control: device.antimalware, provider: microsoft365, part: infected files in stored documents, by: IT support,
     on: 2026-11-03}
"""


def test_a_confirmation_that_no_playbook_asks_for_counts_for_no_reader(bare_door: Door, tmp_path: Path) -> None:
    bare_door.write("35-reports.yaml", PLAYBOOK)
    bare_door.write("95-policy.yaml", POLICY.replace("HOSTILE", "Doors are closed."))
    bare_door.write("90-attestations.yaml", ATTESTATIONS)

    validated = bare_door.toolkit("validate")
    words = ("--pack", "governors", "--format", "json,html", "-o", tmp_path / "reports")
    exported = bare_door("audit", "export", bare_door.playbooks, *words)

    assert exported.exit in {0, 3, 4}, exported.out + exported.err
    (told,) = (tmp_path / "reports").rglob("*.json")
    (page,) = (tmp_path / "reports").rglob("*.html")
    states = {one["on"]: one["state"] for one in json.loads(told.read_text())["confirmations"]}
    assert "90-attestations.yaml:4: no playbook uses device.antimalware, so the entry has no effect" in (validated.out)
    assert states == {"2026-11-02": "counts", "2026-11-03": "not asked for"}
    assert "3 November 2026, does not count, because it is not asked for now" in " ".join(page.read_text().split())
