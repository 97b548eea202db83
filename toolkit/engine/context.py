"""The conditions of a run: command, target, identity, selection and limits."""

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path

from toolkit.engine.extension import Extensions
from toolkit.engine.read_tenants import Progress, silent
from toolkit.planning.limits import Allowances
from toolkit.planning.unproven import UnprovenFact
from toolkit.records import dataclass
from toolkit.sdk.connector import Identity, Target
from toolkit.settings.settings import SettingSources


@dataclass(frozen=True, slots=True, kw_only=True)
class RunToUndo:
    """The run that a rollback takes back."""

    run: str
    redoes: str = ""  # the run that it had itself taken back, so that this puts the changes of that run back in place
    same_playbooks: bool = False  # they are as that run read them, so that the next apply repeats its changes


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """The conditions of one run, chosen by its caller."""

    target: Target
    run: str
    now: datetime
    command: str
    identity: Identity
    read_only: bool
    extensions: Extensions  # the features that have a part in it
    allowed: Allowances = field(default_factory=Allowances)
    enforce_at_once: bool = False
    unproven: Sequence[UnprovenFact] = ()  # changes that rest on these facts are compared and not written
    only: Sequence[str] = ()
    provider: str | None = None
    flags: Sequence[str] = ()
    override: str = ""  # why windows and freezes do not count
    undoes: str = ""  # the run that it takes back
    asked: Sequence[str] = ("apply",)  # the command in words, as a refusal gives it with the flags that lift it
    undo: RunToUndo | None = None  # of a rollback
    saved_plan: Path | None = None  # the file that it applies, in place of the playbooks
    prune: bool = False  # take back orphaned objects and settings
    withdraws: bool = False  # the school stops using toolkit: take back everything of ours, and list the rest
    whole: bool = True  # every playbook was read, so orphaned objects are known
    progress: Progress = silent
    sources: SettingSources | None = None
