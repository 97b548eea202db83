"""Schools that are built without a tenant, from the school without faults: healthy, a failed test, nothing confirmed.

`python -m tests.board_report.four_schools FOLDER` writes the PDF of each, to look at page one.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from tests.verdicts.school import NOW, part_rows, table
from tests.verdicts.single_faults import School, grounds_of, results_of
from toolkit.board_report.document import document
from toolkit.board_report.export import Differences, Export
from toolkit.board_report.pack import Pack
from toolkit.board_report.pdf import as_pdf
from toolkit.board_report.period import Beginning, Course, EarlierExport, FoundChange, ReportPast
from toolkit.board_report.writers import as_json
from toolkit.controls.identity import SEPARATE, Mfa
from toolkit.controls.second_factor import (
    ACCOUNTS,
    FactorPrompt,
    Signer,
    administrators_finding,
    count_enforced,
    count_registered,
)
from toolkit.drift.model import Cause, DifferenceType
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.policy import PolicyReport
from toolkit.features import extensions
from toolkit.ledger.chain import Head
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.policy.facts import RunResults, collect_facts
from toolkit.planning.policy.page import find_page_problems
from toolkit.planning.policy.statuses import work_out_status
from toolkit.playbook.registers import FilteringDuties
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.reason import AS_RECORDED
from toolkit.sdk.resource import Address

_STAFF = [Signer(f"person-{number}", registered=True, asked=FactorPrompt.ALWAYS) for number in range(24)]
_DUTIES = FilteringDuties(
    lead="Deputy Head Teacher",
    governor="Safeguarding Governor",
    reviewed=date(2026, 6, 22),
    alerts=["Designated Safeguarding Lead", "Deputy Safeguarding Lead"],
    alerts_in_holidays=["Deputy Head Teacher"],
)


def _nothing_confirmed() -> School:
    manual = {(row.control, row.cloud, row.part) for row in part_rows() if row.source == "confirmed"}
    tested = {row.part for row in part_rows() if row.source == "tested"}
    return School(without_confirmation=manual, without_test=tested, missing_evidence=set(table()["lost"]))


SCHOOLS: Mapping[str, Callable[[], School]] = {
    "healthy": School,
    "one failed test": lambda: School(failed={"filtering"}),
    "nothing confirmed": _nothing_confirmed,
}


def _mfa_findings() -> list[ControlFinding]:
    """Return findings on 24 staff on each cloud, who all use MFA."""
    groups = {ACCOUNTS: _STAFF, **dict.fromkeys(SEPARATE, _STAFF[:12])}
    by = AS_RECORDED(text="by a policy")
    findings = [
        count_registered(Mfa(), _STAFF, unseen=by, groups=groups),
        count_enforced(Mfa(), _STAFF, by=by, groups=groups, exemptions=True),
        administrators_finding(Mfa(), _STAFF[:4]),
    ]
    return [
        ControlFinding(control="identity.mfa", provider=provider, clauses=(), finding=finding, measured=True)
        for provider in ("microsoft365", "google_workspace")
        for finding in findings
    ]


def _with_measured_mfa(results: RunResults, *, has_duties: bool) -> RunResults:
    counted = {(line.control, line.finding.subject) for line in _mfa_findings()}
    others = [line for line in results.findings if (line.control, line.finding.subject) not in counted]
    playbooks = results.playbooks
    if has_duties:
        playbooks = replace(playbooks, registers=replace(playbooks.registers, filtering=_DUTIES))
    return replace(results, findings=[*others, *_mfa_findings()], playbooks=playbooks)


def _open_change() -> FoundChange:
    """Return a change outside the agreed set-up that is still in the tenant."""
    seen = datetime(2026, 11, 3, 2, 30, tzinfo=UTC)
    return FoundChange(
        first_seen=seen,
        since=seen,
        address=Address("microsoft365", "transport_rule", "School disclaimer"),
        path="prepend_subject",
        what=DifferenceType.DIFFERENT,
        cause=Cause.TENANT,
    )


@cache
def export_of_school(name: str) -> Export:
    """Return the content of an export of a school with this name, after one released report."""
    return export_of_faulty(SCHOOLS[name]())


def export_of_faulty(school: School) -> Export:
    """Return the content of an export of a school with faults, after one released report."""
    looked = _with_measured_mfa(results_of(school), has_duties=not school.without_test)
    playbooks, grounds = looked.playbooks, grounds_of(school)
    statuses = [work_out_status(clause, collect_facts(clause, looked), grounds) for clause in playbooks.policy.clauses]
    report = PolicyReport(
        context=RunContext(
            target=Target(name="live", variables={}),
            run="3f2a1b",
            now=NOW,
            command="audit export",
            identity=Identity.READ,
            read_only=True,
            extensions=extensions,
        ),
        playbooks=playbooks,
        tenants=dict.fromkeys(playbooks.school.tenants, "t"),
        now=NOW,
        looked=looked,
        page=looked.page,
        first=find_page_problems(looked.page, NOW.date()),
        statuses=statuses,
        unmentioned=[],
        evidence_since=datetime(2026, 6, 15, 8, 0, tzinfo=UTC),  # the last report is of this record
    )
    before = {status.clause.name: str(status.status) for status in statuses} | {"SYS-17": "partly", "NET-01": "met"}
    course = Course(found=2, put_right=1, minutes=300)
    last = EarlierExport(at=datetime(2026, 7, 10, 8, 0, tzinfo=UTC), playbooks=playbooks.digest, statuses=before)
    past = ReportPast(
        exports=[last],
        released=[last],
        before=last,
        since_released=course,
        course=course,
        in_all=course,
        open=1,
        still_different=[_open_change()],
    )
    return Export(
        report=report,
        beginning=Beginning(),
        past=past,
        differences=Differences(),
        head=Head(7, "ab" * 32),
        journals=[cast("Journal", None)],
    )


def document_of_school(name: str) -> Any:
    """Return the document for governors of a school, as read from its file."""
    return json.loads(as_json(document(export_of_school(name), Pack.GOVERNORS)))


if __name__ == "__main__":
    for chosen in SCHOOLS:
        (Path(sys.argv[1]) / f"{chosen.replace(' ', '-')}.pdf").write_bytes(as_pdf(document_of_school(chosen)))
