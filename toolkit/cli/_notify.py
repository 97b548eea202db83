"""Tells the school's channels what a run found; whoever runs the command hears on standard error how that went."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from toolkit.cli._digests import Digests
from toolkit.cli._run import Run, open_ledger, targeted
from toolkit.cli._settings import read_settings
from toolkit.cli._terminal import remark
from toolkit.drift.run import DriftReport
from toolkit.engine.context import RunContext
from toolkit.engine.notices.deliver import COMMAND, Compose, Delivery, DeliveryResult, Notice, hold_back, tell
from toolkit.engine.notices.transports import Posted
from toolkit.engine.run_report import Report
from toolkit.engine.tenants import refuse_samples
from toolkit.errors import ServiceError, ToolkitError, UsageError, WrongTenant
from toolkit.features import extensions
from toolkit.holds.model import HoldState
from toolkit.ledger.notifications_sent import failed_since, told_to
from toolkit.notices.digest_content import Wording
from toolkit.notices.digest_due import OfDue, overdue
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.render.values_text import counted
from toolkit.sdk.connector import Identity
from toolkit.sdk.notices import Channel, Notices
from toolkit.sdk.schedule import DRIFT
from toolkit.yaml.messages import did_you_mean, quoted


def notices_of(playbooks: Playbooks) -> Notices:
    """Give whom a school tells; UsageError where it is nobody, since a silent night would look like a good one."""
    school = playbooks.school
    if school.notices is None:
        raise UsageError(
            f"{school.origin.path}: nobody is to be told: write `notifications:` with a channel into the school file"
        )
    return school.notices


def notify(run: Run, found: DriftReport | ServiceError | WrongTenant) -> None:
    """Tell every channel what it does not know: findings by the ledger, the rest by a drift's report.

    An error is that of a drift without an answer.
    """
    notices, wording = notices_of(run.playbooks), _wording(run)
    drift = found if isinstance(found, DriftReport) else None
    seen = (
        [*wording.seen(found), *overdue(found.run, wording)]
        if isinstance(found, DriftReport)
        else [wording.broken(found)]
    )
    digests = Digests(run, notices, wording, seen=seen, drift=drift)
    held = digests.to_hold([told_to(run.ledger, channel.name) for channel in notices.channels])
    _tell(run, digests, notices.channels)
    if digests.quiet and digests.waiting:
        waiting = counted(digests.waiting, "thing")
        remark(f"toolkit: quiet until {digests.quiet:%A %H:%M}: {waiting} will be told after that")
    if held is not None:
        why = f"quiet until {digests.quiet:%A %H:%M}"
        hold_back(run.context, run.playbooks, run.ledger, held, why)


def remind(run: Run, ended: Report | ToolkitError, holds: HoldState | None = None) -> None:
    """Tell what a run for what is due could not do, and what earlier drifts held back in quiet hours."""
    notices, wording = notices_of(run.playbooks), _wording(run)
    channels = [one for one in notices.channels if not failed_since(run.ledger, DRIFT, one.name)]
    _tell(run, Digests(run, notices, wording, seen=None, drift=None, due=OfDue(ended, holds, wording)), channels)


@contextmanager
def telling(run: Run, *, asked: bool) -> Iterator[Callable[[DriftReport], None]]:
    """Lend what tells the channels of a drift, where that is asked for; where it gives no answer they hear of that."""
    if not asked:
        yield lambda _: None
        return
    notices_of(run.playbooks)
    try:
        yield lambda report: notify(run, report)
    except (ServiceError, WrongTenant) as error:
        notify(run, error)
        raise


def tested(path: Path, names: Sequence[str]) -> Sequence[Delivery]:
    """Send a test to some channels, or to all; nothing else is told, and none of it counts as told."""
    settings = read_settings()
    playbooks = load(path)
    channels = _named(notices_of(playbooks), names)
    if settings.target == "live":
        refuse_samples(playbooks.school)
    with targeted(settings, playbooks.school) as (target, now), open_ledger(settings) as ledger:
        context = RunContext(
            target=target,
            run=uuid4().hex[:12],
            now=now,
            command=COMMAND,
            identity=Identity.WRITE,
            read_only=False,
            extensions=extensions,
        )
        return tell(context, playbooks, ledger, channels, _test(playbooks, live=target.live))


def _wording(run: Run) -> Wording:
    return Wording(ZoneInfo(run.playbooks.school.time_zone), run.context.now.year, run.playbooks.root)


def _tell(run: Run, compose: Compose, channels: Sequence[Channel]) -> None:
    with run.talk.paused():
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
