"""How the policy stands as JSON, for programs."""

from collections.abc import Mapping

from toolkit.engine.policy import PolicyReport
from toolkit.planning.policy.fact import Fact
from toolkit.planning.policy.page import Page
from toolkit.planning.policy.statuses import ClauseStatus
from toolkit.render.answer import run_answer
from toolkit.render.serialise import to_body
from toolkit.values import Body


def policy_answer(report: PolicyReport) -> Body:
    """Give everything that the policy is answered with."""
    answer = {
        **run_answer(report.context, report.playbooks, report.tenants, report.exit),
        "now": report.now,
        "evidence_since": report.evidence_since,
        "document": _document(report.page),
        "first": report.first,
        "summary": report.summary,
        "clauses": [_clause(one) for one in report.statuses],
        "unmentioned": [clause.name for clause in report.unmentioned],
    }
    return to_body(answer)


def _document(page: Page | None) -> Mapping[str, object] | None:
    if page is None:
        return None
    document = page.document
    return {
        "title": document.title,
        "committee": document.committee,
        "version": page.version,
        "ratified": page.ratified,
        "review_due": page.review_due,
        "dates_from": page.says,
        "signed_by": page.signed_by,
        "signed": document.signed,
        "versions": [{"version": one.version, "came": one.came, "on": one.on} for one in document.versions],
    }


def _clause(one: ClauseStatus) -> Mapping[str, object]:
    clause = one.clause
    return {
        "clause": clause.name,
        "says": clause.says,
        "class": clause.of_class,
        "owner": clause.owner,
        "place": clause.place,
        "status": one.status,
        "because": one.because,
        "who_says": one.says,
        "since": one.since,
        "clouds": one.by_provider,
        "evidence": [_fact(fact) for fact in one.evidence],
    }


def _fact(fact: Fact) -> Mapping[str, object]:
    return {
        "verdict": fact.verdict,
        "reason": fact.reason,
        "who_says": fact.says,
        "provider": fact.provider,
        "control": fact.control or None,
        "seen": fact.seen,
    }
