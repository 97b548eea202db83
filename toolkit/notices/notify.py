"""Send the result of a run to the school's notification channels."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import BaseHandler, HTTPSHandler, ProxyHandler, Request, build_opener
from zoneinfo import ZoneInfo

from toolkit.drift.run import DriftReport
from toolkit.engine.context import RunContext
from toolkit.engine.notices.deliver import (
    COMMAND,
    Compose,
    Delivery,
    DeliveryResult,
    Notice,
    deliver_notices,
    record_delayed_facts,
)
from toolkit.engine.notices.transports import PlainMessage, reason_channel_is_withheld, secret_parts_of_url
from toolkit.engine.prepare_run import PreparedRun, Remark, new_run_id, open_ledger, open_target
from toolkit.engine.run_report import Report
from toolkit.engine.tenants import refuse_sample_school
from toolkit.errors import Exit, RequestFailed, ToolkitError, UsageError, WrongTenant
from toolkit.features import extensions
from toolkit.holds.model import HoldState
from toolkit.ledger.notifications_sent import has_delivery_failed, read_reported_findings
from toolkit.ledger.redact import Redactor
from toolkit.messages import did_you_mean, quoted
from toolkit.notices.digest_content import Wording
from toolkit.notices.digests import Digests, DueOutcome, overdue_items
from toolkit.notices.record_message import record_messages
from toolkit.playbook.entries import Playbooks
from toolkit.render.values_text import count_text
from toolkit.school.notices import ALIVE, Channel, Notices
from toolkit.school.schedule import DRIFT
from toolkit.school.school import School
from toolkit.school.signers import SignedContent
from toolkit.sdk.connector import Identity, Target
from toolkit.settings.settings import Settings
from toolkit.settings.signing_key import find_signing_key, listed_signing_key

_PATIENCE = 20.0  # seconds
_JOB = "{job}"
_NO_WORK_DONE = frozenset({Exit.FAILED, Exit.USAGE})


def report_alive(run: PreparedRun, job: str, code: Exit, remark: Callable[[str], None]) -> None:
    """Call the monitoring URL after a complete run of a job.

    If the call fails, print a message and keep the run's exit code.
    """
    in_part = run.context.only or run.context.provider
    if not run.playbooks.school.alive or in_part or code in _NO_WORK_DONE:
        return
    call = call_monitoring_url(run.context.target, job)
    if call.result is not DeliveryResult.SENT:
        remark(f"toolkit: {ALIVE.variable}: {call.result}: {call.reason}")


def call_monitoring_url(target: Target, job: str) -> Delivery:
    """Call the monitoring URL once. The name of the job replaces {job} in the URL."""
    if reason := reason_channel_is_withheld(ALIVE, target):
        return Delivery(ALIVE, DeliveryResult.WITHHELD, reason)
    url = target.variables.get(ALIVE.variable, "")
    if not url:
        reason = f"{ALIVE.variable} is not set. Set it to the URL. For a scheduled job, set it in .env"
    elif urlsplit(url).scheme not in {"http", "https"}:
        reason = f"{ALIVE.variable} must be a URL that begins with https://"
    else:
        reason = _call_url(url.replace(_JOB, job), target)
    return Delivery(ALIVE, DeliveryResult.NOT_SENT if reason else DeliveryResult.SENT, reason)


def _call_url(url: str, target: Target) -> str:
    """Call a URL. Return the error without secrets, or "" if the call succeeds."""
    trust = ssl.create_default_context(cafile=str(target.ca_file) if target.live and target.ca_file else None)
    handlers: list[BaseHandler] = [HTTPSHandler(context=trust), *([] if target.live else [ProxyHandler({})])]
    try:
        request = Request(url, headers={"User-Agent": "toolkit"})  # noqa: S310 - its scheme was checked
        with build_opener(*handlers).open(request, timeout=_PATIENCE):
            return ""
    except HTTPError as error:
        with error:
            return f"the service answered {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        return Redactor(secret_parts_of_url(url)).text(
            f"the service did not respond: {getattr(error, 'reason', None) or error}"
        )


def refuse_silence(school: School) -> None:
    """Raise UsageError if a school has neither channels nor a monitoring URL.

    Otherwise a job that does not run would look like a night without findings.
    """
    if school.notices is None and not school.alive:
        raise UsageError(
            f"{school.origin.path}: no one can be notified. Write `notifications:` with a channel into the school file"
        )


def notify(run: PreparedRun, result: DriftReport | RequestFailed | WrongTenant, remark: Remark) -> None:
    """Send each channel its news: findings from the ledger, and other results of the drift run.

    If the drift run failed, `result` is the error.
    """
    notices, wording = run.playbooks.school.notices, _wording_of(run)
    if notices is None:
        return
    if isinstance(result, DriftReport):
        seen = [*wording.drift_items(result), *overdue_items(result.run, wording)]
        digests = Digests(run, notices, wording, seen=seen, drift=result)
    else:
        digests = Digests(run, notices, wording, seen=[wording.failed_drift_item(result)], drift=None)
    channels = notices.finding_channels
    held = digests.entries_to_hold([read_reported_findings(run.ledger, channel.name) for channel in channels])
    _send_digests(run, digests, channels, remark)
    _send_record(run, notices, remark)
    if digests.quiet and digests.waiting:
        waiting = count_text(digests.waiting, "thing")
        remark(f"toolkit: quiet hours until {digests.quiet:%A %H:%M}. {waiting} will be sent after that")
    if held is not None:
        why = f"quiet until {digests.quiet:%A %H:%M}"
        record_delayed_facts(run.context, run.playbooks, run.ledger, held, why)


def notify_of_due(
    run: PreparedRun, ended: Report | ToolkitError, holds: HoldState | None = None, *, remark: Remark
) -> None:
    """Send the problems of a `due` run, together with the entries that earlier drift runs delayed because of quiet
    hours.
    """
    notices, wording = run.playbooks.school.notices, _wording_of(run)
    if notices is None:
        return
    channels = notices.finding_channels
    channels = [channel for channel in channels if not has_delivery_failed(run.ledger, DRIFT, channel.name)]
    digests = Digests(run, notices, wording, seen=None, drift=None, due=DueOutcome(ended, holds, wording))
    _send_digests(run, digests, channels, remark)
    _send_record(run, notices, remark)


@contextmanager
def send_report_or_error(run: PreparedRun, remark: Remark) -> Iterator[Callable[[DriftReport], None]]:
    """Yield a function that sends the report of a drift run. If the block raises an error, the error is sent."""
    refuse_silence(run.playbooks.school)

    def send(report: DriftReport) -> None:
        notify(run, report, remark)
        report_alive(run, DRIFT, report.run.exit, remark)

    try:
        yield send
    except (RequestFailed, WrongTenant) as error:
        notify(run, error, remark)
        raise


def send_test(playbooks: Playbooks, settings: Settings, names: Sequence[str]) -> Sequence[Delivery]:
    """Send a test message to some channels, or to all channels and the monitoring URL. No finding is marked as sent."""
    refuse_silence(playbooks.school)
    channels = _choose_channels(playbooks.school, names)
    if settings.target == "live":
        refuse_sample_school(playbooks.school)
    with open_target(settings, playbooks.school) as (target, now), open_ledger(settings) as ledger:
        context = RunContext(
            target=target,
            run=new_run_id(),
            now=now,
            command=COMMAND,
            identity=Identity.WRITE,
            read_only=False,
            extensions=extensions,
        )
        deliveries = deliver_notices(
            context,
            playbooks,
            ledger,
            [channel_to_test for channel_to_test in channels if channel_to_test != ALIVE],
            _test_message(playbooks, live=target.live),
        )
        return [*deliveries, *(call_monitoring_url(target, COMMAND) for channel in channels if channel == ALIVE)]


def _wording_of(run: PreparedRun) -> Wording:
    return Wording(ZoneInfo(run.playbooks.school.time_zone), run.context.now.year, run.playbooks.root)


def _send_digests(run: PreparedRun, compose: Compose, channels: Sequence[Channel], remark: Remark) -> None:
    for delivery in deliver_notices(run.context, run.playbooks, run.ledger, channels, compose):
        if delivery.result is not DeliveryResult.SENT:
            remark(f"toolkit: channel {delivery.channel.name}: {delivery.result}: {delivery.reason}")


def _send_record(run: PreparedRun, notices: Notices, remark: Remark) -> None:
    """Send the head of the ledger to the people who keep it. A part of the playbooks is not a run of the school."""
    context = run.context
    in_part = context.only or context.provider
    if notices.record_channels and not in_part and notices.quiet_until(context.now) is None:
        school, found_key = (
            run.playbooks.school,
            find_signing_key(context.target.variables, run.ledger.directory.parent),
        )
        key = listed_signing_key(found_key, school.signers, SignedContent.REPORTS, remark)
        compose = record_messages(run.ledger, school, context.now, live=context.target.live, key=key)
        _send_digests(run, compose, notices.record_channels, remark)


def _choose_channels(school: School, names: Sequence[str]) -> Sequence[Channel]:
    channels = [*(school.notices.channels if school.notices else ()), *([ALIVE] if school.alive else [])]
    by_name = {channel.name: channel for channel in channels}
    for name in names:
        if name not in by_name:
            raise UsageError(f"the school file has no channel {quoted(name)}{did_you_mean(name, by_name)}")
    return [by_name[name] for name in dict.fromkeys(names)] or channels


def _test_message(playbooks: Playbooks, *, live: bool) -> Compose:
    practice = "" if live else "Practice run: "
    message = PlainMessage(
        f"{practice}{playbooks.school.name}: a test",
        "This is a test of toolkit. This channel gets a message when a finding is new, resolved or critical.\n",
    )
    return lambda channel_state: Notice(message, channel_state.things)
