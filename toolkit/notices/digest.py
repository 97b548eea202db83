"""Write the news of a run as a message for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from toolkit.drift.run import DriftReport, missed_run_opening
from toolkit.engine.run_report import Report
from toolkit.errors import Exit
from toolkit.holds.model import HoldState
from toolkit.holds.reasons import NO_KEY, NOT_ASKED, NOT_DECLARED, NOT_RECORDED
from toolkit.holds.run import HoldsResult
from toolkit.ledger.chain import Head
from toolkit.ledger.notifications_sent import ONCE, WAITS
from toolkit.ledger.outside_heads import head_text
from toolkit.planning.names import describe_group
from toolkit.planning.plan_details import Unknown
from toolkit.planning.plan_states import UNMANAGED
from toolkit.playbook.references import Naming
from toolkit.records import dataclass
from toolkit.render.values_text import count_text
from toolkit.replies.run import RepliesResult
from toolkit.school.schedule import DRIFT, DUE, EXPORT
from toolkit.school.school import School
from toolkit.sdk.dates import day
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Address

HOLDS, RUN, FINDING, UNREAD, OVERDUE, NEWCOMER = "holds", "run", "finding ", "unread ", "overdue: ", "newcomer "
DONE = "done, or no longer due"
RENAMED, FAILED, MISSING, CHECKLIST, COPIES = "renamed: ", "failed: ", "missing: ", "checklist ", "copies of evidence"
NO_ANSWER, UNDONE, UNSENT = "due", "undone ", "unsent"
_BY_ID = (HOLDS, COPIES, UNREAD, RENAMED, NEWCOMER, OVERDUE, UNDONE, UNSENT)
"""The order of a message after its findings. Other entries come last, in their own order."""
_LONGEST_REASON = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestItem:
    """An entry of a digest. Entries that differ only in `what` are shown on the same line."""

    id: str
    state: str = "open"  # told again when it changes
    subject: str  # an object, or a kind with objects of people
    what: str = ""  # a setting
    phrase: str
    advice: str = ""
    critical: bool = False
    lasting: bool = True  # a state, which stays until it ends, and not an event


def unread_name(unknown: Unknown) -> str:
    """Return the name of an object or a kind that could not be read."""
    return object_label(unknown.address) if unknown.address else unknown.kind


def unread_parts_without_objects(report: Report) -> Iterator[str]:
    """Yield the parts of a run other than objects that could not be read: holds, and the people of a control.

    A hold that waits does not count.
    """
    holds = report.find_result(HoldsResult)
    codes = {reason.code for reason in holds.holds.reasons} if holds and holds.holds else set()
    if codes & {NO_KEY, NOT_ASKED, NOT_DECLARED, NOT_RECORDED}:
        yield HOLDS
    if replies := report.find_result(RepliesResult):
        yield from (f"{control} on {provider}" for provider, control, _ in replies.unread_people)


def object_label(address: Address) -> str:
    """Return the address of an object. If it may belong to a person, return only its kind."""
    kind = kinds(address.provider).get(address.kind)
    return str(address) if kind and not kind.per_person else address.kind_path


def shorten(text: str) -> str:
    """Shorten a reason so that it fits on a line."""
    folded = " ".join(text.split())
    return folded if len(folded) <= _LONGEST_REASON else f"{folded[: _LONGEST_REASON - 1]}…"


def new_object_items(report: Report) -> Iterator[DigestItem]:
    """Yield an entry for each new unmanaged object in the tenant. Objects of people are counted and not named."""
    by_label = {object_label(observed.address): observed for observed in report.newcomers}
    for name, observed in by_label.items():
        yield new_object_item(name, observed.remote.id if name == str(observed.address) else "open")


def new_object_item(name: str, state: str) -> DigestItem:
    """Return the entry about an unmanaged object that is new in the tenant.

    The key of the entry contains the object's id, so that another object with the same name is reported again.
    """
    return DigestItem(
        id=f"{NEWCOMER}{name}",
        state=state,
        subject=name,
        phrase="unmanaged: new since the last apply, and not in any playbook",
        advice="find out who made it and why. Then remove it, or write it into a playbook",
    )


_OVER = {HOLDS: "in place again", COPIES: "reviewed", RUN: "succeeds again"}


def has_ended(key: str, drift: DriftReport) -> bool:
    """Return whether a drift run shows that a reported problem no longer exists."""
    report = drift.run
    if key in {HOLDS, COPIES}:
        holds = report.find_result(HoldsResult)
        fine = {HOLDS: {HoldState.AS_WANTED, HoldState.NONE}, COPIES: set(HoldState)}[key]
        return holds is not None and holds.state in fine and not (key == COPIES and holds.overdue)
    if key.startswith(CHECKLIST):
        return key.removeprefix(CHECKLIST) not in drift.checklists
    if key.startswith(NEWCOMER):
        return _is_gone(key.removeprefix(NEWCOMER), report)
    if key.startswith(MISSING):
        missing = {f"{MISSING}{fault}" for fault in drift.missed_runs}
        return report.playbooks.school.schedule is not None and key not in missing
    still = {
        *(f"{UNREAD}{unread_name(unknown)}" for unknown in report.plan.unknown),
        *(f"{UNREAD}{name}" for name in unread_parts_without_objects(report)),
        *(f"{OVERDUE}{due_change.text}" for due_change in report.due_changes),
        *(f"{RENAMED}{group.former_name_text}" for group in report.renamed),
        *(f"{RENAMED}{describe_group(naming, name)}" for name in report.unread_groups for naming in Naming),
    }
    return key == RUN or (
        key.startswith((UNREAD, OVERDUE, RENAMED)) and not is_partial_run(report) and key not in still
    )


def _is_gone(name: str, report: Report) -> bool:
    """Return whether an object no longer exists. This is certain only if all objects of its kind were read."""
    plan, kind = report.plan, name.partition("[")[0]
    unread = {unknown.kind for unknown in plan.unknown if unknown.address is None}
    if (
        is_partial_run(report)
        or kind not in {desired.kind_path for desired in plan.desired_controls}
        or unread & {kind, kind.partition(".")[0]}
    ):
        return False
    return name not in {object_label(unmanaged.address) for unmanaged in plan.select(UNMANAGED)}


def resolved_item(key: str) -> DigestItem:
    """Return the entry that says that a problem is resolved, if the problem is not a finding."""
    of = "toolkit drift" if key == RUN else key.removeprefix(UNREAD).removeprefix(OVERDUE).removeprefix(NEWCOMER)
    if key.startswith((OVERDUE, NEWCOMER)):
        return DigestItem(id=key, subject=of, phrase=DONE if key.startswith(OVERDUE) else "gone")
    if key.startswith(CHECKLIST):
        return DigestItem(id=key, subject=key, phrase="no longer has an overdue step")
    if key.startswith(MISSING):
        job = next(job for job in (DRIFT, DUE, EXPORT) if key.startswith(f"{MISSING}{missed_run_opening(job)}"))
        return DigestItem(id=key, subject=f"the {job} job", phrase="runs again")
    if key.startswith(RENAMED):
        return DigestItem(id=key, subject=key.removeprefix(RENAMED), phrase="the playbooks now use its new name")
    return DigestItem(id=key, subject=of, phrase=_OVER.get(key, "can be read again"))


def is_partial_run(report: Report) -> bool:
    """Return whether a drift run covered only a part of the playbooks."""
    return bool(report.context.only or report.context.provider)


def failed_job_key(job: str) -> str:
    """Return the first part of the keys of entries about failed runs of a job."""
    return f"{FAILED}{job}: "


_MOST_LINES = 20
_MOST_IDS = 3


@dataclass(frozen=True, slots=True)
class Digest:
    """The news for a channel, and all states that the channel knows after it has received the message."""

    critical: Sequence[DigestItem]
    new: Sequence[DigestItem]
    resolved: Sequence[DigestItem]
    ongoing: int  # open, and told before
    waiting: int  # the number of entries that wait for the end of quiet hours
    things: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.critical or self.new or self.resolved)


def compose_digest(
    entries: Mapping[str, DigestItem],
    resolved: Mapping[str, DigestItem],
    known_states: Mapping[str, str],
    *,
    quiet: bool = False,
) -> Digest:
    """Return a digest with the entries that a channel has not received yet.

    During quiet hours, it has only critical entries.
    """
    fresh = [entry for key, entry in entries.items() if known_states.get(key) != entry.state]
    critical = [entry for entry in fresh if entry.critical]
    others = [entry for entry in fresh if not entry.critical]
    ended = [entry for key, entry in resolved.items() if key in known_states]
    waiting = len(others) + len(ended) if quiet else 0
    new, ended = ([], []) if quiet else (others, ended)
    gone = {entry.id for entry in ended}
    return Digest(
        critical=critical,
        new=new,
        resolved=ended,
        ongoing=sum(known_states.get(key) == entry.state for key, entry in entries.items()),
        waiting=waiting,
        things={
            **{key: state for key, state in known_states.items() if key not in gone},
            **{entry.id: entry.state if entry.lasting else ONCE for entry in (*critical, *new)},
            **{entry.id: WAITS for entry in others if quiet and not entry.lasting},
        },
    )


def digest_subject(content: Digest, school: School, *, live: bool, code: Exit = Exit.AS_WANTED) -> str:
    """Return the subject of a message. It shows whether the message needs attention, and drift if `code` is not 0."""
    found_now = [
        count_text(len(ones), f"{word} finding")
        for word, ones in (("critical", content.critical), ("new", content.new), ("resolved", content.resolved))
        if ones
    ]
    quiet = "no drift" if code is Exit.AS_WANTED else "nothing new"
    still = f"nothing new, {count_text(content.ongoing, 'finding')} still open" if content.ongoing else quiet
    if code is Exit.UNREAD:
        still += ", not everything could be read"
    return f"{'' if live else 'Practice run: '}{school.name}: {', '.join(found_now) or still}"


def digest_text(content: Digest, school: School, now: datetime, *, live: bool, code: Exit = Exit.AS_WANTED) -> str:
    """Return the text of a message: findings, when they began, and advice."""
    lines = [f"Findings of toolkit for {school.name} on {now:%A} {day(now)} at {now:%H:%M}."]
    if not live:
        lines.append("This is a practice run on emulated tenants. Nothing in this message is real.")
    lines += _section_lines("CRITICAL", content.critical)
    lines += _section_lines("New", content.new)
    lines += _section_lines("Resolved", content.resolved)
    if not content:
        lines += ["", "Nothing is new. This message shows that the checks run."]
    if code is Exit.UNREAD:
        lines += [
            "",
            "Not everything could be read, so there may be more findings. `toolkit drift` shows why.",
        ]
    if content.ongoing:
        lines += ["", f"Reported before and still open: {content.ongoing}. `toolkit drift` shows them."]
    return "\n".join([*lines, ""])


def record_line(head: Head) -> str:
    """Return the last line of a message: the head of the ledger, so that the person who keeps the message has it."""
    return (
        f"The record before this message: {head_text(head)}. Keep this message: `toolkit audit verify --head FILE`"
        " shows whether the record was changed since."
    )


def _section_lines(title: str, entries: Sequence[DigestItem]) -> Iterator[str]:
    """Yield the entries under a heading, with advice below each group of entries.

    Beyond the maximum, only their number is given.
    """
    if not entries:
        return
    yield from ("", f"{title}:")
    lines = list(_entry_lines(entries))
    if len(lines) > _MOST_LINES:
        lines = list(
            _entry_lines([replace(entry, subject=entry.subject.partition("[")[0], what="") for entry in entries])
        )
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"- and more, {count_text(len(entries), 'entry', 'entries')} in all. `toolkit drift` shows them"


def _entry_lines(entries: Iterable[DigestItem]) -> Iterator[str]:
    by_advice: dict[str, dict[tuple[str, str], list[DigestItem]]] = {}
    for entry in sorted(entries, key=_sort_key):
        by_advice.setdefault(entry.advice, {}).setdefault((entry.subject, entry.phrase), []).append(entry)
    for advice, lines in by_advice.items():
        yield from (f"- {_entry_line(same)}" for same in lines.values())
        if advice:
            yield f"  What to do: {advice}."


def _sort_key(entry: DigestItem) -> tuple[int, str, str]:
    """Return the sort key of an entry, which depends on its kind and its object, but not on its text."""
    if entry.id.startswith(FINDING):
        return 0, entry.subject, entry.what
    rank = next((rank for rank, kind in enumerate(_BY_ID, 1) if entry.id.startswith(kind)), 0)
    return (rank, entry.id, "") if rank else (len(_BY_ID) + 1, "", "")


def _entry_line(entries: Sequence[DigestItem]) -> str:
    first = entries[0]
    settings = ", ".join(entry.what for entry in entries if entry.what)
    what = settings or (f"{len(entries)} findings" if len(entries) > 1 else "")
    ids = [entry.id.removeprefix(FINDING) for entry in entries if entry.id.startswith(FINDING)]
    named = f" [{', '.join(ids)}]" if first.advice and 0 < len(ids) <= _MOST_IDS else ""
    return ": ".join(part for part in (first.subject, what, first.phrase) if part) + named
