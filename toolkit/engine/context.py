"""The conditions of a run: command, target, identity, selection and limits."""

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path

from toolkit.engine.extension import Extensions
from toolkit.engine.read_tenants import Progress, ignore_message
from toolkit.planning.limits import Allowances
from toolkit.planning.unproven import UnprovenFact
from toolkit.records import dataclass
from toolkit.school.signers import PlanApproval
from toolkit.sdk.connector import Identity, Target
from toolkit.settings.settings import SettingSources


@dataclass(frozen=True, slots=True, kw_only=True)
class RunToUndo:
    """The earlier run that a rollback undoes."""

    run: str
    redoes: str = ""  # the run that it had rolled back, so that this rollback repeats that run's changes
    same_playbooks: bool = False  # the playbooks are unchanged since then, so the next apply repeats its changes


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """The conditions of a run: its command, target, identity, selection and limits. The caller sets them."""

    target: Target
    run: str
    now: datetime
    command: str
    identity: Identity
    read_only: bool
    extensions: Extensions  # the features of the run
    allowed: Allowances = field(default_factory=Allowances)
    enforce_at_once: bool = False
    unproven: Sequence[UnprovenFact] = ()  # changes that rest on these facts are only compared
    only: Sequence[str] = ()
    provider: str | None = None
    flags: Sequence[str] = ()
    override: str = ""  # the reason for a write outside the change windows
    undone_run: str = ""  # the run that this run rolls back
    command_words: Sequence[str] = ("apply",)  # the words of the command, for the message of a refusal
    undo: RunToUndo | None = None  # only for a rollback
    saved_plan: Path | None = None  # the file to apply instead of the playbooks
    approval: PlanApproval | None = None  # of the saved plan, by a key of the school file
    prune: bool = False  # take back orphaned objects and settings
    withdraws_everything: bool = False  # the school stops using toolkit, so everything of ours is taken back
    has_all_playbooks: bool = True  # every playbook was read, so orphaned objects are known
    progress: Progress = ignore_message
    sources: SettingSources | None = None
