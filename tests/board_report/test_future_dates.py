"""What the files of a school date in the future is listed, and no part of a report says that it happened."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.board_report.reading import visible_text
from tests.board_report.school import NOW, export_of
from toolkit.board_report.document import document
from toolkit.board_report.pack import Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.writers import as_json
from toolkit.playbook.load import load

REGISTERS = """\
registers: more
attested:
  - {clause: SEC-10, by: Head Teacher, on: DATE}
approvals:
  - {clause: SYS-10, what: software for phonics, by: Head Teacher, on: DATE}
incidents:
  - {clause: SEC-09, what: mail to the wrong parent, on: DATE}
acknowledgements:
  - {role: staff, on: DATE, signed: 44, of: 46}
records:
  - {record: risk_assessment, by: Head Teacher, on: DATE}
filtering_and_monitoring: {lead: Deputy Head Teacher, reviewed: DATE}
"""
TESTS = """\
attestations: tests
confirmed:
  - {control: mail.personal_label, provider: microsoft365, part: mail without the label, by: Head Teacher, on: DATE}
tested:
  - control: web.harmful_filter
    part: filtering
    by: Designated Safeguarding Lead
    on: DATE
    devices: [staff laptop]
    networks: [guest Wi-Fi]
    result: passed
"""
ENTRIES = {
    "acknowledgement by staff",
    "confirmation of SEC-10",
    "approval for SYS-10",
    "incident about SEC-09",
    "Cyber risk assessment",
    "confirmation of Label on personal e-mail",
    "test of filtering",
    "annual review of filtering and monitoring",
}


def _read_report(directory: Path, date: str) -> Any:
    export = export_of(directory)
    for name, text in (("91-more.yaml", REGISTERS), ("92-tests.yaml", TESTS)):
        (directory / name).write_text(text.replace("DATE", date))
    report = replace(export.report, playbooks=load(directory))
    return json.loads(as_json(document(replace(export, report=report), Pack.GOVERNORS)))


def test_what_is_dated_in_the_future_is_listed_and_does_not_count(tmp_path: Path) -> None:
    told = _read_report(tmp_path / "playbooks", "2026-11-11")
    page = visible_text(as_html(told))

    assert {entry["what"] for entry in told["future_dates"]} == ENTRIES
    assert "Ask for 8 future dates in the school's registers to be corrected." in told["needs"]
    assert (told["acknowledgements"], told["incidents"]) == ([], {"all": 0, "open": 0})
    assert [entry["what"] for entry in told["confirmations"]] == ["SEC-09"]
    assert {record["state"] for record in told["records"]} == {"not recorded"}
    assert "the annual review" in told["filtering"]["told"][-1]
    assert page.count("11 November 2026") == len(ENTRIES)


@pytest.mark.parametrize("date", [NOW.date().isoformat(), "2026-11-09"])
def test_what_is_dated_today_or_earlier_counts(date: str, tmp_path: Path) -> None:
    told = _read_report(tmp_path / "playbooks", date)

    assert told["future_dates"] == []
    assert (len(told["acknowledgements"]), told["incidents"]["all"]) == (1, 1)
    assert len(told["confirmations"]) == 5
    assert "risk_assessment" in {record["record"] for record in told["records"] if record["on"] == date}
