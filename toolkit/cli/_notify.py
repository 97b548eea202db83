"""Tells the school's channels what a run found; whoever runs the command hears on standard error how that went."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import click

from toolkit.cli._run import Run, open_ledger, targeted
from toolkit.cli._settings import own_redactor, read_settings
from toolkit.errors import ServiceError, UsageError, WrongTenant
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.wording import did_you_mean, quoted
from toolkit.record.acts import open_findings
from toolkit.record.told import Told, failed_last, fixed_findings
from toolkit.report.digest import Digest, digest, subject, text
from toolkit.report.noted import FINDING, Noted, Wording
from toolkit.report.wording import counted
from toolkit.running.posting import Posted
from toolkit.running.reconcile import Report
from toolkit.running.survey import Context
from toolkit.running.telling import COMMAND, Compose, Delivery, Notice, Result, tell
from toolkit.running.tenants import refuse_samples
from toolkit.tenant.connector import Identity
from toolkit.tenant.notices import Channel, Notices


def notices_of(playbooks: Playbooks) -> Notices:
    """Give whom a school tells; UsageError where it is nobody, since a silent night would look like a good one."""
    school = playbooks.school
    if school.notices is None:
        raise UsageError(
            f"{school.origin.path}: nobody is to be told: write `notifications:` with a channel into the school file"
        )
    return school.notices


def notify(run: Run, found: Report | ServiceError | WrongTenant) -> None:
    """Tell every channel what it does not know: findings by the ledger, the rest by a drift's report.

    An error is that of a drift without an answer.
    """
    wording, report = _wording(run.playbooks, run.context.now), found if isinstance(found, Report) else None
    seen = [*wording.seen(found)] if isinstance(found, Report) else [wording.broken(found)]
    _tell(run, _Digests(run, seen, report), notices_of(run.playbooks).channels)


def remind(run: Run) -> None:
    """Tell of the findings of earlier drifts that quiet hours held back; nothing is said where that is none."""
    channels = [one for one in notices_of(run.playbooks).channels if not failed_last(run.ledger, one.name)]
    _tell(run, _Digests(run, [], None), channels)


@contextmanager
def telling(run: Run, *, asked: bool) -> Iterator[Callable[[Report], None]]:
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
        context = Context(
            target=target, run=uuid4().hex[:12], now=now, command=COMMAND, identity=Identity.WRITE, read_only=False
        )
        return tell(context, playbooks, ledger, channels, _test(playbooks, live=target.live))


def _wording(playbooks: Playbooks, now: datetime) -> Wording:
    return Wording(ZoneInfo(playbooks.school.time_zone), now.year, playbooks.root)


class _Digests:
    """Writes to each channel what it does not know of what was found."""

    def __init__(self, run: Run, seen: Sequence[Noted], report: Report | None) -> None:
        now = run.context.now
        self._run, self._report, self._wording = run, report, _wording(run.playbooks, now)
        self._notices = notices_of(run.playbooks)
        self._quiet = self._notices.quiet_until(now)
        findings = map(self._wording.finding, open_findings(run.ledger).values())
        self._noted = {one.id: one for one in (*findings, *seen)}

    def __call__(self, told: Told) -> Notice | None:
        """Write one digest; a drift that found nothing new says so where a sign of life is due."""
        ids = {key.removeprefix(FINDING) for key in told.things if key.startswith(FINDING)}
        fixed = fixed_findings(self._run.ledger, ids)
        over = {one.id: one for one in self._wording.over(told.things, fixed, self._report)}
        found = digest(self._noted, over, told.things, quiet=self._quiet is not None)
        if found.waiting and self._quiet and self._report:
            _say(f"quiet until {self._quiet:%A %H:%M}: {counted(found.waiting, 'thing')} will be told after that")
        alive = self._report is not None and self._quiet is None
        due = alive and self._notices.heartbeat_due(told.at, self._run.context.now)
        return Notice(_posted(self._run, found), found.things) if found or due else None


def _tell(run: Run, compose: Compose, channels: Sequence[Channel]) -> None:
    with run.talk.paused():
        for delivery in tell(run.context, run.playbooks, run.ledger, channels, compose):
            if delivery.result is not Result.SENT:
                _say(f"channel {delivery.channel.name}: {delivery.result}: {delivery.reason}")


def _posted(run: Run, found: Digest) -> Posted:
    school, live, redactor = run.playbooks.school, run.context.target.live, own_redactor()
    local = run.context.now.astimezone(ZoneInfo(school.time_zone))
    return Posted(
        redactor.text(subject(found, school, live=live)), redactor.text(text(found, school, local, live=live))
    )


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


def _say(words: str) -> None:
    click.echo(own_redactor().text(f"toolkit: {words}"), err=True)
