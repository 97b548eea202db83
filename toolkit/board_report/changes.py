"""Says what changed since an earlier look, and whether it came from the playbooks or from outside them; pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from toolkit.board_report.change_origin import INSIDE, OUTSIDE, UNKNOWN, WHERE
from toolkit.board_report.drift_coverage import meanwhile
from toolkit.board_report.export import Export
from toolkit.board_report.period import FoundChange, ReportPast, Wrote
from toolkit.board_report.plain_language import named
from toolkit.board_report.status_changes import moved
from toolkit.drift.model import What
from toolkit.planning.finding_state import Ending
from toolkit.render.values_text import counted
from toolkit.sdk.address import Address
from toolkit.sdk.providers import kinds
from toolkit.values import Body
from toolkit.yaml.messages import day

_COMMANDS = {
    "apply": "put in place as the playbooks say",
    "due": "done because the calendar made it due",
    "rollback": "brought back to an earlier state",
}
_OUTSIDE_HOURS = "outside the hours that the school keeps for changes"
_OTHERWISE = "was not as the playbooks say"
_WAS: Mapping[str, str] = {
    What.MISSING: "was missing",
    What.DIFFERENT: _OTHERWISE,
    What.UNWANTED: "was there and should not have been",
    What.MOVED: "stood in another place",
    What.LOOK_ALIKE: "had a double that somebody else made",
    What.DEFEATED: "was kept from working by something else",
    What.REFUSED: "could not be put in place",
}
_ENDED = {
    Ending.REPAIRED: "a run of the tool put it right on {day}",
    Ending.TENANT: "it was right again on {day}, without the tool",
    Ending.AS_WANTED: "it was right again on {day}",
    Ending.ACCEPTED: "it was accepted as it is on {day}",
    Ending.PLAYBOOK: "the playbooks did not ask for it any more on {day}",
}


def changes(export: Export, *, objects: bool) -> Body:
    """Give the clauses that moved, what runs wrote, and what was found otherwise than the playbooks say.

    `objects` says whether objects and settings are named, as in the evidence.
    """
    past, playbooks = export.past, export.report.playbooks.digest
    statuses = {one.clause.name for one in export.report.statuses}

    def on(moment: datetime) -> str:
        return day(moment.astimezone(export.report.now.tzinfo).date())

    before = past.before
    return {
        "since": before.at.isoformat() if before else None,
        "playbooks_changed": None if before is None else before.playbooks != playbooks,
        "clauses": moved(export),
        "new": sorted(statuses - set(before.statuses)) if before else [],
        "gone": sorted(set(before.statuses) - statuses) if before else [],
        "runs": [_run(one, on) for one in past.wrote],
        "found": [_found(one, export, on, objects=objects) for one in past.found],
        "earlier": _earlier(past),
        "put_right": past.course.put_right,
        "minutes": past.course.minutes,
        "looks": past.looks,
        "told": meanwhile(past, export.report.now),
    }


def _earlier(past: ReportPast) -> Body:
    """Say how much is counted and not listed, since only the latest is."""
    runs, found = past.wrote_earlier, past.found_earlier
    words = f"The latest are listed. {counted(runs, 'run')} and {counted(found, 'finding')} before them are counted, "
    words += "and stand one by one in the school's own record."
    return {"runs": runs, "found": found, "words": words if runs or found else ""}


def _run(one: Wrote, on: Callable[[datetime], str]) -> Body:
    clouds: Counter[str] = Counter()
    for kind, number in one.done.items():
        clouds[kind.partition(".")[0]] += number
    done = ", ".join(f"{number} on {named(provider)}" for provider, number in clouds.items())
    things = counted(sum(one.done.values()), "thing")
    how = _COMMANDS.get(one.command, f"done by `toolkit {one.command}`")
    return {
        "at": one.at.isoformat(),
        "what": f"{things} {how}",
        "detail": f"{done}; {_OUTSIDE_HOURS}, since: {one.override}" if one.override else done,
        "where": INSIDE,
        "sentence": f"On {on(one.at)} a run of the tool changed {things} ({done}): a change {INSIDE}"
        f"{f', {_OUTSIDE_HOURS}' if one.override else ''}.",
    }


def _found(one: FoundChange, export: Export, on: Callable[[datetime], str], *, objects: bool) -> Body:
    """Tell what a drift found; what a run of ours put right and the playbooks did not bring came from outside."""
    where = WHERE.get(one.cause, UNKNOWN)
    if where == UNKNOWN and one.how is Ending.REPAIRED:
        where = OUTSIDE
    by = export.differences.roles.get(one.actor or "", "")
    what = f"{_thing(one.address)} {_WAS.get(one.what, _OTHERWISE)}"
    minutes = round((one.ended - one.since).total_seconds() / 60) if one.ended else None
    named_so: Mapping[str, str] = {"object": str(one.address), "setting": one.path} if objects else {}
    return {
        "at": one.since.isoformat(),
        "what": what,
        "detail": _end(one, on),
        "where": where,
        "by": by or None,
        "ended": one.ended.isoformat() if one.ended else None,
        "how": str(one.how) if one.how else None,
        "minutes": minutes,
        "sentence": f"{what} on {on(one.since)}, {_made(where, by)}; {_end(one, on)}.",
        **named_so,
    }


def _made(where: str, by: str) -> str:
    if where == UNKNOWN:
        return "and nothing on record says why"
    if where == OUTSIDE:
        return f"a change {where}" + (f" by {by}" if by else "")
    return f"a change {where}" if where == INSIDE else f"a matter of {where}"


def _end(one: FoundChange, on: Callable[[datetime], str]) -> str:
    if one.ended is None or one.how is None:
        return "it is so still"
    return _ENDED[one.how].format(day=on(one.ended))


def _thing(address: Address) -> str:
    """Name one of a kind as governors do."""
    known = kinds(address.provider).get(address.kind)
    title = known.title if known else address.kind.replace("_", " ")
    return f"{'An' if title[:1] in 'aeiouAEIOU' else 'A'} {title} on {named(address.provider)}"
