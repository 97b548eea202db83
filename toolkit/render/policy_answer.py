"""How the policy stands as JSON, for programs."""

from toolkit.engine.policy import PolicyReport
from toolkit.planning.policy.fact import Fact
from toolkit.planning.policy.page import Page
from toolkit.planning.policy.statuses import ClauseStatus
from toolkit.render.answer import FORMAT
from toolkit.render.settings_text import settings_answer
from toolkit.sdk.reason import admin_text
from toolkit.values import Body


def policy_answer(report: PolicyReport) -> Body:
    """Give everything that the policy is answered with."""
    return {
        "format": FORMAT,
        "target": report.context.target.name,
        "school": report.playbooks.school.name,
        "tenants": dict(report.tenants),
        "now": report.now.isoformat(),
        "exit": int(report.exit),
        **settings_answer(report.context.sources),
        "evidence_since": report.evidence_since.isoformat(),
        "document": _document(report.page),
        "first": list(map(admin_text, report.first)),
        "summary": dict(report.summary),
        "clauses": [_clause(one) for one in report.statuses],
        "unmentioned": [clause.name for clause in report.unmentioned],
    }


def _document(page: Page | None) -> Body | None:
    if page is None:
        return None
    document = page.document
    return {
        "title": document.title,
        "committee": document.committee,
        "version": page.version,
        "ratified": page.ratified.isoformat() if page.ratified else None,
        "review_due": page.review_due.isoformat() if page.review_due else None,
        "dates_from": admin_text(page.says),
        "signed_by": page.signed_by,
        "signed": document.signed.isoformat() if document.signed else None,
        "versions": [
            {"version": one.version, "came": one.came, "on": one.on.isoformat() if one.on else None}
            for one in document.versions
        ],
    }


def _clause(one: ClauseStatus) -> Body:
    clause = one.clause
    return {
        "clause": clause.name,
        "says": clause.says,
        "class": str(clause.of_class),
        "owner": clause.owner,
        "place": {
            "section": clause.place.section,
            "paragraph": clause.place.paragraph,
            "begins": clause.place.begins,
        },
        "status": str(one.status),
        "because": list(map(admin_text, one.because)),
        "who_says": list(map(admin_text, one.says)),
        "since": one.since.isoformat(),
        "clouds": {name: str(standing) for name, standing in one.by_provider.items()},
        "evidence": [_fact(fact) for fact in one.evidence],
    }


def _fact(fact: Fact) -> Body:
    return {
        "verdict": str(fact.verdict),
        "reason": admin_text(fact.reason),
        "who_says": admin_text(fact.says),
        "provider": fact.provider,
        "control": fact.control or None,
        "seen": fact.seen.isoformat() if fact.seen else None,
    }
