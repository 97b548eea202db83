"""The document of an export. Every format is written from it, so no format shows what a pack leaves out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import toolkit
from toolkit.board_report.attention import attention
from toolkit.board_report.board_requests import counts, needs, questions, trend
from toolkit.board_report.changes import changes
from toolkit.board_report.evidence import evidence
from toolkit.board_report.expiring import expiring
from toolkit.board_report.export import Export
from toolkit.board_report.first_questions import filtering
from toolkit.board_report.future_dates import FutureEntry, future_entries, without_future_entries
from toolkit.board_report.mfa_numbers import devices, lost_devices, second_factor
from toolkit.board_report.name_redaction import NameFilter
from toolkit.board_report.pack import FORMAT, Pack
from toolkit.board_report.plain_language import (
    Sentence,
    about_plainly,
    capital,
    named,
    negatively,
    plainly,
    seemly,
    sentence_of,
)
from toolkit.board_report.registers import acknowledgements, checklists, confirmations, decisions, exceptions
from toolkit.board_report.release import DRAFT, add_responses
from toolkit.board_report.requirements import RECORDED, certificate_questions, record_lines, requirements
from toolkit.board_report.reviewed_text import boilerplate, standards
from toolkit.board_report.seal import add_seal
from toolkit.engine.policy import PolicyReport
from toolkit.planning.policy.page import NOBODY
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.playbook.policy_entries import ClauseClass
from toolkit.render.line import row, to_body
from toolkit.sdk.reason import Reason
from toolkit.values import Body

JUDGED = frozenset({ClauseClass.SETTABLE, ClauseClass.VISIBLE})
"""The classes of clauses that a computer can judge."""


def document(export: Export, pack: Pack, cases: Body | None = None) -> Body:
    """Give all that a pack says; `cases` is the register of holds, for the case pack alone."""
    written, today = export.report.playbooks, export.report.now.date()
    report = replace(export.report, playbooks=without_future_entries(written, today))
    export, future = replace(export, report=report), future_entries(written, today)
    told: dict[str, object] = {**_head(export, pack), "summary": _summary(export)}
    match pack:
        case Pack.GOVERNORS:
            told |= {**_board(export, future, objects=False)}
        case Pack.EVIDENCE:
            told |= {**_board(export, future, objects=True), "evidence": evidence(export.report)}
        case Pack.STANDARDS:
            told |= {
                "requirements": requirements(export.report),
                "records": _records(export.report),
                **{name: boilerplate()[name] for name in ("confidential", "standards_note")},
            }
        case Pack.CASE:
            told |= {"cases": cases or {}}
        case Pack.SUMMARY:
            pass
    seemly_told = seemly(to_body(told), names=pack is Pack.CASE)
    if pack is not Pack.CASE:
        seemly_told = NameFilter(export.report.people, school=export.report.playbooks.school.name).out_of(seemly_told)
    assert isinstance(seemly_told, Mapping)
    return add_seal(seemly_told)


def _head(export: Export, pack: Pack) -> Mapping[str, object]:
    report = export.report
    practice = report.context.target.name != "live"
    policy = dict(_policy(report))
    if pack in {Pack.GOVERNORS, Pack.EVIDENCE}:
        policy |= _signature_of(report)
    return {
        "format": FORMAT,
        "pack": pack,
        "practice_run": practice,
        "notice": " ".join(_notices(report, practice=practice)),
        "target": report.context.target.name,
        "school": report.playbooks.school.name,
        "policy": policy,
        "run": {
            "id": report.context.run,
            "at": report.now,
            "toolkit": toolkit.__version__,
            "evidence_since": report.evidence_since,
            "last_export": export.past.exports[0].at if export.past.exports else None,
        },
        "record": {"entries": export.head.count, "head": export.head.hash, "playbooks": report.playbooks.digest},
        "method": boilerplate()["method"],
    }


def _notices(report: PolicyReport, *, practice: bool) -> Iterator[str]:
    """Give what every page says: that it is a practice run, that the policy is not adopted."""
    if practice:
        yield boilerplate()["practice"]
    if report.page and report.page.unratified(report.now.date()):
        yield boilerplate()["unratified"]


def _policy(report: PolicyReport) -> Mapping[str, object]:
    """Give the dates that count of the document, where they come from, and by how many days the review is overdue."""
    page = report.page
    return {
        "title": page.document.title if page else "",
        "version": page.version if page else None,
        "ratified": page.ratified if page else None,
        "review_due": page.review_due if page else None,
        "overdue_days": page.overdue(report.now.date()) if page else 0,
        "dates_from": plainly(page.says) if page else None,
    }


def _signature_of(report: PolicyReport) -> Mapping[str, object]:
    """Give what is overdue or blank, and who signed."""
    page = report.page
    return {
        "first": list(map(plainly, report.first)),
        "committee": page.document.committee if page else None,
        "signed_by": page.signed_by if page else None,
        "signed": page.document.signed if page else None,
    }


def _summary(export: Export) -> Mapping[str, object]:
    report, before = export.report, export.past.before
    judged = Counter(str(one.status) for one in report.statuses if one.clause.of_class in JUDGED)
    people = sum(one.clause.of_class is ClauseClass.PEOPLE for one in report.statuses)
    return {
        "told": _say_counts(judged),
        "clauses": len(report.statuses),
        "all": report.summary,
        "judged": judged.total(),
        "of_judged": {str(standing): judged[str(standing)] for standing in ClauseStanding},
        "evidence_only": len(report.statuses) - judged.total() - people,
        "people_only": people,
        "before": {"at": before.at, "all": counts(before.statuses)} if before else None,
    }


_IN_WORDS = {
    ClauseStanding.PARTLY: "{number} partly",
    ClauseStanding.NOT_MET: "{number} not",
    ClauseStanding.NOT_CHECKED: "{number} not known",
    ClauseStanding.EXCEPTED: "{number} with an accepted exception",
    ClauseStanding.UNDECIDED: "{number} waiting for a decision",
}


def _say_counts(judged: Mapping[str, int]) -> str:
    """Return the one sentence about the clauses that can be checked; its numbers add up to all of them."""
    all_of_them, met = sum(judged.values()), judged[str(ClauseStanding.MET)]
    if not all_of_them:
        return "No clause is judged in this report."
    rest = [words.format(number=judged[str(standing)]) for standing, words in _IN_WORDS.items()]
    some = [words for words, standing in zip(rest, _IN_WORDS, strict=True) if judged[str(standing)]]
    first = f"{met} of {all_of_them} rules that can be checked {'is' if met == 1 else 'are'} in place"
    return f"{'; '.join([first, *some])}."


_FIXED = ("not_covered", "sign_off", "spot_checks", "verify", "meanings", "confidential")
"""The fixed sentences of the packs for the board."""


def _board(export: Export, future: Sequence[FutureEntry], *, objects: bool) -> Mapping[str, object]:
    """Give what governors read; `objects` says whether objects of the tenants are named."""
    report, past = export.report, export.past
    before = past.before.statuses if past.before else {}
    judged = {one.clause.name for one in report.statuses if one.clause.of_class in JUDGED}
    told: Mapping[str, object] = {
        "questions": questions(report),
        "release": DRAFT,
        "gaps": attention(export),
        "filtering": filtering(report),
        "mfa": second_factor(report),
        "devices": devices(report),
        "needs": needs(report, future),
        "future_dates": future,
        "compared": _comparison_of(export),
        "changes": changes(export, objects=objects),
        "clauses": [_clause(one, before) for one in report.statuses],
        "unmentioned": [clause.name for clause in report.unmentioned],
        "exceptions": exceptions(report.playbooks, past, report.now, objects=objects),
        "decisions": decisions(report.playbooks),
        "confirmations": confirmations(report.playbooks, report.now.date()),
        "acknowledgements": acknowledgements(report.playbooks.registers.acknowledgements),
        "lost_devices": lost_devices(report),
        "checklists": checklists(report.playbooks, past.checklists, report.now.date()),
        "records": _records(report),
        "cyber_essentials": certificate_questions(report),
        "incidents": {
            "all": len(report.playbooks.registers.incidents),
            "open": sum(one.closed is None for one in report.playbooks.registers.incidents),
        },
        "trend": trend(export, judged),
        "standards": _standards(report),
        **{name: boilerplate()[name] for name in _FIXED},
    }
    body = to_body(told)
    return add_responses({**body, "expires": expiring(export, body, objects=objects)}, past.answers)


def _records(report: PolicyReport) -> list[Body]:
    return [*record_lines(report.playbooks.registers.records, report.now.date())]


def _comparison_of(export: Export) -> Mapping[str, object]:
    """Say what this report is compared with: the one before it, a day, or the file of an earlier one."""
    beginning = export.beginning
    return {
        "with": "a file" if beginning.earlier else "a day" if beginning.day else "the last report",
        "day": beginning.day.date() if beginning.day else None,
        "in_record": beginning.after is not None if beginning.earlier else None,
    }


def _clause(one: ClauseStatus, before: Mapping[str, str]) -> Mapping[str, object]:
    clause = one.clause
    return {
        **row(clause, "clause=name", "says", "class=of_class", "owner"),
        **row(clause, "section=place.section", "paragraph=place.paragraph", "begins=place.begins"),
        "judged": clause.of_class in JUDGED,
        "status": one.status,
        "before": before.get(clause.name),
        "because": [plainly(reason) for reason in one.because],
        "brief": [capital(negatively(reason)) for reason in one.because],
        "reasons": [_reason(sentence_of(reason)) for reason in one.because],
        "lacking": {about_plainly(about): verdict for about, verdict in one.lacking_of.items()},
        "who_says": list(map(plainly, one.says)),
        "sources": [plainly(says) for says in one.says if not _is_told(says, one.because)],
        "since": one.since,
        "clouds": {named(name): standing for name, standing in one.by_provider.items()},
        "controls": [named(name) for name in clause.controls],
    }


def _is_told(says: Reason, because: Sequence[Reason]) -> bool:
    """Return whether no one says so, or a reason has said who does."""
    return says == NOBODY or any(says in reason.within for reason in because)


def _reason(sentence: Sentence) -> Mapping[str, object]:
    return {
        "subject": capital(sentence.subject),
        "found": sentence.found if sentence.subject else capital(sentence.found),
    }


def _standards(report: PolicyReport) -> Mapping[str, object]:
    beside = []
    for name, one in sorted(standards().controls.items()):
        here = [
            each.clause.name
            for each in report.statuses
            if name in each.clause.controls or each.clause.name in one.clauses
        ]
        if one.ids and here:
            beside.append(
                {
                    "subject": one.title or named(name),
                    "looked_at": not one.title or name.startswith(RECORDED),
                    "clauses": here,
                    "ids": one.ids,
                }
            )
    return {"versions": standards().versions, "subjects": beside}
