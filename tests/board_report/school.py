"""A small school whose export is made without a tenant, with a policy of five clauses and hostile texts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from toolkit.board_report.export import Differences, Export
from toolkit.board_report.period import Beginning, Course, EarlierExport, FoundChange, ReportPast, RunWrite
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.policy import PolicyReport
from toolkit.features import extensions
from toolkit.ledger.chain import Head
from toolkit.planning.finding_state import Ending
from toolkit.planning.plan import Plan
from toolkit.planning.policy.facts import RunResults, collect_facts
from toolkit.planning.policy.page import find_page_problems, read_page
from toolkit.planning.policy.statuses import StatusGrounds, work_out_status
from toolkit.playbook.load import load
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.resource import Address

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
HOSTILE = "=HYPERLINK(1) <script>alert(1)</script> \u202egnp ada@example-primary.example " + "a" * 200

SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
mode: enforce
roles:
  staff: {microsoft365: all-staff@example-primary.example}
"""

POLICY = """\
policy: small
section: Small
owner: Head Teacher
clauses:
  - clause: GOV-02
    says: Once a year the policy is ratified again.
    class: visible
    place: {paragraph: 1, begins: Once a year}
    evidence: [review]
  - clause: SEC-09
    says: People look whether screens are locked.
    class: supported
    place: {paragraph: 2, begins: The leadership}
    evidence: [attested]
  - clause: SEC-10
    says: "HOSTILE"
    class: supported
    place: {paragraph: 3, begins: Nobody}
    evidence: [attested]
  - clause: SYS-10
    says: No messengers.
    class: settable
    place: {paragraph: 4, begins: Messengers}
    controls: [web.chat_im_block]
  - clause: EML-04
    says: Mail is polite.
    class: people
    place: {paragraph: 5, begins: Be polite}
document:
  title: Electronic Policy
  committee: Resources
  ratified: 2023-05-18
  review_due: 2024-05-18
  versions:
    - {version: "1", came: First issue, on: 2023-05-18}
"""

REGISTERS = """\
registers: school
attested:
  - {clause: SEC-09, by: Deputy Head Teacher, on: 2026-10-20, until: 2027-10-20, note: "HOSTILE"}
"""


def export_of(directory: Path, *, target: str = "emulator") -> Export:
    """Return the content of an export, at a fixed time and without a tenant."""
    directory.mkdir()
    for name, text in (("00-school.yaml", SCHOOL), ("10-policy.yaml", POLICY), ("90-registers.yaml", REGISTERS)):
        (directory / name).write_text(text.replace("HOSTILE", HOSTILE.replace("\u202e", "\\u202e")))
    playbooks = load(directory)
    looked = RunResults(playbooks, Plan(), [], [], {"microsoft365": "Microsoft 365"}, NOW)
    grounds = StatusGrounds(now=NOW, providers=["microsoft365"])
    page = read_page(playbooks, NOW.date())
    statuses = [work_out_status(clause, collect_facts(clause, looked), grounds) for clause in playbooks.policy.clauses]
    report = PolicyReport(
        context=RunContext(
            target=Target(name=target, variables={}),
            run="3f2a1b",
            now=NOW,
            command="audit export",
            identity=Identity.READ,
            read_only=True,
            extensions=extensions,
        ),
        playbooks=playbooks,
        tenants={"microsoft365": "t"},
        now=NOW,
        looked=looked,
        page=page,
        first=find_page_problems(page, NOW.date()),
        statuses=statuses,
        unmentioned=[],
        evidence_since=datetime(2026, 9, 2, 8, 0, tzinfo=UTC),
    )
    last = EarlierExport(
        at=datetime(2026, 10, 1, tzinfo=UTC), playbooks=playbooks.digest, statuses={"SEC-09": "not checked"}
    )
    wrote = RunWrite(at=datetime(2026, 10, 2, tzinfo=UTC), command="apply", counts={"microsoft365.transport_rule": 2})
    change = FoundChange(
        first_seen=datetime(2026, 11, 3, 2, 30, tzinfo=UTC),
        since=datetime(2026, 11, 3, 2, 30, tzinfo=UTC),
        address=Address("microsoft365", "transport_rule", "School disclaimer"),
        path="prepend_subject",
        what="different",
        cause="tenant",
        actor="person-1",
        person=True,
        ended=datetime(2026, 11, 3, 7, 30, tzinfo=UTC),
        how=Ending.REPAIRED,
    )
    course = Course(found=1, put_right=1, minutes=300)
    past = ReportPast(
        exports=[last],
        released=[last],
        before=last,
        looks=38,
        longest=timedelta(days=3),
        last_look=datetime(2026, 11, 10, 2, 30, tzinfo=UTC),
        writes=[wrote],
        findings=[change],
        course=course,
        since_released=course,
        in_all=course,
        open=2,
    )
    return Export(
        report=report,
        beginning=Beginning(),
        past=past,
        differences=Differences(roles={"person-1": "a member of staff"}),
        head=Head(7, "ab" * 32),
        journals=[cast("Journal", None)],
    )
