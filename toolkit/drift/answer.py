"""A drift as JSON."""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from toolkit.drift.model import Difference, EndedFinding, FindingNovelty, RememberedFinding, Remembrance, of_change
from toolkit.drift.run import DriftReport
from toolkit.engine.run_report import summary
from toolkit.planning.change import Change
from toolkit.render.answer import answer
from toolkit.render.line import row, to_body
from toolkit.render.skipped_answer import named_address
from toolkit.sdk.audit_log import Actor
from toolkit.values import Body, Json


def drift_answer(drift: DriftReport) -> Body:
    remembered, report = drift.remembered, drift.run
    more = {
        "summary": {**summary(report.plan, report.outcomes), **counts(remembered)},
        **findings_answer(remembered),
        "missed": [str(fault) for fault in drift.missed],
        "failed_runs": [str(fault) for fault in drift.failed],
        "refused_runs": drift.refused,
        "worth_a_look": [
            {**named_address(look.address), **row(look, "finding", "path", "people", "known=command")}
            for look in drift.first_look
        ],
    }
    return {**answer(report, partial(memory_of, remembered=remembered)), **to_body(more)}


def memory_of(change: Change, remembered: Remembrance) -> Body:
    """Give what is remembered of one change: of its settings the one that says most."""
    told = [found for one in of_change(change) if (found := remembered.told.get(one.id))]
    if not told:
        return {}
    order = [FindingNovelty.CONTESTED, FindingNovelty.NEW, FindingNovelty.ONGOING]
    most = min(told, key=lambda one: order.index(one.state))
    return to_body(
        {
            **_remembered(most),
            "since": min(one.since for one in told),
            "news": any(one.news for one in told),
            "findings": [one.difference.id for one in told],
        }
    )


def findings_answer(remembered: Remembrance) -> Body:
    """Give every finding with what is remembered of it, and those that are none any more."""
    told = remembered.told.items()
    return to_body(
        {
            "findings": [{"id": key, **_named(one.difference), **_remembered(one)} for key, one in told],
            "fixed": [_ended(one) for one in remembered.ended],
            "logs_unread": list(dict.fromkeys(remembered.unread)),
        }
    )


def counts(remembered: Remembrance) -> Mapping[str, int]:
    """Count the findings by their state."""
    found = Counter(told.state for told in remembered.told.values())
    return {
        **{
            str(state): found[state] for state in (FindingNovelty.NEW, FindingNovelty.ONGOING, FindingNovelty.CONTESTED)
        },
        str(FindingNovelty.FIXED): len(remembered.ended),
    }


def _remembered(told: RememberedFinding) -> Body:
    return {**row(told, "state", "since", "cause", "changed", "news"), "actor": _actor(told.actor)}


def _ended(one: EndedFinding) -> Body:
    return {**row(one, "id", "since", "by=how"), **_named(one.difference), "state": str(FindingNovelty.FIXED)}


def _named(difference: Difference) -> Body:
    return {**named_address(difference.address), **row(difference, "path?", "what")}


def _actor(actor: Actor | None) -> Json:
    return None if actor is None else {"kind": "person" if actor.person else "application", "name": actor.name}
