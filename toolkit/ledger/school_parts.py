"""Ledger entries about a school of a trust: its part of a run, its freezes, and an extract for the school."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from toolkit.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolStep:
    """A write to an object of the school, without settings of another school."""

    step: int
    action: str
    address: str  # of the object, or only its kind if the name has another school's
    result: str  # done, failed or unknown
    settings: Mapping[str, object]  # the sent settings that are not another school's
    left_out: int = 0  # settings or entries of lists that are, or may be, another school's


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolFinding:
    """A difference of an object of the school."""

    address: str
    setting: str
    what: str
    since: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolPart:
    """The part of a run in a tenant of several schools that concerns one of them."""

    run: str
    at: AwareDatetime
    command: str
    steps: tuple[SchoolStep, ...] = ()
    findings: tuple[SchoolFinding, ...] = ()
    schools: tuple[str, ...]
    kind: Literal["school_part"] = "school_part"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolFreeze:
    """A decision that nothing is written to a school until a date, or that its freeze ends early.

    A later decision on the same school replaces an earlier decision.
    """

    run: str
    at: AwareDatetime
    school: str  # its short name, or all
    until: date | None  # the last day, or None if the freeze ends early
    by: str  # a role
    reason: str  # "" if the freeze ends early
    schools: tuple[str, ...]  # the schools of the tenant that it concerns
    kind: Literal["school_freeze"] = "school_freeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolExtract:
    """A record that an extract was made for a school. It fixes which entries are in the extract with their text."""

    run: str
    at: AwareDatetime
    entries: int  # how many, before this entry
    numbers: str  # SHA-256 of their numbers, with commas between them
    schools: tuple[str, ...]
    kind: Literal["school_extract"] = "school_extract"
