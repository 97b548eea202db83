"""Open the target and the ledger of a run, fix its time, and close both at the end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from toolkit.engine.context import RunContext
from toolkit.engine.desired_state import refuse_unreviewed_settings
from toolkit.engine.emulator import find_or_start_emulator, read_emulated_time, read_lag_seconds
from toolkit.engine.extension import Extensions
from toolkit.engine.first_run import find_unproven_facts
from toolkit.engine.processor_time import watch_processor
from toolkit.engine.read_tenants import Progress, ignore_message
from toolkit.engine.selection import EVERYTHING, Selection
from toolkit.engine.tenants import refuse_sample_school, school_of_emulated_tenants
from toolkit.errors import LedgerError, UsageError
from toolkit.ledger.chain import Head
from toolkit.ledger.gate import open_gate
from toolkit.ledger.ledger import Ledger
from toolkit.messages import did_you_mean, one_of, quoted
from toolkit.planning.limits import COVER_LOSS, FREE_DELETES, REACH_GROWTH, Allowances
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.credentials import SEPARATE_IDENTITIES, use_separate_identity
from toolkit.sdk.limits import RunDeadline, read_limits
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.shared_reads import SharedReads
from toolkit.settings.settings import Settings
from toolkit.settings.synced_folders import sync_warning

_WAIT_FOR_ANSWERS = ("apply", "due")  # a command that preserves evidence never waits
_BEGIN_SMALL = ("plan", "apply")  # the commands that show and make the first write
_RECORDS_ONLY = ("custody",)  # writes to the register and the ledger, never to a tenant

Remark = Callable[[str], None]
"""A function that shows the admin a sentence outside the answer."""


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """The playbooks, target, time and ledger of a run."""

    context: RunContext
    playbooks: Playbooks
    ledger: Ledger


class SessionReading:
    """A session in which several commands share a sign-in and a read of the tenants.

    Each command counts as run at the time of this read. If another run has recorded an entry since then, the tenants
    may have changed, so the next command reads again.
    """

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._target: Target | None = None
        self._now: datetime | None = None
        self._head: Head | None = None

    def begin_command(self, settings: Settings, school: School, ledger: Ledger) -> tuple[Target, datetime]:
        """Return the target and the time for the next command of a session. The first command opens the target."""
        if self._head != _read_ledger_head(ledger):
            self.close_connections()
        if self._target is None or self._now is None:
            shared = SharedReads()
            target, self._now = self._opened.enter_context(open_target(settings, school))
            self._opened.callback(shared.close)
            self._target = replace(target, shared=shared)
        if self._target.shared and self._target.deadline:
            self._target.shared.begin_command()
            self._target.deadline.restart()
        return self._target, self._now

    def end_command(self, ledger: Ledger) -> None:
        """Remember the last entry of the ledger, so that the next command can see whether another run wrote."""
        with suppress(LedgerError):  # which the next command raises
            self._head = _read_ledger_head(ledger)

    def close_connections(self) -> None:
        """Close the connections, so that the next command signs in and reads again."""
        self._target = self._now = None
        self._opened.close()


def _read_ledger_head(ledger: Ledger) -> Head | None:
    return ledger.head() if ledger.exists() else None


@contextmanager
def prepare_run(
    playbooks: Playbooks,
    settings: Settings,
    selection: Selection = EVERYTHING,
    *,
    extensions: Extensions,
    command: str,
    writes: bool,
    progress: Progress = ignore_message,
    remark: Remark = ignore_message,
    reading: SessionReading | None = None,
) -> Iterator[PreparedRun]:
    """Yield the target, the time and the ledger of a run.

    Raise UsageError if the settings or playbooks do not allow the run. A run that only reads shares the `reading` of
    its session.
    """
    if selection.prune:
        _refuse_pruning_of_one_file(playbooks)
    for word in selection.only:
        _refuse_clause_as_selection(word, playbooks)
    _show_warnings(playbooks, settings, remark)
    identity = Identity.WRITE if writes and command not in _RECORDS_ONLY else Identity.READ
    if writes and command in SEPARATE_IDENTITIES:
        settings = replace(settings, variables=use_separate_identity(settings.variables, command))
    ledger = None
    with ExitStack() as stack:
        check_credentials(settings, playbooks.school, identity)
        if writes and settings.target == "live" and command in _WAIT_FOR_ANSWERS:
            _refuse_unanswered_questions(playbooks.school)
        if reading and not writes:
            ledger = stack.enter_context(open_ledger(settings, remark))
            stack.callback(reading.end_command, ledger)
            target, now = reading.begin_command(settings, playbooks.school, ledger)
        else:
            target, now = stack.enter_context(open_target(settings, playbooks.school))
        if target.deadline:
            stack.enter_context(watch_processor(target.deadline))
        refuse_unreviewed_settings(playbooks, now, live=settings.target == "live")
        context = _create_context(
            playbooks,
            settings,
            selection,
            target=target,
            now=now,
            command=command,
            identity=identity,
            read_only=not writes,
            extensions=extensions,
            progress=progress,
        )
        ledger = ledger or stack.enter_context(open_ledger(settings, remark))
        if target.deadline:
            target.deadline.gate = stack.enter_context(open_gate(ledger))
        yield PreparedRun(context, playbooks, ledger)


def _show_warnings(playbooks: Playbooks, settings: Settings, remark: Remark) -> None:
    if synced := sync_warning(settings.directory):
        remark(f"toolkit: {synced}")
    for problem in playbooks.earlier_keys:
        remark(f"toolkit: {problem}")


def _create_context(
    playbooks: Playbooks,
    settings: Settings,
    selection: Selection,
    *,
    target: Target,
    now: datetime,
    command: str,
    identity: Identity,
    read_only: bool,
    extensions: Extensions,
    progress: Progress,
) -> RunContext:
    return RunContext(
        target=target,
        run=new_run_id(),
        now=now,
        command=command,
        identity=identity,
        read_only=read_only,
        extensions=extensions,
        allowed=limits_of_run(selection, target=settings.target, command=command),
        enforce_at_once=selection.enforce_at_once,
        unproven=find_unproven_facts(settings, playbooks.school, selection.unverified),
        only=selection.only,
        provider=selection.provider,
        flags=selection.flags,
        prune=selection.prune,
        has_all_playbooks=playbooks.file is None and not playbooks.slices.selection,
        progress=progress,
        sources=settings.sources,
    )


def _refuse_pruning_of_one_file(playbooks: Playbooks) -> None:
    """Raise UsageError if a run with `--prune` has loaded only a single playbook file. Pruning needs all playbooks."""
    if playbooks.file:
        raise UsageError(
            f"--prune needs all playbooks, but {playbooks.file} is a single file. Name the folder: {playbooks.root}"
        )


def _refuse_clause_as_selection(selected_name: str, playbooks: Playbooks) -> None:
    """Raise UsageError if `--only` names a policy clause, because it must name a control or an object."""
    for name in (
        clause.name for clause in playbooks.policy.clauses if clause.name.casefold() == selected_name.casefold()
    ):
        clause_controls = {
            control
            for playbook in playbooks.playbooks
            if name in playbook.clauses
            for control in playbook.control_names
        }
        advice = f" Name a control or an object: {one_of(sorted(clause_controls))}." if clause_controls else ""
        raise UsageError(
            f"--only {selected_name} names a clause of the policy.{advice} `toolkit policy {name}` shows the clause"
        )


def _refuse_unanswered_questions(school: School) -> None:
    """Raise UsageError if questions in the school file are unanswered, because protected accounts may be missing."""
    if school.unanswered_keys:
        raise UsageError(
            f"{school.origin}: `unanswered` still names {', '.join(school.unanswered_keys)}. Write the answers and "
            "delete the names from the list. Until then, nothing is written to a real tenant"
        )


def new_run_id() -> str:
    """Return the id of a new run."""
    return uuid4().hex[:12]


def open_ledger(settings: Settings, remark: Remark = ignore_message) -> Ledger:
    """Return the ledger for the target. Its file is created at the first read or write."""
    return Ledger(settings.directory, redactor=settings.redactor, url=settings.ledger, remark=remark)


@contextmanager
def open_target(settings: Settings, school: School) -> Iterator[tuple[Target, datetime]]:
    """Yield the target of a run and the time of the run.

    If an emulator is started for the run, it ends with the run.
    """
    deadline = RunDeadline(read_limits(settings.variables).run_seconds)
    if settings.target == "live":
        now = datetime.now(UTC).replace(microsecond=0)
        yield Target(name="live", variables=settings.variables, ca_file=settings.ca_file, deadline=deadline), now
        return
    ids = {tenant.id for tenant in school.tenants.values()}
    with find_or_start_emulator(settings.emulator_directory, ids, school_of_emulated_tenants(school)) as ready:
        target = Target(
            name="emulator",
            variables=settings.variables,
            emulator=ready,
            ca_file=Path(str(ready["ca_file"])),
            deadline=deadline,
            settles=read_lag_seconds(ready),
        )
        yield target, read_emulated_time(ready, ids)


def check_credentials(settings: Settings, school: School, *identities: Identity) -> None:
    """Raise UsageError if a live run uses the sample school, or if a variable for a credential is missing or wrong."""
    clouds = [find_credential_mistakes(settings, school, identity) for identity in identities]
    problems = list(dict.fromkeys(text for cloud in clouds for texts in cloud.values() for text in texts))
    missing = {identity: find_missing_credentials(settings, school, identity) for identity in identities}
    names = [name for clouds in missing.values() for variables in clouds.values() for name in variables]
    if names:
        steps = " and ".join(f"`toolkit permissions --{identity}`" for identity, lacking in missing.items() if lacking)
        problems.append(
            f"TOOLKIT_TARGET is live, and these are not set: {', '.join(dict.fromkeys(names))}. The steps that set "
            f"them: {steps}. .env.example explains each variable"
        )
    if problems:
        raise UsageError("; ".join(problems))


def find_missing_credentials(settings: Settings, school: School, identity: Identity) -> Mapping[str, Sequence[str]]:
    """Return the environment variables that an identity still needs, by cloud.

    Raise UsageError for the sample school.
    """
    if settings.target != "live":
        return {}
    refuse_sample_school(school)
    missing = {name: providers()[name].ways.missing_variables(settings.variables, identity) for name in school.tenants}
    return {name: variables for name, variables in missing.items() if variables}


def find_credential_mistakes(settings: Settings, school: School, identity: Identity) -> Mapping[str, Sequence[str]]:
    """Return a sentence for each wrong environment variable of an identity, by cloud. No request is sent."""
    if settings.target != "live":
        return {}
    mistakes = {name: providers()[name].ways.find_mistakes(settings.variables, identity) for name in school.tenants}
    return {name: texts for name, texts in mistakes.items() if texts}


def limits_of_run(selection: Selection, *, target: str, command: str) -> Allowances:
    """Return the limits of a run, with the flags that lift them.

    In the first run that writes to a live tenant, the objects of only one control may change.
    """
    kind_names = [f"{name}.{kind}" for name in providers() for kind in kinds(name)]
    for kind in selection.allow_changes:
        if kind not in kind_names:
            raise UsageError(f"--allow-changes: unknown kind {quoted(kind)}{did_you_mean(kind, kind_names)}")
    return Allowances(
        changes=frozenset(selection.allow_changes),
        deletes=FREE_DELETES if selection.allow_deletes is None else selection.allow_deletes,
        reach=REACH_GROWTH if selection.reach is None else selection.reach,
        named_reach=selection.reach or 0,
        lose=COVER_LOSS if selection.lose is None else selection.lose,
        named_lose=selection.lose or 0,
        several_at_first=bool(selection.only) or target != "live" or command not in _BEGIN_SMALL,
    )
