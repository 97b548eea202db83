"""The parts of a trust's run that concern each school, for the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime

from toolkit.ledger.act_kinds import HIDDEN_KINDS
from toolkit.ledger.entries import Entry, StepBegan, StepEnded, StepFailed
from toolkit.ledger.findings import DriftSeen, Sighting
from toolkit.ledger.school_parts import SchoolFinding, SchoolPart, SchoolStep
from toolkit.ledger.school_words import SchoolWords, words_of
from toolkit.playbook.slices import Slices
from toolkit.records import dataclass
from toolkit.sdk.resource import parse_address
from toolkit.values import plain

_ALWAYS = frozenset({"apply", "drift", "check"})
"""The commands of which each school has a part, even if nothing of the school was written or found."""


@dataclass(slots=True)
class SchoolJournal:
    """The records of a run in a tenant of several schools."""

    command: str
    slices: Slices
    steps: list[StepBegan] = field(default_factory=list)
    results: dict[int, str] = field(default_factory=dict)
    findings: Sequence[Sighting] = ()

    def add(self, entry: Entry) -> None:
        """Add an entry of the run."""
        match entry:
            case StepBegan() if entry.address.kind not in HIDDEN_KINDS:
                self.steps.append(entry)
            case StepEnded():
                self.results[entry.step] = "done"
            case StepFailed():
                self.results[entry.step] = "failed"
            case DriftSeen():
                self.findings = entry.found
            case _:
                pass

    def parts(self, run: str, at: datetime) -> Iterator[SchoolPart]:
        """Yield the part of each school that the run covers, without names, addresses and settings of others."""
        for school in self.slices.covered_schools:
            words = words_of(school, self.slices.schools)
            steps = tuple(self._to_step(step, words) for step in self.steps if school in step.schools)
            findings = tuple(_to_finding(row, words) for row in self.findings if school in row.schools)
            if steps or findings or self.command in _ALWAYS:
                yield SchoolPart(
                    run=run, at=at, command=self.command, steps=steps, findings=findings, schools=(school,)
                )

    def _to_step(self, step: StepBegan, words: SchoolWords) -> SchoolStep:
        sent = {name: plain(value) for name, value in (step.sent or {}).items()}
        own, left_out = words.own_value({} if step.address.label else sent)  # a person's texts are never in it
        return SchoolStep(
            step=step.step,
            action=str(step.action),
            address=_own_object(str(step.address), words),
            result=self.results.get(step.step, "unknown"),
            settings=own if isinstance(own, Mapping) else {},
            left_out=left_out,
        )


def _to_finding(sighting: Sighting, words: SchoolWords) -> SchoolFinding:
    setting = sighting.path if words.is_own(sighting.path) else ""
    return SchoolFinding(
        address=_own_object(sighting.address, words), setting=setting, what=sighting.what, since=sighting.since
    )


def _own_object(address: str, words: SchoolWords) -> str:
    """Return an address, or only its kind if the name has another school's."""
    return address if words.is_own(address) else parse_address(address).kind_path
