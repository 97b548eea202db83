"""Prepares a run: settings, target, playbooks, ledger and progress, all closed again at its end.

Commands import this inside their function, so that --help never loads what a run needs.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from toolkit.cli._options import Selection
from toolkit.cli._settings import Settings, read_settings
from toolkit.cli._terminal import Talk, remark, talking
from toolkit.engine.context import RunContext
from toolkit.engine.doctor.sync_folder import warning
from toolkit.engine.emulator import running, settles_within, tenant_now
from toolkit.engine.tenants import refuse_samples
from toolkit.errors import UsageError
from toolkit.features import extensions
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.planning.limits import FREE_DELETES, REACH_GROWTH, Allowances
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.limits import RunDeadline, read_limits
from toolkit.sdk.providers import providers
from toolkit.sdk.school import School


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that a command needs to run."""

    context: RunContext
    playbooks: Playbooks
    ledger: Ledger
    talk: Talk
    school_folder: Path


@contextmanager
def prepared(
    path: Path, selection: Selection, *, command: str, writes: bool, read: Callable[[Path], Playbooks] = load
) -> Iterator[Run]:
    """Open everything for one command; the playbooks are read first, so that their errors cost no sign-in."""
    settings = read_settings()
    if selection.prune and not path.is_dir():
        others = "does not say what the other playbooks ask for"
        raise UsageError(f"--prune: {path} {others}; name their directory: {path.parent}")
    playbooks = read(path)
    identity = Identity.WRITE if writes else Identity.READ
    if synced := warning(settings.directory):
        remark(f"toolkit: {synced}")
    with ExitStack() as stack:
        needed(settings, playbooks.school, identity)
        target, now = stack.enter_context(targeted(settings, playbooks.school))
        talk = stack.enter_context(talking())
        context = RunContext(
            target=target,
            run=uuid4().hex[:12],
            now=now,
            command=command,
            identity=identity,
            read_only=not writes,
            extensions=extensions,
            allowed=_allowed(selection),
            enforce_at_once=selection.enforce_at_once,
            only=selection.only,
            provider=selection.provider,
            flags=selection.flags,
            prune=selection.prune,
            whole=path.is_dir(),
            progress=talk,
            sources=settings.sources,
        )
        yield Run(context, playbooks, stack.enter_context(open_ledger(settings)), talk, settings.folder.path)


def open_ledger(settings: Settings) -> Ledger:
    """Give the ledger of the target; no file is made before something is written or asked."""
    return Ledger(settings.directory, redactor=Redactor(settings.secrets), url=settings.ledger)


@contextmanager
def targeted(settings: Settings, school: School) -> Iterator[tuple[Target, datetime]]:
    """Say where the run goes and what time it is there."""
    deadline = RunDeadline(read_limits(settings.variables).run_seconds)
    if settings.target == "live":
        now = datetime.now(UTC).replace(microsecond=0)
        yield (
            Target(name="live", variables=settings.variables, ca_file=settings.ca_file, deadline=deadline),
            now,
        )
        return
    with running(settings.directory) as ready:
        ca_file = Path(str(ready["ca_file"]))
        target = Target(
            name="emulator",
            variables=settings.variables,
            emulator=ready,
            ca_file=ca_file,
            deadline=deadline,
            settles=settles_within(ready),
        )
        yield target, tenant_now(ready, {tenant.id for tenant in school.tenants.values()})


def needed(settings: Settings, school: School, *identities: Identity) -> None:
    """Go on where a live run has a school of its own and every variable that its identities need; else UsageError."""
    if settings.target != "live":
        return
    refuse_samples(school)
    missing = [
        variable
        for name in school.tenants
        for identity in identities
        for variable in providers()[name].credentials(settings.variables, identity)
    ]
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise UsageError(f"TOOLKIT_TARGET is live, and these are not set: {names}; see .env.example")


def _allowed(selection: Selection) -> Allowances:
    return Allowances(
        changes=frozenset(selection.allow_changes),
        deletes=FREE_DELETES if selection.allow_deletes is None else selection.allow_deletes,
        reach=REACH_GROWTH if selection.reach is None else selection.reach,
        past_pilot=selection.reach or 0,
    )
