"""Find register entries that are dated in the future. A report lists these entries but does not count them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from toolkit.board_report.plain_language import title_of
from toolkit.playbook.choices import CHOICES
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.records import RECORDS
from toolkit.records import dataclass


def without_future_entries(playbooks: Playbooks, today: date) -> Playbooks:
    """Return the playbooks without register entries and ends of incidents that are dated in the future."""
    registers = playbooks.registers
    filtering = registers.filtering
    if filtering.reviewed and filtering.reviewed > today:
        filtering = filtering.model_copy(update={"reviewed": None})
    incidents = [
        entry.model_copy(update={"closed": None}) if entry.closed and entry.closed > today else entry
        for entry in registers.incidents
        if entry.on <= today
    ]
    return replace(
        playbooks,
        attestations=tuple(entry for entry in playbooks.attestations if entry.on <= today),
        trials=tuple(entry for entry in playbooks.trials if entry.on <= today),
        registers=replace(
            registers,
            approvals=tuple(entry for entry in registers.approvals if entry.on <= today),
            acknowledgements=tuple(entry for entry in registers.acknowledgements if entry.on <= today),
            attested=tuple(entry for entry in registers.attested if entry.on <= today),
            records=tuple(entry for entry in registers.records if entry.on <= today),
            incidents=tuple(incidents),
            filtering=filtering,
        ),
    )


@dataclass(frozen=True, slots=True)
class FutureEntry:
    """An entry in the school's registers that is dated in the future."""

    what: str
    on: date


def future_entries(playbooks: Playbooks, today: date) -> list[FutureEntry]:
    """Return the entries in the school's registers that are dated in the future."""
    return [FutureEntry(what, on) for what, on in _dated_entries(playbooks) if on > today]


def _dated_entries(playbooks: Playbooks) -> Iterator[tuple[str, date]]:
    registers = playbooks.registers
    yield from ((f"acknowledgement by {entry.role}", entry.on) for entry in registers.acknowledgements)
    yield from ((f"confirmation of {entry.clause}", entry.on) for entry in registers.attested)
    yield from ((f"approval for {entry.clause}", entry.on) for entry in registers.approvals)
    yield from ((f"incident about {entry.clause}", entry.on) for entry in registers.incidents)
    yield from ((f"request about {entry.clause}", entry.on) for entry in registers.requests)
    yield from ((f"loan of {entry.log_in}", entry.on) for entry in registers.loans)
    closed = ((entry.clause, entry.closed) for entry in registers.incidents if entry.closed)
    yield from ((f"end of an incident about {clause}", on) for clause, on in closed)
    yield from ((RECORDS[entry.record].title, entry.on) for entry in registers.records)
    yield from ((f"confirmation of {title_of(entry.control)}", entry.on) for entry in playbooks.attestations)
    yield from ((f"test of {entry.part}", entry.on) for entry in playbooks.trials)
    yield from ((f"approval of the exception {entry.name}", entry.on) for entry in playbooks.departures)
    yield from ((f"accepted difference {entry.address.name}", entry.on) for entry in playbooks.acceptances)
    if registers.filtering.reviewed:
        yield "annual review of filtering and monitoring", registers.filtering.reviewed
    for name, decision in playbooks.decisions.decided.items():
        yield f"decision: {CHOICES[name].question if name in CHOICES else name}", decision.on
