"""Judge the policy in every school of a trust, and write one report on all of them."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from toolkit.board_report.pack import Format
from toolkit.board_report.trust_page import page_pdf, trust_pages
from toolkit.errors import Exit, PlaybookError, ToolkitError, UsageError
from toolkit.installed import require
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.render.line import FORMAT, to_body
from toolkit.trust.model import TrustSchool
from toolkit.trust.report_facts import AgreedVariation, TrustReportFacts, collect_school, find_matters
from toolkit.trust.results import TenantResult, exit_of_results
from toolkit.trust.run_tenants import TenantJob, open_clock
from toolkit.trust.session import TrustSession
from toolkit.trust.slices import load_tenant
from toolkit.values import Body

FORMATS = (Format.HTML, Format.PDF, Format.JSON)
_LIBRARIES = {Format.HTML: "jinja2", Format.PDF: "typst"}


@dataclass(frozen=True, slots=True)
class SchoolsReport:
    """The report on all schools of a trust, and the results of its tenants."""

    facts: TrustReportFacts
    results: Sequence[TenantResult]

    @property
    def exit(self) -> Exit:
        """Return the worst exit code of the tenants."""
        return exit_of_results(self.results)

    def to_dict(self) -> Body:
        """Return the report as JSON."""
        return {"format": FORMAT, "exit": int(self.exit), **to_body({"report": self.facts})}


def report_on_schools(session: TrustSession) -> SchoolsReport:
    """Judge the policy in every school, each tenant in a process of its own, and return the report.

    A tenant that cannot be read does not stop the others: its schools are not read. The central team is left out.
    """
    trust = session.trust
    ready, unusable = session.find_ready(session.tenants, "report")
    with open_clock(trust, session.state, ready) as now:
        jobs = [
            TenantJob(tenant, ("policy", str(tenant.root), "--school", ",".join(names)), tenant.schools)
            for tenant in ready
            if (names := [name for name in tenant.schools if not trust.schools[name].central])
        ]
        results = session.run_round(session.open_round("report", now, jobs), jobs, unusable)
    playbooks = {name: loaded for name in session.tenants if (loaded := _load(session, name))}
    schools = [collect_school(trust, school, results, _own_controls(school, playbooks)) for school in _schools(session)]
    facts = TrustReportFacts(
        trust=trust.name,
        at=now.astimezone(trust.zone),
        practice_run=not all(tenant.is_live for tenant in ready),
        sections=list(dict.fromkeys(section for school in schools for section in school.sections)),
        schools=schools,
        matters=list(find_matters(schools)),
        variations=[row for school in _schools(session) for row in _variations(school, playbooks, now)],
    )
    return SchoolsReport(facts, results)


def _schools(session: TrustSession) -> Sequence[TrustSchool]:
    chosen = set(session.tenants)
    return [school for school in session.trust.schools.values() if not school.central and school.tenants & chosen]


def _load(session: TrustSession, tenant: str) -> Playbooks | None:
    try:
        return load_tenant(session.trust, tenant)
    except PlaybookError:  # the tenant's own run reports it
        return None


def _own_controls(school: TrustSchool, playbooks: Mapping[str, Playbooks]) -> frozenset[str]:
    """Return the controls of which a school has a value of its own."""
    return frozenset(control for loaded in playbooks.values() for control, _ in _own_entries(school, loaded))


def _own_entries(school: TrustSchool, playbooks: Playbooks) -> Iterator[tuple[str, str | None]]:
    for playbook in playbooks.playbooks:
        if playbooks.slices.files.get(playbook.path) == school.short_name:
            yield from ((entry.name, playbook.owner) for entry in playbook.controls)


def _variations(school: TrustSchool, playbooks: Mapping[str, Playbooks], now: datetime) -> Iterator[AgreedVariation]:
    """Yield the settings that a school decides, and its exceptions that apply now. Each counts once."""
    variations: dict[tuple[str, str], AgreedVariation] = {}
    for loaded in playbooks.values():
        for control, owner in _own_entries(school, loaded):
            what = "the school has its own value, as the trust allows"
            row = AgreedVariation(school=school.name, control=control, what=what, until=None, by=owner or "the trust")
            variations.setdefault((control, ""), row)
        for departure in loaded.departures:
            if departure.entry.school == school.short_name and departure.live(now):
                variations[departure.entry.name, departure.name] = AgreedVariation(
                    school=school.name,
                    control=departure.entry.name,
                    what=f"exception {departure.name}: {departure.reason}",
                    until=departure.last_day(now.tzinfo),
                    by=departure.by,
                )
    yield from variations.values()


def write_schools_report(report: SchoolsReport, directory: Path, formats: Sequence[Format]) -> Sequence[Path]:
    """Write the trust's page and a page for each school, and return the files. The JSON is always written.

    Raise UsageError for a format that the report does not have, and ToolkitError if the directory cannot be written.
    """
    for form in formats:
        if form not in FORMATS:
            raise UsageError(f"--format {form}: the report on a trust is html, pdf or json")
        if library := _LIBRARIES.get(form):
            require(library, "reports", f"--format {form}")
    files = dict(_files(report, formats))
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
    except OSError as error:
        raise ToolkitError(f"{directory} cannot be written: {error.strerror}") from error
    return [directory / name for name in files]


def _files(report: SchoolsReport, formats: Sequence[Format]) -> Iterator[tuple[str, bytes]]:
    answer = report.to_dict()
    document: Any = answer["report"]
    names = {school["short_name"]: school["name"] for school in document["schools"]}
    for name, page in trust_pages(document) if {Format.HTML, Format.PDF} & {*formats} else ():
        if Format.HTML in formats:
            yield f"{name}.html", page.encode()
        if Format.PDF in formats:
            yield f"{name}.pdf", page_pdf(document, f"{names.get(name, document['trust'])}: the policy", page)
    yield "trust.json", (json.dumps(answer, ensure_ascii=False, indent=1) + "\n").encode()
