"""List everything that expires within 60 days of a report, as lines of the report and as a calendar file."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from toolkit.board_report.export import Export
from toolkit.board_report.plain_language import capital, title_of
from toolkit.board_report.tables import ReportData
from toolkit.planning.checks.expiry import BoardState, ExpiryEntry
from toolkit.records import dataclass
from toolkit.sdk.expiry import DAYS, RECORDED, ROWS

POLICY_REVIEW = "Time for the review of the policy"
"""The line about the review of the policy document."""
SOON = max(DAYS)
"""How many days ahead a report looks."""
PLAIN: Mapping[str, str] = {
    "apple_push": "certificate that manages the iPads",
    "apple_enrolment": "token that enrols new iPads",
    "apple_apps": "token that installs apps on iPads",
    "android_binding": "connection that approves Android apps",
    "android_enrolment": "token that enrols new Android devices",
    "chrome_enrolment": "token that enrols new browsers",
    "app_credentials": "key with which an outside app signs in",
    "saml_signing": "certificate for single sign-on",
    "chromebook_updates": "security updates of Chromebooks",
    "windows_support": "security updates of Windows",
    "licences": "licence",
}
"""Each row of the tenants as governors read it, without the names of apps, accounts and computers."""
_OF_DEVICES = frozenset(capital(PLAIN[row]) for row in ("chromebook_updates", "windows_support"))
"""Lines about devices of any model and version, however many there are."""
_PLAIN_TITLES = frozenset(map(capital, PLAIN.values()))
_HOST_SIGNS = re.compile(r"(?<![\w.-])[\w.-]++")
_ENDS_AS_HOST = re.compile(r"[\w-]\.[a-z]{2,}\b", re.IGNORECASE)
_UNREAD = frozenset({BoardState.UNKNOWN, BoardState.UNAVAILABLE, BoardState.NOT_RECORDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryLine:
    """An entry that has ended or ends soon, and the person who must act."""

    what: str
    ends: date
    days: int  # from the date of the report, negative if it has ended
    acts: str | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirySection:
    """The entries that end within some days, and the dates that could not be read."""

    days: int
    lines: Sequence[ExpiryLine]
    not_known: Sequence[str]


def expiry_section(export: Export, listed: Iterable[tuple[str, date, str | None]], *, objects: bool) -> ExpirySection:
    """Return the entries that have ended or end soon, soonest first, and the dates that could not be read.

    `listed` holds entries of the document with an end date and the person who must act. If `objects` is set, the
    objects of the tenants are named.
    """
    today = export.report.now.date()
    school = export.report.playbooks.school
    page = export.report.page
    review = [(POLICY_REVIEW, page.review_due, page.document.committee)] if page and page.review_due else []
    board = [*_expiry_board_ends(export.board, school.domains, objects=objects)]
    lines = [*board, *listed, *review]
    shown: list[ExpiryLine] = []
    alike, numbered = Counter(what for what, _, _ in board if what not in _OF_DEVICES), Counter[str]()
    for (what, ends, acts), count in sorted(Counter(lines).items(), key=lambda line: line[0][1]):
        left, before = (ends - today).days, numbered[what]
        numbered[what] += count
        if left <= SOON:
            several = f" ({count} of these)" if count > 1 and what not in _OF_DEVICES else ""
            if alike[what] > 1:
                several = _number_text(what, before + 1, before + count, alike[what])
            state = "ended" if left < 0 else "ends soon"
            shown.append(ExpiryLine(what=f"{what}{several}", ends=ends, days=left, acts=acts, state=state))
    unread = [_entry_title(entry, school.domains, objects=objects) for entry in export.board if entry.state in _UNREAD]
    unread += [f"everything on {title_of(cloud)}" for cloud in export.unread_clouds]
    return ExpirySection(days=SOON, lines=shown, not_known=list(dict.fromkeys(unread)))


def _number_text(what: str, first: int, last: int, of: int) -> str:
    """Return the numbers of entries that governors read with the same words, because they read no names of apps."""
    noun = what.split(maxsplit=1)[0].lower() if what in _PLAIN_TITLES else "entry"
    following = f" {'and' if last == first + 1 else 'to'} {last}" if last > first else ""
    return f" ({noun} {first}{following} of {of})"


def _expiry_board_ends(
    board: Sequence[ExpiryEntry], domains: Sequence[str], *, objects: bool
) -> Iterator[tuple[str, date, str]]:
    for entry in board:
        if entry.ends:
            yield _entry_title(entry, domains, objects=objects), entry.ends, capital(entry.acts)


def _entry_title(entry: ExpiryEntry, domains: Sequence[str], *, objects: bool) -> str:
    row = entry.row
    if objects:
        return capital(
            entry.what if entry.what == ROWS[row].title or row == RECORDED else f"{ROWS[row].title}: {entry.what}"
        )
    if row != RECORDED:
        return capital(PLAIN[row])
    words = entry.what.casefold().split()
    if "domain" in words and words[-1] in domains:
        return "The school's internet domain"
    return capital(_HOST_SIGNS.sub(_hide_host, entry.what))


def _hide_host(signs: re.Match[str]) -> str:
    host = signs[0].rstrip(".-")
    return f"(an internet address){signs[0][len(host) :]}" if _ENDS_AS_HOST.search(host) else signs[0]


def as_calendar(document: ReportData) -> str:
    """Return a calendar with an all-day event for each end in the period and for each date when a response is due."""
    practice = "Practice run: " if document["practice_run"] else ""
    stamp = f"{datetime.fromisoformat(document['run']['at']).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    dates = [
        (f"{line['what']} ends", line["ends"], f"To act: {line['acts']}")
        for line in document["expires"]["lines"]
        if line["state"] != "ended"
    ]
    dates += [
        (f"Due: {gap['subject']}", gap["response"]["due"], gap["response"]["told"])
        for gap in document["gaps"]
        if gap["response"] and gap["response"]["due"]
    ]
    events = [
        line
        for what, on, text in dates
        for line in _event_lines(f"{practice}{what}", on, text, stamp, document["school"])
    ]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//toolkit//report//EN", *events, "END:VCALENDAR"]
    return "".join(f"{_fold_line(line)}\r\n" for line in lines) if events else ""


def _event_lines(what: str, on: str, text: str, stamp: str, school: str) -> Iterator[str]:
    first = date.fromisoformat(on)
    number = sha256(f"{school}\n{what}\n{on}".encode()).hexdigest()[:32]
    yield from ("BEGIN:VEVENT", f"UID:{number}@toolkit.invalid", f"DTSTAMP:{stamp}")
    yield from (f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{first + timedelta(days=1):%Y%m%d}")
    yield from (f"SUMMARY:{_escape_text(what)}", f"DESCRIPTION:{_escape_text(text)}", "TRANSP:TRANSPARENT")
    yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_escape_text(what)}", "TRIGGER:-P14D", "END:VALARM")
    yield "END:VEVENT"


def _escape_text(text: str) -> str:
    for letter in ("\\", ";", ","):
        text = text.replace(letter, f"\\{letter}")
    return text.replace("\n", "\\n")


def _fold_line(line: str) -> str:
    """Break a line after at most 75 octets, as RFC 5545 requires, without splitting a character."""
    parts, length = [""], 0
    for letter in line:
        size = len(letter.encode())
        if length + size > 74:  # noqa: PLR2004
            parts.append("")
            length = 0
        parts[-1] += letter
        length += size
    return "\r\n ".join(parts)
