"""Remove people's names from toolkit's records in the ledger and in the state folder that are older than a date."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import toolkit
from toolkit.engine.context import RunContext
from toolkit.engine.report_json import JsonReport
from toolkit.errors import UsageError
from toolkit.ledger.archive import check_sound
from toolkit.ledger.display_names import MAIL
from toolkit.ledger.entries import RunBegan
from toolkit.ledger.forget import ForgetRequest, Forgotten, forget
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.operator import current_operator
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.files import find_files
from toolkit.playbook.role_names import claimed_role
from toolkit.records import dataclass
from toolkit.sdk.providers import kinds, providers

_TEXTS = (".txt", ".html")


@dataclass(frozen=True, slots=True)
class ForgetReport(JsonReport):
    """How many names were removed from the ledger, and how many error files from the state folder."""

    day: date
    forgotten: Forgotten
    traces: int


def forget_names(
    context: RunContext, playbooks: Playbooks, ledger: Ledger, before_date: date, requesting_role: str
) -> ForgetReport:
    """Remove people's names from toolkit's records that are older than a date, and return the numbers.

    No tenant is read. Raise LedgerError, and remove nothing, if someone has edited the ledger.
    """
    before = _start_of_day(before_date, playbooks)
    if before > context.now:
        raise UsageError(f"--before {before_date} is in the future. Name today or an earlier date")
    if MAIL.search(requesting_role) or not requesting_role.strip():
        raise UsageError("--by takes the role that asked for this, such as 'Data Protection Officer', not a person")
    role = claimed_role("--by", requesting_role, playbooks.school)
    traces = [path for path in ledger.directory.glob("trace-*.txt") if path.stat().st_mtime < before.timestamp()]
    removal = Forgotten()
    if ledger.exists():
        with Lease(ledger, run=context.run):
            check_sound(ledger, "the ledger", "removed")
            removal = forget(ledger, _to_forget_request(context, playbooks, ledger, before_date, role))
    for path in traces:
        path.unlink()
    return ForgetReport(before_date, removal, len(traces))


def _start_of_day(date_in_school: date, playbooks: Playbooks) -> datetime:
    return datetime.combine(date_in_school, time.min, ZoneInfo(playbooks.school.time_zone))


def _to_forget_request(
    context: RunContext, playbooks: Playbooks, ledger: Ledger, before_date: date, requesting_role: str
) -> ForgetRequest:
    text_files = [path for ending in _TEXTS for path in playbooks.root.rglob(f"*{ending}") if path.is_file()]
    # Other data files are left out, because an address in them is not a setting.
    paths = [*find_files(playbooks.root).chosen, *text_files]
    files = (path.read_text(encoding="utf-8", errors="replace") for path in paths)
    lent = [(f"{name}.{kind.name}", kind) for name in providers() for kind in kinds(name).values() if kind.temporary]
    on_now = LedgerMemory(ledger).settings_before_temporary_changes(
        {name: kind.lifecycle.withdrawn({}) or {} for name, kind in lent}
    )
    operator = current_operator(ledger)
    return ForgetRequest(
        began=RunBegan(
            run=context.run,
            at=context.now,
            command="forget",
            target=context.target.name,
            tenants={},
            version=toolkit.__version__,
            playbooks=playbooks.digest,
            flags=(f"--before {before_date}",),
            operator=operator.user,
            host=operator.host,
        ),
        day=before_date,
        before=_start_of_day(before_date, playbooks),
        by=requesting_role,
        named_now=frozenset(name.casefold() for text in files for name in MAIL.findall(text)),
        on_now=frozenset(map(str, on_now)),
    )
