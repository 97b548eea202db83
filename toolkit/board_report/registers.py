"""What stands in the school's own registers: exceptions, what was accepted, confirmations, approvals; pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from toolkit.board_report.decisions import chosen
from toolkit.board_report.period import Removed
from toolkit.board_report.plain_language import named
from toolkit.playbook.choices import CHOICES
from toolkit.playbook.entries import Departure, Playbooks
from toolkit.values import Body
from toolkit.yaml.node import plain


def exceptions(playbooks: Playbooks, removed: Sequence[Removed], now: datetime) -> list[Body]:
    """Give every exception, and what was accepted as it is: why, for whom, from when to when, who approved it."""
    departures = [_exception(one, removed, now) for one in playbooks.departures]
    accepted: list[Body] = [
        {
            "name": str(one.address),
            "about": f"{one.address.kind.replace('_', ' ')} on {named(one.address.provider)}",
            "for": "what it is about",
            "reason": one.reason,
            "begins": one.on.isoformat(),
            "ends": one.ends.isoformat(),
            "by": one.by,
            "on": one.on.isoformat(),
            "assessment": None,
            "clauses": [],
            "state": "in force" if one.live(now) else "ended",
            "removed": None,
            "late_minutes": None,
        }
        for one in playbooks.acceptances
    ]
    return [*departures, *accepted]


def _exception(one: Departure, removed: Sequence[Removed], now: datetime) -> Body:
    ended = [each for each in removed if each.exception == one.name]
    state = "in force" if one.live(now) else "not begun" if now < one.begins else "ended"
    return {
        "name": one.name,
        "about": named(one.entry.name),
        "for": one.audience.replace("_", " "),
        "reason": one.reason,
        "begins": one.begins.isoformat(),
        "ends": one.ends.isoformat(),
        "by": one.by,
        "on": one.on.isoformat(),
        "assessment": one.dpia,
        "clauses": list(one.clauses),
        "state": state,
        "removed": max(each.at for each in ended).isoformat() if ended else None,
        "late_minutes": max(each.minutes for each in ended) if ended else None,
    }


def decisions(playbooks: Playbooks) -> Body:
    """Give the choices that the policy leaves open: those still to be made, and those made: what, by whom and when."""
    return {
        "open": [{"question": one.question, "clauses": [*one.clauses]} for one in playbooks.undecided],
        "made": [
            {
                "question": CHOICES[name].question if name in CHOICES else name,
                "chosen": chosen(plain(one.value)),
                "by": one.by,
                "on": one.on.isoformat(),
                "minute": one.minute,
                "review": one.review.isoformat() if one.review else None,
            }
            for name, one in playbooks.decisions.decided.items()
        ],
    }


def confirmations(playbooks: Playbooks, today: date) -> list[Body]:
    """Give everything that somebody confirmed, and until when it counts."""
    return list(_confirmations(playbooks, today))


def _confirmations(playbooks: Playbooks, today: date) -> Iterator[Body]:
    for one in playbooks.attestations:
        what = f"{named(one.control)}: {one.part} ({named(one.provider)})"
        yield _confirmed(what, one.by, one.on, one.until, operator=one.operator, note=one.note, today=today)
    for each in playbooks.registers.attested:
        yield _confirmed(each.clause, each.by, each.on, each.until, operator=each.operator, note=each.note, today=today)
    for approval in playbooks.registers.approvals:
        what = f"{approval.clause}: {approval.what}" + (f" ({approval.reference})" if approval.reference else "")
        yield _confirmed(what, approval.by, approval.on, approval.until, operator=False, note="approved", today=today)


def _confirmed(what: str, by: str, on: date, until: date, *, operator: bool, note: str | None, today: date) -> Body:
    return {
        "what": what,
        "by": f"{by} (who runs the tool)" if operator else by,
        "on": on.isoformat(),
        "until": until.isoformat(),
        "state": "counts" if today <= until else "overdue",
        "note": note or "",
    }
