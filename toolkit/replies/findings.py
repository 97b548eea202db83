"""What a check says of replies: how many of those who are away have one, on what that rests, and who is unknown."""

from collections import Counter
from collections.abc import Iterator, Mapping

from toolkit.controls.mail.closure_reply import ClosureReply
from toolkit.controls.mail.out_of_office import OutOfOffice
from toolkit.controls.reply_text import half_day_text
from toolkit.planning.checks.findings import ControlFinding
from toolkit.playbook.entries import ControlEntry, Playbook, Playbooks
from toolkit.sdk.finding import Finding, Status
from toolkit.sdk.resource import Origin
from toolkit.sdk.signals import Signals
from toolkit.values import Json

SUBJECT, CLOSURE, UNSEEN = "automatic replies", "closure replies", "people who could not be looked at"


def replies_found(provider: str, playbooks: Playbooks, seeing: Mapping[Origin, Signals]) -> Iterator[ControlFinding]:
    """Give what was found on one provider for each control that rests on absences or holidays."""
    for playbook in playbooks.playbooks:
        for entry in playbook.controls:
            if signals := seeing.get(entry.origin):
                yield from (_of(provider, playbook, entry, finding) for finding in _findings(entry, signals))


def _of(provider: str, playbook: Playbook, entry: ControlEntry, finding: Finding) -> ControlFinding:
    return ControlFinding(
        control=entry.name, provider=provider, clauses=playbook.clauses, finding=finding, measured=True
    )


def _findings(entry: ControlEntry, signals: Signals) -> Iterator[Finding]:
    match entry.settings:
        case OutOfOffice() as settings:
            yield _absences(settings, signals)
        case ClosureReply() as settings:
            yield _closure(settings, signals)
    if signals.unknown:
        reasons = Counter(signals.unknown.values())
        told = "; ".join(f"{number}: {reason}" for reason, number in reasons.most_common())
        yield Finding(UNSEEN, Status.UNKNOWN, told, {"unknown": len(signals.unknown)})


def _absences(settings: OutOfOffice, signals: Signals) -> Finding:
    away, lacking = len(signals.due), signals.lacking
    evidence: dict[str, Json] = {
        "people": signals.base.people,
        "away": away,
        "covered": away - len(lacking),
        "lacking": len(lacking),
        "unknown": len(signals.unknown),
        "left_out": signals.left_out,
        "keep_calendar": signals.base.keep_calendar,
        "absences": signals.base.absences,
    }
    if settings.names == "listed":
        evidence["who"] = [one.person.address for one in lacking]
    if not signals.base.people and signals.unknown:
        return Finding(SUBJECT, Status.UNKNOWN, next(iter(signals.unknown.values())), evidence)
    more = f"{settings.after_working_days} working day{'' if settings.after_working_days == 1 else 's'}"
    text = (
        f"{away - len(lacking)} of {away} who are away for more than {more} have a reply to the end ({signals.base})"
        if away
        else f"nobody is seen to be away for more than {more} ({signals.base})"
    )
    if lacking and settings.names == "listed":
        text += "; without: " + ", ".join(one.person.address for one in lacking)
    return Finding(SUBJECT, Status.FAIL if lacking else Status.PASS, text, evidence)


def _closure(settings: ClosureReply, signals: Signals) -> Finding:
    lacking = signals.lacking
    names: list[Json] = [one.person.address for one in lacking]
    evidence: dict[str, Json] = {"mailboxes": signals.base.people, "lacking": names}
    if not signals.base.people:
        text = "none of the named mailboxes is on this cloud"
        return Finding(CLOSURE, Status.UNAVAILABLE, text, evidence)
    if not signals.due:
        text = f"no holiday begins within {settings.days_before} days"
        return Finding(CLOSURE, Status.PASS, text, evidence)
    first = signals.due[0]
    answering = f"{len(signals.due) - len(lacking)} of {len(signals.due)} answer"
    text = f"for {first.title}, until {half_day_text(first.back, first.begins.date())}: {answering}"
    if lacking:
        text += "; without: " + ", ".join(one.person.address for one in lacking)
    return Finding(CLOSURE, Status.FAIL if lacking else Status.PASS, text, evidence)
