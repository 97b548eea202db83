"""Sending what a run found to the school's notification channels."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from toolkit.drift.run import DriftReport
from toolkit.engine.context import RunContext
from toolkit.engine.notices.deliver import COMMAND, Compose, Delivery, DeliveryResult, Notice, hold_back, tell
from toolkit.engine.notices.transports import Posted
from toolkit.engine.prepare_run import PreparedRun, Remark, new_run_id, open_ledger, open_target
from toolkit.engine.run_report import Report
from toolkit.engine.tenants import refuse_samples
from toolkit.errors import ServiceError, ToolkitError, UsageError, WrongTenant
from toolkit.features import extensions
from toolkit.holds.model import HoldState
from toolkit.ledger.notifications_sent import failed_since, told_to
from toolkit.notices.digest_content import Wording
from toolkit.notices.digests import Digests, OfDue, overdue
from toolkit.playbook.entries import Playbooks
from toolkit.render.values_text import counted
from toolkit.sdk.connector import Identity
from toolkit.sdk.notices import Channel, Notices
from toolkit.sdk.schedule import DRIFT
from toolkit.settings.settings import Settings
from toolkit.yaml.messages import did_you_mean, quoted


def notices_of(playbooks: Playbooks) -> Notices:
    """Return the channels of a school; UsageError where it has none: a silent night would look like a good one."""
    school = playbooks.school
    if school.notices is None:
        raise UsageError(
            f"{school.origin.path}: nobody is to be told: write `notifications:` with a channel into the school file"
        )
    return school.notices


def notify(run: PreparedRun, found: DriftReport | ServiceError | WrongTenant, remark: Remark) -> None:
    """Send each channel what it does not know: findings by the ledger, the rest by a drift's report.

    An error is that of a drift without an answer.
    """
    notices, wording = notices_of(run.playbooks), _wording(run)
    if isinstance(found, DriftReport):
        seen = [*wording.seen(found), *overdue(found.run, wording)]
        digests = Digests(run, notices, wording, seen=seen, drift=found)
    else:
        digests = Digests(run, notices, wording, seen=[wording.broken(found)], drift=None)
    held = digests.to_hold([told_to(run.ledger, channel.name) for channel in notices.channels])
    _send(run, digests, notices.channels, remark)
    if digests.quiet and digests.waiting:
        waiting = counted(digests.waiting, "thing")
        remark(f"toolkit: quiet until {digests.quiet:%A %H:%M}: {waiting} will be told after that")
    if held is not None:
        why = f"quiet until {digests.quiet:%A %H:%M}"
        hold_back(run.context, run.playbooks, run.ledger, held, why)


def notify_of_due(
    run: PreparedRun, ended: Report | ToolkitError, holds: HoldState | None = None, *, remark: Remark
) -> None:
    """Send what a run for what is due could not do, and what earlier drifts held back in quiet hours."""
    notices, wording = notices_of(run.playbooks), _wording(run)
    channels = [channel for channel in notices.channels if not failed_since(run.ledger, DRIFT, channel.name)]
    digests = Digests(run, notices, wording, seen=None, drift=None, due=OfDue(ended, holds, wording))
    _send(run, digests, channels, remark)


@contextmanager
def notifying(run: PreparedRun, remark: Remark) -> Iterator[Callable[[DriftReport], None]]:
    """Give what sends the report of a drift to the channels; a drift that fails is sent by its error."""
    notices_of(run.playbooks)
    try:
        yield lambda report: notify(run, report, remark)
    except (ServiceError, WrongTenant) as error:
        notify(run, error, remark)
        raise


def send_test(playbooks: Playbooks, settings: Settings, names: Sequence[str]) -> Sequence[Delivery]:
    """Send a test to some channels, or to all; it does not count as a notice of anything."""
    channels = _named(notices_of(playbooks), names)
    if settings.target == "live":
        refuse_samples(playbooks.school)
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
        return tell(context, playbooks, ledger, channels, _test(playbooks, live=target.live))


def _wording(run: PreparedRun) -> Wording:
    return Wording(ZoneInfo(run.playbooks.school.time_zone), run.context.now.year, run.playbooks.root)


def _send(run: PreparedRun, compose: Compose, channels: Sequence[Channel], remark: Remark) -> None:
    for delivery in tell(run.context, run.playbooks, run.ledger, channels, compose):
        if delivery.result is not DeliveryResult.SENT:
            remark(f"toolkit: channel {delivery.channel.name}: {delivery.result}: {delivery.reason}")


def _named(notices: Notices, names: Sequence[str]) -> Sequence[Channel]:
    known = {channel.name: channel for channel in notices.channels}
    for name in names:
        if name not in known:
            raise UsageError(f"the school file has no channel {quoted(name)}{did_you_mean(name, known)}")
    return [known[name] for name in dict.fromkeys(names)] or notices.channels


def _test(playbooks: Playbooks, *, live: bool) -> Compose:
    practice = "" if live else "Practice run: "
    message = Posted(
        f"{practice}{playbooks.school.name}: a test",
        "This is a test of toolkit: whoever reads it will be told what is new, over or critical.\n",
    )
    return lambda told: Notice(message, told.things)
