"""toolkit for Python scripts: plan, apply and check a school without the command line.

Every function takes the playbooks that `load` returned. Settings are read from the environment and the school's `.env`,
as the commands do, unless the caller passes them (`RunOptions`). A run is as safe as the same command. It compares the
tenant with the school file before it reads anything else, keeps to limits, windows and freezes, writes only with a lock
on the ledger, and is recorded in the ledger. Only `apply`, `rollback` and `withdraw` can write to a tenant. Nothing is
printed. The `to_dict` method of each report returns the JSON that the command prints with `--json`.

Every error is a `ToolkitError`. Its `exit` is the exit code of the command:

- `PlaybookError`: the playbooks cannot be used. `problems` holds every problem with its file and line.
- `UsageError`: the settings or arguments are invalid, or do not fit together.
- `WrongTenant`: the credentials lead to another school's tenant. Nothing was read.
- `RequestFailed`: no tenant could be read. It is a `SignInRefused` or a `ServiceError`. If only a part of a tenant
  could not be read, the report shows this instead.
- `LedgerError`: the ledger is damaged, cannot be reached, or is locked by another run.

    >>> from toolkit import api
    >>> report = api.plan(api.load("playbooks"))
    >>> [str(change.address) for change in report.plan.changes]
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.api.own_data import dpo_pack, forget
    from toolkit.api.reads import (
        check,
        detect_drift,
        evaluate_policy,
        find_account_settings,
        plan,
        predict_message,
        read_objects,
    )
    from toolkit.api.reference import KindsReport, kinds
    from toolkit.api.rollbacks import rollback
    from toolkit.api.school_files import ValidationReport, load, load_school, validate
    from toolkit.api.session import Session
    from toolkit.api.session import open_session as open  # noqa: A004
    from toolkit.api.writes import apply, withdraw
    from toolkit.board_report.export_files import WrittenReport
    from toolkit.board_report.pack import Format, Pack
    from toolkit.board_report.reports import export_report, release_report, respond_to_matter
    from toolkit.drift.run import DriftReport
    from toolkit.engine.account import AccountQuestion, AccountReport, describe_account_question
    from toolkit.engine.apply.outcome import Outcome, Result
    from toolkit.engine.check import CheckReport
    from toolkit.engine.describe_message import MailQuestion, describe_message
    from toolkit.engine.forget import ForgetReport
    from toolkit.engine.message import MessageReport
    from toolkit.engine.policy import PolicyReport
    from toolkit.engine.read_objects import ObjectsReport
    from toolkit.engine.run_report import Report, worst
    from toolkit.engine.selection import Selection
    from toolkit.errors import (
        EvidenceNeeded,
        Exit,
        LeaseHeld,
        LedgerError,
        PlaybookError,
        Problem,
        RequestFailed,
        ServiceError,
        SignInRefused,
        StalePlan,
        ToolkitError,
        UnsafePlan,
        UsageError,
        WrongTenant,
    )
    from toolkit.features import RunOptions
    from toolkit.planning.change import Change, Create, Delete, Move, Update
    from toolkit.playbook.entries import Playbooks
    from toolkit.sdk.resource import Address
    from toolkit.settings.settings import Settings, read_settings

__all__ = [
    "AccountQuestion",
    "AccountReport",
    "Address",
    "Change",
    "CheckReport",
    "Create",
    "Delete",
    "DriftReport",
    "EvidenceNeeded",
    "Exit",
    "ForgetReport",
    "Format",
    "KindsReport",
    "LeaseHeld",
    "LedgerError",
    "MailQuestion",
    "MessageReport",
    "Move",
    "ObjectsReport",
    "Outcome",
    "Pack",
    "PlaybookError",
    "Playbooks",
    "PolicyReport",
    "Problem",
    "Report",
    "RequestFailed",
    "Result",
    "RunOptions",
    "Selection",
    "ServiceError",
    "Session",
    "Settings",
    "SignInRefused",
    "StalePlan",
    "ToolkitError",
    "UnsafePlan",
    "Update",
    "UsageError",
    "ValidationReport",
    "WrittenReport",
    "WrongTenant",
    "apply",
    "check",
    "describe_account_question",
    "describe_message",
    "detect_drift",
    "dpo_pack",
    "evaluate_policy",
    "export_report",
    "find_account_settings",
    "forget",
    "kinds",
    "load",
    "load_school",
    "open",
    "plan",
    "predict_message",
    "read_objects",
    "read_settings",
    "release_report",
    "respond_to_matter",
    "rollback",
    "validate",
    "withdraw",
    "worst",
]

_MODULES = {
    "toolkit.api.own_data": "dpo_pack forget",
    "toolkit.api.reads": "check detect_drift evaluate_policy find_account_settings plan predict_message read_objects",
    "toolkit.api.reference": "KindsReport kinds",
    "toolkit.api.rollbacks": "rollback",
    "toolkit.api.school_files": "ValidationReport load load_school validate",
    "toolkit.api.session": "Session open_session",
    "toolkit.api.writes": "apply withdraw",
    "toolkit.board_report.export_files": "WrittenReport",
    "toolkit.board_report.pack": "Format Pack",
    "toolkit.board_report.reports": "export_report release_report respond_to_matter",
    "toolkit.drift.run": "DriftReport",
    "toolkit.engine.apply.outcome": "Outcome Result",
    "toolkit.engine.account": "AccountQuestion AccountReport describe_account_question",
    "toolkit.engine.check": "CheckReport",
    "toolkit.engine.describe_message": "MailQuestion describe_message",
    "toolkit.engine.forget": "ForgetReport",
    "toolkit.engine.message": "MessageReport",
    "toolkit.engine.policy": "PolicyReport",
    "toolkit.engine.read_objects": "ObjectsReport",
    "toolkit.engine.run_report": "Report worst",
    "toolkit.engine.selection": "Selection",
    "toolkit.errors": "EvidenceNeeded Exit LeaseHeld LedgerError PlaybookError Problem RequestFailed ServiceError"
    " SignInRefused StalePlan ToolkitError UnsafePlan UsageError WrongTenant",
    "toolkit.features": "RunOptions",
    "toolkit.planning.change": "Change Create Delete Move Update",
    "toolkit.playbook.entries": "Playbooks",
    "toolkit.sdk.resource": "Address",
    "toolkit.settings.settings": "Settings read_settings",
}
"""The names that the API offers, by their modules: a script loads only the modules of the names that it uses."""
_PLACES = {name: (module, name) for module, names in _MODULES.items() for name in names.split()}
_PLACES["open"] = _PLACES.pop("open_session")


def __getattr__(name: str) -> object:
    """Load the module of a name when the name is first used."""
    if name in _PLACES:
        module, own_name = _PLACES[name]
        offered: object = getattr(import_module(module), own_name)
        globals()[name] = offered
        return offered
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names of the API."""
    return sorted(__all__)
