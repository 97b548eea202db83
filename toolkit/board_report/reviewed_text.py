"""Read the texts of a report that people review: external standards, risks and fixed sentences."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from toolkit.playbook.policy_entries import Clause
from toolkit.records import dataclass


@dataclass(frozen=True, slots=True)
class StandardsEntry:
    """A subject with its ids in external standards, and how serious a gap in it is, from 3 (most serious) to 1."""

    serious: int
    ids: Mapping[str, tuple[str, ...]]
    title: str = ""  # of a subject without a control
    clauses: tuple[str, ...] = ()  # of the sample policy, in addition to clauses that name it
    evidence: tuple[str, ...] = ()  # of clauses about it in another policy

    def is_about(self, clause: Clause, policy: Sequence[Clause]) -> bool:
        """Return whether a clause is about the subject although it does not name its control.

        `policy` has all clauses. The clauses of the sample policy are listed. In a school's own policy, the evidence
        of a clause decides.
        """
        if any(other.name in self.clauses for other in policy):
            return clause.name in self.clauses
        return bool(set(clause.evidence) & set(self.evidence))


@dataclass(frozen=True, slots=True)
class Standard:
    """An external standard, in the edition that its entries follow."""

    title: str
    edition: str
    ids: tuple[str, ...]  # the prefixes of the ids of its rows
    members: bool = False  # only for a school that is a member


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement of a standard, and the names of the controls and records that are evidence for it."""

    id: str
    asks: str
    controls: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    topic: bool = False  # they only cover the same topic
    accounts: str = ""  # the accounts that it is about, "administrators" or "all", if accounts are evidence for it
    short: str = ""  # on page one, if the school applies for the certificate


@dataclass(frozen=True, slots=True)
class Standards:
    """The standards with their editions and requirements, and the ids of other standards by subject."""

    versions: Mapping[str, str]
    controls: Mapping[str, StandardsEntry]
    standards: Mapping[str, Standard]
    requirements: Sequence[Requirement]

    def entry(self, control: str) -> StandardsEntry:
        """Return the standards entry of a control. A control that has no entry gets the lowest weight."""
        return self.controls.get(control) or StandardsEntry(1, {})


_UK = "uk"
"""The key of the standards that have rows in the file."""


@cache
def standards() -> Standards:
    written = _read_toml("standards.toml")
    versions = {**written["versions"], _UK: "UK standards and law"}
    rows = [Requirement(**{**row, **_to_tuples(row)}) for row in written["requirement"]]
    entries = {
        name: StandardsEntry(
            entry["serious"],
            {key: ids for key in versions if (ids := _requirement_ids(name, key, entry, rows))},
            entry.get("title", ""),
            tuple(entry.get("clauses", ())),
            tuple(entry.get("evidence", ())),
        )
        for name, entry in written["control"].items()
    }
    return Standards(
        versions,
        entries,
        {name: Standard(**{**standard, **_to_tuples(standard)}) for name, standard in written["standard"].items()},
        rows,
    )


def _to_tuples(row: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return {key: tuple(value) for key, value in row.items() if isinstance(value, list)}


def _requirement_ids(name: str, key: str, entry: Mapping[str, Any], rows: Sequence[Requirement]) -> tuple[str, ...]:
    return tuple(row.id for row in rows if name in row.controls) if key == _UK else tuple(entry.get(key, ()))


@cache
def risk_by_control() -> Mapping[str, str]:
    """Return a table that gives, for the name of each control, the risk if the control is missing."""
    return {f"{area}.{name}": line for area, lines in _read_toml("risks.toml").items() for name, line in lines.items()}


@cache
def fixed_sentences() -> Mapping[str, Any]:
    """Return the fixed sentences of a report."""
    return _read_yaml("boilerplate.yaml")


def _read_toml(name: str) -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / name).read_text("utf-8"))


def _read_yaml(name: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    written: Mapping[str, Any] = YAML(typ="safe", pure=True).load((files(__package__) / name).read_text("utf-8"))
    return written
