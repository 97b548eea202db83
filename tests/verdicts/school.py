"""A school of four people without any faults, as pure values: the sample playbooks with everything confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.door import SAMPLES
from toolkit.controls.control import controls
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.planning.audience.resolve import find_needed_groups
from toolkit.planning.expand import Expansion, expand
from toolkit.playbook.attestations import Attestation, Trial
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.policy_entries import Clause, Evidence
from toolkit.playbook.register_clocks import Incident, Loan, Request
from toolkit.playbook.registers import Acknowledgement, Approval, Attested, Registers
from toolkit.sdk.directory import Directory, Group, Person
from toolkit.sdk.part import Level, Part
from toolkit.sdk.resource import Origin

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
PEOPLE = 4
HEAD = "amara.ashdown"
"""The sender of urgent messages in the sample playbooks, who needs an account so that these messages can pass."""
_MONTH_AGO, _YEAR_ON = date(2026, 10, 10), date(2027, 10, 9)
_WRITTEN = Origin("90-attestations.yaml", 1)


@cache
def table() -> Mapping[str, Any]:
    """Read the table of faults and the clauses that each fault breaks."""
    read: Mapping[str, Any] = YAML(typ="safe").load(Path(__file__).parent / "faults.yaml")
    return read


@dataclass(frozen=True)
class PartRow:
    """One part in the table of faults, with the clauses that depend on it."""

    control: str
    cloud: str
    part: str
    source: str
    clauses: frozenset[str]
    kinds: tuple[str, ...] = ()
    optional: bool = False
    per_person: bool = False


@cache
def part_rows() -> Sequence[PartRow]:
    """Read the parts in the table of faults, with the clauses that depend on each part."""
    return [
        PartRow(
            control=name,
            cloud=row["cloud"],
            part=row["part"],
            source=row["known"],
            clauses=frozenset(
                clause
                for clause in control["clauses"]
                if row["part"] in control.get("only", {}).get(clause, [row["part"]])
            ),
            kinds=tuple(f"{row['cloud']}.{kind}" for kind in row.get("kinds", ())),
            optional=row.get("optional", False),
            per_person=row.get("per_person", False),
        )
        for name, control in table()["controls"].items()
        for row in control["parts"]
    ]


@dataclass(frozen=True)
class Faultless:
    """The playbooks and the expanded controls of a school of four people, with all evidence on file."""

    playbooks: Playbooks
    expansion: Expansion
    titles: Mapping[str, str] = field(
        default_factory=lambda: {"microsoft365": "Microsoft 365", "google_workspace": "Google Workspace"}
    )


@cache
def faultless(*, has_exception: bool = False) -> Faultless:
    """Return the school, with or without a current exception."""
    loaded = load(SAMPLES)
    began = NOW - timedelta(days=1)
    departures = [
        replace(departure, begins=began, ends=NOW + timedelta(days=1))
        for departure in loaded.departures
        if has_exception
    ]
    playbooks = replace(loaded, departures=tuple(departures))
    names = (HEAD, *(f"person{n}" for n in range(1, PEOPLE)))
    people = {str(n): Person(str(n), f"{name}@{loaded.school.domains[0]}", name) for n, name in enumerate(names)}
    directories = {
        name: Directory(
            people,
            {group: Group(group, group, group, frozenset(people)) for group in find_needed_groups(playbooks, name)},
        )
        for name in playbooks.school.tenants
    }
    expansion = expand(playbooks, cloud_catalogues([*directories]), controls(), directories, now=NOW)
    return Faultless(_on_file(playbooks, expansion), expansion)


def _on_file(playbooks: Playbooks, expansion: Expansion) -> Playbooks:
    """Confirm and test everything, and fill the registers and the document."""
    parts = {(c.control, c.provider, p.name): p for c in expansion.controls for p in c.realisation.parts}
    confirmed = [_confirmation(*key) for key, part in parts.items() if _is_confirmed(part)]
    tests = [trial for trial in playbooks.trials if trial.has_passed]
    clauses = playbooks.policy.clauses
    document = playbooks.policy.document
    assert document is not None
    versions = [version.model_copy(update={"on": version.on or _MONTH_AGO}) for version in document.versions]
    renewed = {"ratified": _MONTH_AGO, "review_due": _YEAR_ON, "signed_by": "Chair of Governors", "signed": _MONTH_AGO}
    return replace(
        playbooks,
        attestations=tuple(confirmed),
        trials=tuple(tests),
        registers=_registers(clauses),
        policy=replace(playbooks.policy, document=document.model_copy(update={**renewed, "versions": versions})),
    )


def _is_confirmed(part: Part) -> bool:
    return part.level is Level.MANUAL and not part.tested


def _confirmation(control: str, provider: str, part: str) -> Attestation:
    return Attestation(
        control=control,
        provider=provider,
        part=part,
        by="Head Teacher",
        on=_MONTH_AGO,
        until=_YEAR_ON,
    ).place(_WRITTEN, {"on": 1, "control": 1})


def failed_test(part: str, trials: Sequence[Trial]) -> Trial:
    """Return a test of today that failed, with the details of the part's last test."""
    (last,) = [trial for trial in trials if trial.part == part]
    return last.model_copy(update={"on": NOW.date(), "result": "failed"})


def _registers(clauses: Sequence[Clause]) -> Registers:
    def clause_names(sort: Evidence) -> list[str]:
        return [clause.name for clause in clauses if sort in clause.evidence]

    return Registers(
        approvals=tuple(
            Approval(clause=name, what="something", by="Head Teacher", on=_MONTH_AGO)
            for name in clause_names(Evidence.APPROVALS)
        ),
        incidents=tuple(
            Incident(clause=name, what="something", on=_MONTH_AGO, closed=_MONTH_AGO)
            for name in clause_names(Evidence.INCIDENTS)
        ),
        requests=tuple(
            Request(clause=name, what="x", asked="y", on=_MONTH_AGO, decided=_MONTH_AGO, answer="refused", by="Head")
            for name in clause_names(Evidence.REQUESTS)
        ),
        loans=(Loan(log_in="Supply 1", to="supply teacher", on=_MONTH_AGO, until=_MONTH_AGO, back=_MONTH_AGO),),
        acknowledgements=(Acknowledgement(role="staff", on=_MONTH_AGO, signed=PEOPLE, of=PEOPLE),),
        attested=tuple(
            Attested(clause=name, by="Head Teacher", on=_MONTH_AGO) for name in clause_names(Evidence.ATTESTED)
        ),
    )
