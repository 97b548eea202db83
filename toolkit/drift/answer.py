"""A drift as JSON."""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from toolkit.drift.first_look import WorthALook
from toolkit.drift.model import Difference, Ended, FindingNovelty, RememberedFinding, Remembrance, of_change
from toolkit.drift.run import DriftReport
from toolkit.engine.exit_codes import summary
from toolkit.planning.change import Change
from toolkit.render.answer import answer, named_address
from toolkit.render.serialise import to_body
from toolkit.sdk.audit_log import Actor
from toolkit.values import Body, Json


def drift_answer(drift: DriftReport) -> Body:
    """Give everything that a drift answers with."""
    remembered, report = drift.remembered, drift.run
    more = {
        "summary": {**summary(report.plan, report.outcomes), **counts(remembered)},
        **findings_answer(remembered),
        "missed": drift.missed,
        "failed_runs": drift.failed,
        "refused_runs": drift.refused,
        "worth_a_look": [{**_place(look), "known": look.command} for look in drift.first_look],
    }
    return {**answer(report, partial(memory_of, remembered=remembered)), **to_body(more)}


def _place(look: WorthALook) -> Mapping[str, object]:
    return {**named_address(look.address), "finding": look.finding, "path": look.path, "people": look.people}


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


def _remembered(told: RememberedFinding) -> Mapping[str, object]:
    return {
        "state": told.state,
        "since": told.since,
        "cause": told.cause,
        "actor": _actor(told.actor),
        "changed": told.changed,
        "news": told.news,
    }


def _ended(one: Ended) -> Mapping[str, object]:
    return {
        "id": one.id,
        **_named(one.difference),
        "state": FindingNovelty.FIXED,
        "since": one.since,
        "by": one.how,
    }


def _named(difference: Difference) -> Mapping[str, object]:
    return {**named_address(difference.address), "path": difference.path or None, "what": difference.what}


def _actor(actor: Actor | None) -> Json:
    return None if actor is None else {"kind": "person" if actor.person else "application", "name": actor.name}
