"""Says what changed since the last export, and whether it came from the playbooks or from outside them; pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from toolkit.planning.fact import PLAYBOOKS_SAY, Fact, Verdict
from toolkit.planning.statuses import ClauseStatus
from toolkit.record.sightings import Seen, Sighting
from toolkit.report.export.wording import named, plainly
from toolkit.report.wording import counted
from toolkit.running.export import Exported, Past, Wrote
from toolkit.tenant.address import parse_address
from toolkit.values import Body

INSIDE, OUTSIDE, RECORDS = "inside the playbooks", "outside the playbooks", "records and confirmations"
_FAILING = frozenset({Verdict.FAILS, Verdict.IN_PART, Verdict.UNREAD})
_COMMANDS = {
    "apply": "put in place as the playbooks say",
    "due": "done because the calendar made it due",
    "rollback": "brought back to an earlier state",
}


def changes(statuses: Sequence[ClauseStatus], past: Past, playbooks: str) -> Body:
    """Give the clauses that moved, what runs wrote, and what was found changed by other hands."""
    last = past.exports[0] if past.exports else None
    return {
        "since": last.at.isoformat() if last else None,
        "playbooks_changed": None if last is None else last.playbooks != playbooks,
        "clauses": list(_moved(statuses, last, playbooks)) if last else [],
        "runs": [_run(one) for one in past.wrote],
        "outside": [_found(entry, one) for entry in past.seen for one in entry.found],
        "earlier": _earlier(past),
        "put_right": past.put_right,
    }


def _earlier(past: Past) -> Body:
    """Say how much is counted and not listed, since only the latest is."""
    runs, found = past.wrote_earlier, past.seen_earlier
    words = f"The latest are listed. {counted(runs, 'run')} and {counted(found, 'finding')} before them are counted, "
    words += "and stand one by one in the school's own record."
    return {"runs": runs, "outside": found, "words": words if runs or found else ""}


def _moved(statuses: Sequence[ClauseStatus], last: Exported, playbooks: str) -> Iterator[Body]:
    for one in statuses:
        before = last.statuses.get(one.clause.name)
        if before is None or before == one.status:
            continue
        where = _where(one, same_playbooks=last.playbooks == playbooks)
        why = f": {plainly(one.because[0])}" if one.because else ""
        yield {
            "clause": one.clause.name,
            "before": before,
            "now": str(one.status),
            "where": where,
            "sentence": f"{one.clause.name} was “{before}” and is “{one.status}” now{why}. It is {_by(where)}.",
        }


def _by(where: str) -> str:
    return f"a matter of {where}" if where == RECORDS else f"a change {where}"


def _where(one: ClauseStatus, *, same_playbooks: bool) -> str:
    """Say where a move comes from: with the same playbooks, what a tenant shows was changed by other hands."""
    failing: Sequence[Fact] = [fact for fact in one.evidence if fact.verdict in _FAILING]
    if any(fact.says == PLAYBOOKS_SAY for fact in failing):
        return INSIDE
    if any(fact.seen is not None for fact in failing or one.evidence):
        return OUTSIDE if same_playbooks and failing else INSIDE
    return RECORDS


def _run(one: Wrote) -> Body:
    clouds: Counter[str] = Counter()
    for kind, number in one.done.items():
        clouds[kind.partition(".")[0]] += number
    done = ", ".join(f"{number} on {named(provider)}" for provider, number in clouds.items())
    what = _COMMANDS.get(one.command, f"done by `toolkit {one.command}`")
    return {
        "at": one.at.isoformat(),
        "what": f"{counted(sum(one.done.values()), 'thing')} {what}",
        "detail": done,
        "where": INSIDE,
    }


def _found(entry: Seen, one: Sighting) -> Body:
    address = parse_address(one.address)
    thing = f"{address.kind.replace('_', ' ')} on {named(address.provider)}"
    return {
        "at": entry.at.isoformat(),
        "since": one.since.isoformat(),
        "what": f"A {thing} was not as the playbooks say",
        "detail": one.path,
        "where": {"tenant": OUTSIDE, "playbook": INSIDE}.get(str(one.cause), "not known"),
    }


def counts(statuses: Mapping[str, str]) -> Body:
    """Count the clauses of an earlier export by how they stood."""
    found: dict[str, int] = {}
    for status in statuses.values():
        found[status] = found.get(status, 0) + 1
    return dict(found)
