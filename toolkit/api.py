"""toolkit for a script: plan, apply and check a school without the command line.

Every function takes the playbooks that `load` returned. Settings are read from the environment and the school's `.env`,
as the commands do, or given (`RunOptions`). A run is as safe as the same command: it compares the tenant with the
school file before it reads anything else, keeps to limits, windows and freezes, writes only with a lock on the ledger,
and records what it does. Only `apply` and `withdraw` can write to a tenant. Nothing is printed.

Every error is a `toolkit.errors.ToolkitError`; its `exit` is the exit code that the command would end with:

- `PlaybookError`: the playbooks cannot be used; `problems` holds each with file and line.
- `UsageError`: the settings or arguments make no sense together.
- `WrongTenant`: the credentials lead to another school's tenant. Nothing was read.
- `ServiceError`: no tenant could be read. What only one part of a tenant refuses is in the report instead.
- `LedgerError`: the ledger is damaged, cannot be reached, or is locked by another run.

    >>> from toolkit import api
    >>> report = api.plan(api.load("playbooks"))
    >>> [str(change.address) for change in report.plan.changes]
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.reports import export_report, release_report, respond_to_matter
from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.reach import silent
from toolkit.engine.run_report import Report
from toolkit.engine.runs import apply_run, plan_run
from toolkit.engine.selection import EVERYTHING, Selection
from toolkit.errors import UsageError
from toolkit.features import RunOptions, open_run
from toolkit.holds.register import KEY as HOLDS_KEY
from toolkit.holds.register import refuse_while_held
from toolkit.ledger.lease import Lease
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load as load_playbooks
from toolkit.playbook.load import load_school
from toolkit.render.plan_file import PlanFile, read_plan_file
from toolkit.settings.settings import Settings, read_settings

if TYPE_CHECKING:
    from toolkit.board_report.export_files import WrittenReport
    from toolkit.drift.run import DriftReport
    from toolkit.engine.check import CheckReport
    from toolkit.engine.forget import ForgetReport
    from toolkit.engine.policy import PolicyReport

__all__ = [
    "CheckReport",
    "DriftReport",
    "ForgetReport",
    "Format",
    "Pack",
    "Playbooks",
    "PolicyReport",
    "Report",
    "RunOptions",
    "Selection",
    "Settings",
    "WrittenReport",
    "apply",
    "check",
    "detect_drift",
    "dpo_pack",
    "evaluate_policy",
    "export_report",
    "forget",
    "load",
    "plan",
    "read_settings",
    "release_report",
    "respond_to_matter",
    "withdraw",
]

_REPORTS = {
    "CheckReport": "toolkit.engine.check",
    "DriftReport": "toolkit.drift.run",
    "ForgetReport": "toolkit.engine.forget",
    "PolicyReport": "toolkit.engine.policy",
    "WrittenReport": "toolkit.board_report.export_files",
}
"""Where types are whose modules only some functions need, such as what writes workbooks."""


def __getattr__(name: str) -> object:
    """Load the module of a type when it is first asked for."""
    if module := _REPORTS.get(name):
        return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load(path: Path | str) -> Playbooks:
    """Return the playbooks of a directory, or of one file in it, typed and checked; no tenant is asked.

    `school` is the school file, `playbooks` holds the controls and resources with file and line. PlaybookError with
    every problem at once.

        >>> api.load("playbooks").school.name
        'Example Primary School'
    """
    return load_playbooks(Path(path))


def plan(playbooks: Playbooks, selection: Selection = EVERYTHING, **options: Unpack[RunOptions]) -> Report:
    """Return what `apply` would do; nothing is written, neither to a tenant nor to the ledger.

    `report.plan.changes` holds each create, update, move and delete, in the order in which they would be made, with
    `address` and `desired`. `plan.unknown` is what could not be read, `plan.refused` what `apply` would refuse, and
    `report.limits` names each limit that the plan exceeds. `report.exit` is 0 (nothing to do), 3 (changes), 4
    (something could not be read) or 5 (something is refused).

        >>> api.plan(school, Selection(provider="microsoft365")).exit
        <Exit.PENDING: 3>
    """
    with open_run(playbooks, selection, command="plan", **options) as run:
        return plan_run(run.context, playbooks, run.ledger)


def apply(
    playbooks: Playbooks,
    confirm: Callable[[Report], bool],
    selection: Selection = EVERYTHING,
    *,
    saved_plan: Path | None = None,
    override: str = "",
    **options: Unpack[RunOptions],
) -> Report:
    """Make the tenants agree with the playbooks, and return how that went.

    `confirm` is given the report of the plan and returns whether to write it; it has no say over limits. `report.
    outcomes` holds each change with its result, and is None where nothing was to be written or `confirm` said no.
    With `saved_plan`, a file of `toolkit plan -o`, exactly that plan is applied, with the selection that it was made
    with. `override` is the recorded reason to write outside the school's windows and in a freeze.

    UnsafePlan where the plan exceeds a limit, StalePlan where the saved plan is not what would be applied now,
    LeaseHeld where another run is writing. Nothing was written in these cases.

        >>> report = api.apply(school, confirm=lambda report: len(report.plan.changes) < 10)
        >>> [(outcome.address, outcome.result) for outcome in report.outcomes or ()]
    """
    from toolkit.engine.first_run import FirstRun

    settings = options["settings"] = options.get("settings") or read_settings(playbooks.root)
    saved = read_plan_file(saved_plan, "apply") if saved_plan else None
    if saved:
        selection = saved.narrowed(selection)._replace(prune=saved.written.prune)
    with open_run(playbooks, selection, command="apply", writes=True, **options) as run:
        report = _apply(replace(run, context=replace(run.context, override=override)), confirm, saved, options)
        if run.context.target.live:
            FirstRun.of(settings, playbooks.school).keep_written(report)
        return report


def withdraw(
    playbooks: Playbooks,
    confirm: Callable[[Report], bool] | None,
    selection: Selection = EVERYTHING,
    *,
    saved_plan: Path | None = None,
    override: str = "",
    **options: Unpack[RunOptions],
) -> Report:
    """Take back everything that this ledger says is the toolkit's, and return how that went.

    The playbooks only say which school it is. What we made is deleted, what we changed gets back what the ledger
    remembers, and `report.plan.kept` holds what stays, each with its reason: never a hold, nor what keeps evidence.
    It is planned, limited, confirmed and recorded as `apply` is; without `confirm` nothing is written and the plan is
    returned.

        >>> report = api.withdraw(school, confirm=None)
        >>> [(refusal.address, refusal.reason) for refusal in report.plan.kept]
    """
    if playbooks.file:
        raise UsageError(f"{playbooks.file} is one file: name the folder of the playbooks, {playbooks.root}")
    saved = read_plan_file(saved_plan, "withdraw") if saved_plan else None
    selection = saved.narrowed(selection) if saved else selection
    school = load_school(playbooks.root)
    with open_run(school, selection, command="withdraw", writes=confirm is not None, **options) as run:
        context = replace(run.context, override=override, asked=("withdraw",), prune=True, withdraws=True)
        if confirm is None:
            return plan_run(context, run.playbooks, run.ledger)
        return _apply(replace(run, context=context), confirm, saved, options)


def detect_drift(
    playbooks: Playbooks,
    selection: Selection = EVERYTHING,
    *,
    notify: bool = False,
    **options: Unpack[RunOptions],
) -> "DriftReport":
    """Return what differs from the playbooks, since when and why, and record in the ledger that it was looked at.

    `report.run` holds what `plan` returns. `report.remembered` holds for each difference whether it is new, since when
    it is known, its cause, and who made it; `report.missed` names scheduled runs that did not happen. `report.run.exit`
    is 0 (no drift), 3 (drift) or 4 (something could not be read). With `notify` the channels of the school file are
    sent what they do not know yet; `remark` is given a sentence for each that could not be reached.

        >>> report = api.detect_drift(school)
        >>> [str(change.address) for change in (*report.run.plan.changes, *report.run.plan.watched)]
    """
    from toolkit.drift.run import drift_run
    from toolkit.notices.notify import notifying

    sending = notifying if notify else lambda _run, _remark: nullcontext()
    with (
        open_run(playbooks, selection, command="drift", **options) as run,
        sending(run, options.get("remark", silent)) as send,
    ):
        report = drift_run(run.context, playbooks, run.ledger)
        if send:
            send(report)
        return report


def check(playbooks: Playbooks, selection: Selection = EVERYTHING, **options: Unpack[RunOptions]) -> "CheckReport":
    """Return what people have to confirm, what is overdue, and what the tenants count; recorded in the ledger.

    `report.findings` holds one `finding` for each control and provider, with `status`, and `report.summary` counts them
    by status. `report.board` holds what expires, the worst first. `report.exit` is 0, 3 (something is overdue, has
    expired or fails) or 4 (something could not be read).

        >>> [one.control for one in api.check(school).findings if one.finding.status == "fail"]
    """
    from toolkit.engine.check import check_run

    with open_run(playbooks, selection, command="check", **options) as run:
        return check_run(run.context, playbooks, run.ledger)


def evaluate_policy(playbooks: Playbooks, **options: Unpack[RunOptions]) -> "PolicyReport":
    """Return the status of each clause of the policy, with its evidence; recorded in the ledger.

    `report.statuses` holds the clauses in their order, each with `clause`, `status` and `evidence`; `report.summary`
    counts them by status. `report.exit` is 0, 3 (something fails) or 4 (something could not be read). UsageError where
    the playbooks hold no policy.

        >>> {one.clause.name: str(one.status) for one in api.evaluate_policy(school).statuses}
    """
    from toolkit.engine.policy import policy_run

    with open_run(playbooks, EVERYTHING, command="policy", **options) as run:
        return policy_run(run.context, playbooks, run.ledger)


def dpo_pack(playbooks: Playbooks, directory: Path, *, force: bool = False) -> Sequence[Path]:
    """Write the documents that a data protection officer needs into a directory, and return their paths.

    They say what the playbooks say; whatever is a decision is left blank. No tenant is asked and nothing is recorded.
    UsageError where a file is there already, unless `force` replaces it.

        >>> [path.name for path in api.dpo_pack(school, Path("dpo"))]
    """
    from toolkit.dpo.pack import write_dpo_pack

    return write_dpo_pack(playbooks, directory, force=force)


def forget(
    playbooks: Playbooks,
    before: date,
    by: str,
    **options: Unpack[RunOptions],
) -> "ForgetReport":
    """Remove people's names from our own data that is older than a date, and return how many there were.

    `by` is the role that asked for it, which is recorded with the date and the numbers. The chain of the ledger still
    holds afterwards. Addresses that the playbooks name now stay, and so does what a reply that is on, or a change
    without an end, still needs. EvidenceNeeded while a case in the register of holds is not released.

        >>> api.forget(school, date(2025, 9, 1), "Data Protection Officer").forgotten.names
    """
    from toolkit.engine.forget import forget_run

    settings = options["settings"] = options.get("settings") or read_settings(playbooks.root)
    with open_run(playbooks, EVERYTHING, command="forget", **options) as run:
        refuse_while_held(playbooks.root, settings.variables.get(HOLDS_KEY), run.ledger)
        return forget_run(run.context, playbooks, run.ledger, before, by)


def _apply(run: PreparedRun, confirm: Callable[[Report], bool], saved: PlanFile | None, options: RunOptions) -> Report:
    """Write what `confirm` agrees to, or exactly a saved plan, with a lock on the ledger."""
    context, playbooks, ledger = run.context, run.playbooks, run.ledger
    if saved:
        saved.check(context.target.name, playbooks.digest)
        if saved.gap:
            options.get("remark", silent)(f"toolkit: {saved.gap}")
    review = partial(saved.review, redactor=ledger.redactor) if saved else None
    if saved:
        context = replace(context, saved_plan=saved.path)
    with Lease(ledger, run=context.run):
        return apply_run(context, playbooks, ledger, confirm, review=review)
