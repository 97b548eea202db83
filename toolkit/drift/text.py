"""What a drift remembers of its findings, in plain words and as JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from toolkit.drift.cause import Cause
from toolkit.drift.differences import Difference, What, of_change
from toolkit.drift.model import Ended, FindingNovelty, RememberedFinding, Remembrance
from toolkit.engine.run_report import Report
from toolkit.ledger.findings import Ending
from toolkit.planning.change import Change
from toolkit.render.line import Line, Tone
from toolkit.sdk.audit_log import Actor
from toolkit.values import Body, Json

WHAT = {
    What.DIFFERENT: "not as wanted",
    What.MISSING: "missing",
    What.UNWANTED: "there and not wanted",
    What.MOVED: "in the wrong place",
    What.LOOK_ALIKE: "doing the same job as ours",
    What.DEFEATED: "above ours and defeating it",
    What.REFUSED: "refused",
}
HOW = {
    Ending.REPAIRED: "repaired by toolkit",
    Ending.TENANT: "put right in the tenant",
    Ending.ACCEPTED: "accepted for some time",
    Ending.PLAYBOOK: "not asked for by the playbooks any more",
    Ending.AS_WANTED: "as wanted now",
}
CAUSES = {
    Cause.PLAYBOOK: "asked for by the playbooks and not applied yet",
    Cause.TIME: "because of the date",
    Cause.TOOLKIT: "this version of toolkit writes it differently",
    Cause.NOT_KNOWN: "why is not known",
}


class DriftNotes:
    """What is to be said beside the changes of one drift."""

    def __init__(self, report: Report) -> None:
        self._remembered = report.remembered or Remembrance()
        self._zone = ZoneInfo(report.playbooks.school.time_zone)
        self._year = report.context.now.year

    def beside(self, group: Sequence[Change]) -> Iterator[Line]:
        """Say of changes that are shown together since when they are there, why and by whom."""
        first, *others = group
        if not others:
            yield from self._one(first)
            return
        told = Counter(self._phrase(replace(one, changed=None)) for change in group for one in self._of(change))
        each = len(self._of(first))
        for phrase, count in told.items():
            some = "" if len(told) == 1 else f"{count // max(each, 1)} of them: "
            yield Line(f"    {some}{phrase}", Tone.QUIET)

    def quiet(self, change: Change) -> bool:
        """Say whether nothing of a change is to be told again: it is contested, and that was said."""
        told = self._of(change)
        return bool(told) and all(one.state is FindingNovelty.CONTESTED and not one.news for one in told)

    def told_before(self, change: Change) -> Line:
        """Name a contested change in one line."""
        paths = ", ".join(one.difference.path for one in self._of(change) if one.difference.path)
        since = self._day(min(one.since for one in self._of(change)))
        ids = ", ".join(one.difference.id for one in self._of(change))
        what = f": {paths}" if paths else ""
        return Line(f"= {change.address.told}{what}: contested since {since} [{ids}]", Tone.QUIET)

    def ended(self) -> Iterator[Line]:
        """Say once what is not to be seen any more."""
        for one in self._remembered.ended:
            what = f"{one.difference.path} " if one.difference.what is What.DIFFERENT else ""
            seen = f"{what}{WHAT[one.difference.what]} since {self._day(one.since)}"
            yield Line(f"no longer: {one.difference.address.told}: {seen}: {HOW[one.how]}", Tone.ADDED)

    def unread(self) -> Iterator[Line]:
        """Say why nobody can be named."""
        for reason in dict.fromkeys(self._remembered.unread):
            yield Line(f"* who changed it could not be read from the tenant's log: {reason}", Tone.WARNING)

    def _one(self, change: Change) -> Iterator[Line]:
        told = self._of(change)
        phrases: dict[str, list[RememberedFinding]] = {}
        for one in told:
            phrases.setdefault(self._phrase(one), []).append(one)
        for phrase, alike in phrases.items():
            which = "" if len(phrases) == 1 else f"{', '.join(one.difference.path for one in alike)}: "
            yield Line(f"    {which}{phrase} [{', '.join(one.difference.id for one in alike)}]", Tone.QUIET)

    def _of(self, change: Change) -> list[RememberedFinding]:
        known = (self._remembered.told.get(one.id) for one in of_change(change))
        return [one for one in known if one]

    def _phrase(self, told: RememberedFinding) -> str:
        since = self._day(told.since)
        match told.state:
            case FindingNovelty.NEW:
                return f"new, {self._why(told)}"
            case FindingNovelty.CONTESTED:
                return f"contested since {since}, {self._why(told)}"
            case _:
                return f"since {since}, {self._why(told)}"

    def _why(self, told: RememberedFinding) -> str:
        by = f"by {told.actor}{self._when(told)}" if told.actor else "by whom is not known"
        match told.cause:
            case Cause.TENANT:
                done = "deleted" if told.difference.what is What.MISSING else "changed"
                return f"{done} in the tenant {by}" if told.actor else f"{done} in the tenant, {by}"
            case Cause.BOTH:
                return f"changed in the playbooks, and in the tenant {by}"
            case cause:
                return CAUSES[Cause(cause)]

    def _when(self, told: RememberedFinding) -> str:
        if told.changed is None:
            return ""
        return f" on {self._day(told.changed)} at {told.changed.astimezone(self._zone):%H:%M}"

    def _day(self, instant: datetime) -> str:
        day = instant.astimezone(self._zone)
        return f"{day.day} {day:%B}" + ("" if day.year == self._year else f" {day.year}")


def memory_of(change: Change, remembered: Remembrance) -> Body:
    """Give what is remembered of one change: of its settings the one that says most."""
    told = [found for one in of_change(change) if (found := remembered.told.get(one.id))]
    if not told:
        return {}
    order = [FindingNovelty.CONTESTED, FindingNovelty.NEW, FindingNovelty.ONGOING]
    most = min(told, key=lambda one: order.index(one.state))
    return {
        "state": str(most.state),
        "since": min(one.since for one in told).isoformat(),
        "cause": str(most.cause),
        "actor": _actor(most.actor),
        "changed": most.changed.isoformat() if most.changed else None,
        "news": any(one.news for one in told),
        "findings": [one.difference.id for one in told],
    }


def findings_answer(remembered: Remembrance) -> Body:
    """Give every finding with what is remembered of it, and those that are none any more."""
    return {
        "findings": [_finding(key, told) for key, told in remembered.told.items()],
        "fixed": [_ended(one) for one in remembered.ended],
        "logs_unread": list(dict.fromkeys(remembered.unread)),
    }


def counts(remembered: Remembrance) -> Mapping[str, int]:
    """Count the findings by their state."""
    found = Counter(told.state for told in remembered.told.values())
    return {
        **{
            str(state): found[state] for state in (FindingNovelty.NEW, FindingNovelty.ONGOING, FindingNovelty.CONTESTED)
        },
        str(FindingNovelty.FIXED): len(remembered.ended),
    }


def _finding(key: str, told: RememberedFinding) -> Body:
    return {
        "id": key,
        **_named(told.difference),
        "state": str(told.state),
        "since": told.since.isoformat(),
        "cause": str(told.cause),
        "actor": _actor(told.actor),
        "changed": told.changed.isoformat() if told.changed else None,
        "news": told.news,
    }


def _ended(one: Ended) -> Body:
    return {
        "id": one.id,
        **_named(one.difference),
        "state": str(FindingNovelty.FIXED),
        "since": one.since.isoformat(),
        "by": str(one.how),
    }


def _named(difference: Difference) -> Body:
    label = difference.address.label
    return {
        "address": str(difference.address),
        **({"of": label} if label else {}),
        "path": difference.path or None,
        "what": str(difference.what),
    }


def _actor(actor: Actor | None) -> Json:
    return None if actor is None else {"kind": "person" if actor.person else "application", "name": actor.name}
