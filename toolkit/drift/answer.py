"""A drift as JSON."""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from toolkit.drift.model import Difference, Ended, FindingNovelty, RememberedFinding, Remembrance, of_change
from toolkit.drift.run import DriftReport
from toolkit.engine.exit_codes import summary
from toolkit.planning.change import Change
from toolkit.render.answer import answer
from toolkit.sdk.audit_log import Actor
from toolkit.values import Body, Json


def drift_answer(drift: DriftReport) -> Body:
    """Give everything that a drift answers with."""
    remembered, report = drift.remembered, drift.run
    return {
        **answer(report, partial(memory_of, remembered=remembered)),
        "summary": {**summary(report.plan, report.outcomes), **counts(remembered)},
        **findings_answer(remembered),
        "missed": list(drift.missed),
        "failed_runs": list(drift.failed),
        "refused_runs": list(drift.refused),
    }


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
