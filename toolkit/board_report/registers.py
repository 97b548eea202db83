"""The school's registers for governors: exceptions, accepted findings, decisions, confirmations, approvals."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from toolkit.board_report.period import ReportPast
from toolkit.board_report.plain_language import capital, named
from toolkit.ledger.checklists import StartedChecklist
from toolkit.planning.checks.test_records import asked_to_try, due_by, months_between, things_tested
from toolkit.playbook.attestations import Attestation, Trial
from toolkit.playbook.checklists import all_checklists
from toolkit.playbook.choices import CHOICES
from toolkit.playbook.entries import Departure, Playbooks
from toolkit.playbook.registers import Acknowledgement, Approval, Attested
from toolkit.render.line import row, to_body
from toolkit.render.values_text import counted
from toolkit.sdk.dates import day
from toolkit.sdk.reason import Share
from toolkit.sdk.schedule import DUE_EVERY
from toolkit.values import Body, Json
from toolkit.yaml.node import plain

_NOT_ASKED = "not asked for"


def exceptions(playbooks: Playbooks, past: ReportPast, now: datetime, *, objects: bool) -> list[Body]:
    """Return every exception and accepted finding: why, for whom, from when to when, and who approved it.

    `objects` says whether objects of the tenants are named.
    """
    schedule = playbooks.school.schedule
    often = schedule.minutes if schedule else DUE_EVERY
    departures = [_exception(one, past, now, often) for one in playbooks.departures]
    accepted: list[Mapping[str, object]] = [
        {
            "name": one.address if objects else "Accepted as it is",
            "about": f"{one.address.kind.replace('_', ' ')} on {named(one.address.provider)}",
            "for": "everyone whom it is about",
            "reason": one.reason,
            "begins": one.on,
            "ends": one.ends,
            "by": one.by,
            "on": one.on,
            "assessment": None,
            "clauses": [],
            "state": "active" if one.live(now) else "ended",
            "left": None,
            "removed": None,
            "late_minutes": None,
        }
        for one in playbooks.acceptances
    ]
    return [to_body(one) for one in (*departures, *accepted)]


def _exception(one: Departure, past: ReportPast, now: datetime, often: int) -> Mapping[str, object]:
    """Return an exception; one that the first run of `due` after its end took back was not late."""
    ended = [each for each in past.removed if each.exception == one.name]
    left = {*past.put_in_place.get(one.name, ())} - {each.provider for each in ended}
    state = "active" if one.live(now) else "not begun" if now < one.begins else "ended"
    return {
        **row(one, "name", "reason", "begins", "ends", "by", "on", "assessment=dpia", "clauses"),
        "about": named(one.entry.name),
        "for": one.audience.replace("_", " "),
        "state": state,
        "left": [named(cloud) for cloud in sorted(left)] if state == "ended" else [],
        "removed": max((each.at for each in ended), default=None),
        "late_minutes": max((each.minutes if each.minutes > often else 0 for each in ended), default=None),
    }


def decisions(playbooks: Playbooks) -> Body:
    """Give the choices that the policy leaves open: those still to be made, and those made: what, by whom and when."""
    made = [
        {
            "question": CHOICES[name].question if name in CHOICES else name,
            "chosen": choice_text(plain(one.value)),
            **row(one, "by", "on", "minute", "review"),
        }
        for name, one in playbooks.decisions.decided.items()
    ]
    to_make = [{"question": one.question, "clauses": one.clauses} for one in playbooks.undecided]
    return to_body({"open": to_make, "made": made})


def confirmations(playbooks: Playbooks, today: date) -> list[Body]:
    """Return everything that people confirmed or tested, and until when it counts; of a failed test no day."""
    confirmed = [
        to_body(
            {
                "what": what,
                "by": f"{word.by} (who runs the tool)" if operator else word.by,
                "on": word.on,
                "until": word.until,
                "state": _state(playbooks, word, word.until, today),
                "note": note or "",
            }
        )
        for what, word, operator, note in _confirmations(playbooks)
    ]
    return [*confirmed, *(to_body(_test_line(one, playbooks, today)) for one in playbooks.trials)]


def _test_line(one: Trial, playbooks: Playbooks, today: date) -> Mapping[str, object]:
    """Return a test as a line of what people confirmed."""
    until = due_by(one, months_between(asked_to_try(one.control, playbooks)))
    return {
        "what": f"{named(one.control)}: {one.part}, tested on {things_tested(one)}",
        "by": f"{one.by} (who runs the tool)" if one.operator else one.by,
        "on": one.on,
        "until": until if one.passed else None,
        "state": "failed" if not one.passed else _state(playbooks, one, until, today),
        "note": one.note or "",
    }


def _state(playbooks: Playbooks, word: Attestation | Trial | Attested | Approval, until: date, today: date) -> str:
    """Return whether a word counts: one about a control that no playbook asks for does not."""
    if isinstance(word, Attestation | Trial) and word.control not in playbooks.asked:
        return _NOT_ASKED
    return "counts" if today <= until else "overdue"


def acknowledgements(entries: Sequence[Acknowledgement]) -> list[Body]:
    """Return how many of each role said that they know the policy; of a small group no number."""
    return [_acknowledgement(entry, Share(entry.signed, entry.of)) for entry in entries]


def _acknowledgement(entry: Acknowledgement, share: Share) -> Body:
    numbers = {"signed": None, "of": None} if share.small else {"signed": share.count, "of": share.of}
    return {**to_body(row(entry, "role", "on")), **numbers, "told": capital(f"{share.for_governors} {entry.role}")}


def _confirmations(playbooks: Playbooks) -> Iterator[tuple[str, Attestation | Attested | Approval, bool, str | None]]:
    for one in playbooks.attestations:
        yield f"{named(one.control)}: {one.part} ({named(one.provider)})", one, one.operator, one.note
    for each in playbooks.registers.attested:
        yield each.clause, each, each.operator, each.note
    for approval in playbooks.registers.approvals:
        what = f"{approval.clause}: {approval.what}" + (f" ({approval.reference})" if approval.reference else "")
        yield what, approval, False, "approved"


def checklists(playbooks: Playbooks, started: Sequence[StartedChecklist], today: date) -> list[Body]:
    """Count the checklists that were started, and their steps, by what they are for; no one is named."""
    titles = {name: one.title for name, one in all_checklists(playbooks.checklists).items()} if started else {}
    return [
        _checklists(titles.get(name, name), [one for one in started if one.name == name], today)
        for name in dict.fromkeys(one.name for one in started)
    ]


def _checklists(title: str, started: Sequence[StartedChecklist], today: date) -> Body:
    going = [one for one in started if one.open]
    numbers = {
        "started": len(started),
        "finished": sum(one.stopped is None and not one.left for one in started),
        "stopped": sum(one.stopped is not None for one in started),
        "open": len(going),
        "overdue": sum(len(one.overdue(today)) for one in going),
        "verified": sum(len(one.verified) for one in started),
        "stated": sum(len(one.stated.keys() - one.verified.keys()) for one in started),
    }
    told = ", ".join(f"{numbers[key]} {key}" for key in ("started", "finished", "stopped", "open") if numbers[key])
    late = f" {counted(numbers['overdue'], 'step')} overdue." if numbers["overdue"] else ""
    done = f" Steps done: {numbers['verified']} verified by reading, {numbers['stated']} stated by a role."
    return to_body({"title": title, **numbers, "told": f"{told}.{late}{done}"})


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = {
    "incidental_labelled": "now and then, with a label",
    "serious_only": "in serious matters alone",
    "allow_groups": "open for some groups",
    "google_chat": "Google Chat",
    "teams": "Teams",
    "allowlist": "closed, but for the sites named",
    "min_length": "characters at least",
    "mfa_required": "second factor",
    "policy_literal": "as the policy says, word for word",
    "strength_equivalent": "of equal strength",
    "signout_minutes": "minutes until sign-out",
    "lock_minutes": "minutes until the screen locks",
    "lock_counts_as_logoff": "a locked screen is as good as logging off",
    "metadata_only": "who, when and how much, not what it says",
    "retention_label": "in the mailbox, under a retention rule",
    "app_protection_only": "inside protected apps alone",
    "delegated_only": "by delegation, and never by another's password",
    "disclosure_with_approval": "by another's password, where that was allowed",
    "report_then_quarantine": "reported, and then kept apart",
    "notify_without_content": "the sender is told, without the content",
    "head_informed": "the Head knows",
    "conflicted_head": "where it is about the Head",
    "schedule_ref": "by",
    "signed_by_role": "signed by",
    "file_sha256": "checksum of the file",
}
"""What the files call it, and what anybody calls it; the rest is said as it is written, without underscores."""


def choice_text(value: Json) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str() if _DAY.fullmatch(value):
            return day(date.fromisoformat(value))
        case Mapping():
            return "; ".join(f"{_word(key)}: {choice_text(one)}" for key, one in value.items() if one is not None)
        case str():
            return _word(value)
        case Sequence():
            return ", ".join(choice_text(one) for one in value)
        case _:
            return str(value)


def _word(text: str) -> str:
    return _WORDS.get(text, text.replace("_", " ") if re.fullmatch(r"[a-z_]+", text) else text)
