"""A fortnight of nights at a small school: what its admin is told each morning is what a person would want to know."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cases import playbook, resource
from tests.contract.rules import STORED, apply, rule, stored_rule
from tests.contract.test_due import BLOCKS, TRIP
from tests.door import Door
from tests.hook import Hook, run_hook
from tests.schools import Schools

JOBS = """
notifications:
  channels:
    office: {by: url}
schedule: {drift: "02:30", due: 60 minutes}
"""
TAG, LABEL = "microsoft365.external_in_outlook", "  - mail.personal_label: {for: leadership, labels: [personal]}\n"
OFFICE = rule("Mark", sent_to=["office@example-primary.example"], prepend_subject="[office] ")
CHROME = resource(
    "google_workspace.chrome_policy", "users.IncognitoMode @ /Staff", {"incognito_mode_availability": "UNAVAILABLE"}
)
THROTTLED = ("Get-*", "GET *", "chromepolicy.*")
CARETAKER = "caretaker@example-primary.example"

MARK = "microsoft365.transport_rule[Mark]: prepend_subject"
LABELLED = "microsoft365.transport_rule[School personal label]"
TAGGED = f"{TAG}[organisation]: enabled"
DIFFERENT = "differs from the playbook since {} November"
APPLY = "  What to do: `toolkit apply playbooks` corrects it; `toolkit accept` accepts it until a date."
DUE = "  What to do: run `toolkit due playbooks --yes`, and check that its scheduled job runs."
COMPUTER = "  What to do: check that the computer was on, and read the job's log."
WHOSE = (
    "  What to do: find out who changes it (`toolkit drift playbooks`). Then write `leave: true` or `ours: true` in the"
    " playbook."
)
DOCTOR = "  What to do: `toolkit drift playbooks` and `toolkit doctor playbooks` show why."
ROLLOVER = "  What to do: `toolkit rollover playbooks` shows the present name and the correction."
NOT_ALL = "Not everything could be read, so there may be more findings. `toolkit drift` shows why."
STILL = "Reported before and still open: {}. `toolkit drift` shows them."
TRIP_ENDED = "- exception trip-2026 ended 2026-11-13 16:00 on"
LACKS = (
    "this app may not run it; it needs Global Reader (or a role group with this cmdlet) and Exchange.ManageAsApp: give"
    " it both in Entra, and wait up to an hour"
)
UNREAD = "could not be read, so its state is unknown"
UNTIL = "nothing is checked or changed for this group until it is corrected"
LEADERS = "trip-leaders@example-primary.example"


@dataclass(frozen=True)
class School:
    """A school whose computer runs both jobs by the clock."""

    door: Door
    hook: Hook

    def at(self, day: int, clock: str) -> None:
        self.door.tenant.set_now(f"2026-11-{day:02}T{clock}:00Z")

    def job(self, day: int, clock: str, *words: str) -> Sequence[str]:
        """Run a job, and give the lines that it told: without greeting, advice and the ids of findings."""
        self.at(day, clock)
        before = len(self.hook.messages)
        self.door.toolkit(*words, "--notify", TOOLKIT_NOTIFY_OFFICE=self.hook.url)
        told = [line for one in self.hook.messages[before:] for line in one["message"].splitlines()[3:] if line]
        return [_plain(line, self.door.playbooks) for line in told]

    def night(self, day: int) -> Sequence[str]:
        """Let both jobs run, and give what they told."""
        return [*self.job(day, "01:30", "due", "--yes"), *self.job(day, "02:30", "drift")]

    def untag(self) -> None:
        """Let another tool switch off what the school wants on."""
        (key,) = self.door.tenant.objects("exchange.externalInOutlook")
        self.door.tenant.patch_by("Other Tool", "exchange.externalInOutlook", key, Enabled=False)

    def mark(self, text: str) -> None:
        """Let the caretaker change a rule by hand."""
        self.door.tenant.patch_by(CARETAKER, STORED, stored_rule(self.door, "Mark")["Guid"], PrependSubject=text)

    def playbooks(self, **handling: object) -> None:
        tag = resource(TAG, "organisation", {"enabled": True, **handling})
        written = playbook(OFFICE, tag, CHROME, slug="mail")
        self.door.write("30-mail.yaml", written.replace("resources:\n", f"controls:\n{LABEL}resources:\n"))

    def repair(self, day: int) -> None:
        """Apply by hand, at nine in the morning."""
        self.at(day, "09:00")
        apply(self.door)

    def line(self, text: str) -> int:
        """Find the line of the school file that says something."""
        lines = (self.door.playbooks / "00-school.yaml").read_text().splitlines()
        return next(number for number, line in enumerate(lines, start=1) if text in line)

    def write_anew(self, number: int, old: str, new: str) -> None:
        """Change one line of the school file."""
        path = self.door.playbooks / "00-school.yaml"
        lines = path.read_text().splitlines(keepends=True)
        lines[number - 1] = lines[number - 1].replace(old, new)
        path.write_text("".join(lines))

    def group(self, address: str) -> str:
        groups = self.door.tenant.objects("groups").items()
        return next(key for key, one in groups if one["mail"] == address)


def _plain(line: str, playbooks: Path) -> str:
    return re.sub(r" \[[0-9a-f]{8}(, [0-9a-f]{8})*\]$", "", line.replace(str(playbooks), "playbooks"))


@pytest.fixture
def school(schools: Schools) -> Iterator[School]:
    """Open a small school with both clouds, applied on a Tuesday, with a trip before it."""
    door = schools.build({"users": 24, "staff": 16})
    with (door.playbooks / "00-school.yaml").open("a") as file:
        file.write(JOBS)
    door.write("40-chat.yaml", BLOCKS)
    door.write("95-trips.yaml", TRIP)
    with run_hook() as hook:
        school = School(door, hook)
        school.playbooks()
        apply(door)
        yield school


@pytest.mark.soak
def test_each_morning_of_a_fortnight_tells_what_a_person_would_want_to_know(school: School) -> None:
    _first_week(school)
    _second_week(school)

    assert school.door.toolkit("drift").exit == 0
    assert school.door("audit", "verify").exit == 0


def _first_week(school: School) -> None:
    """Hand edits, and a trip that ends while the computer is off."""
    assert school.night(11) == []
    assert school.job(11, "07:00", "due", "--yes") == []  # the trip begins
    school.mark("[theirs] ")
    assert school.night(12) == [
        "New:", f"- {MARK}: {DIFFERENT.format(12)}, changed in the tenant by a person", APPLY,
    ]  # fmt: skip
    school.untag()
    assert school.night(13) == [
        "New:", f"- {TAGGED}: {DIFFERENT.format(13)}, changed in the tenant by Other Tool", APPLY, STILL.format(1),
    ]  # fmt: skip
    school.repair(13)
    # Friday noon: somebody pulls the plug. The trip ends at four.
    assert school.job(15, "02:30", "drift") == [
        "New:",
        f"{TRIP_ENDED} google_workspace: not done yet, for 3 objects",
        f"{TRIP_ENDED} microsoft365: not done yet, for 4 objects",
        DUE,
        "- no drift run between 2026-11-13 02:30 and 2026-11-15 02:30. It is scheduled to run every day at 02:30",
        "- no due run since 2026-11-13 01:30. It is scheduled to run every 60 minutes",
        COMPUTER,
        "Resolved:",
        f"- {TAGGED}: {DIFFERENT.format(13)}; repaired by toolkit",
        f"- {MARK}: {DIFFERENT.format(12)}; repaired by toolkit",
    ]
    assert school.job(15, "07:00", "due", "--yes") == []  # the trip is ended
    school.untag()
    assert school.night(16) == [
        "New:",
        f"- {TAGGED}: {DIFFERENT.format(16)}, changed in the tenant by Other Tool",
        APPLY,
        "Resolved:",
        f"{TRIP_ENDED} google_workspace: done, or no longer due",
        f"{TRIP_ENDED} microsoft365: done, or no longer due",
        "- the due job: runs again",
    ]
    school.repair(16)
    school.untag()
    assert school.night(17) == [
        "New:",
        f"- {TAGGED}: changed again after each repair since 17 November, changed in the tenant by Other Tool",
        WHOSE,
    ]


def _second_week(school: School) -> None:
    """A permission is taken, a night is throttled, the tool is given way to, and groups change."""
    tenant = school.door.tenant
    assert school.night(18) == []
    tenant.grant("reader", directory_roles=[])
    assert school.night(19) == [
        "New:",
        f"- holds: {UNREAD}",  # mailboxes and their holds are read by the same role
        f"- {TAG}: {UNREAD}: Get-ExternalInOutlook: {LACKS}",
        f"- microsoft365.transport_rule: {UNREAD}: Get-TransportRule: {LACKS}",
        DOCTOR,
        NOT_ALL,
        STILL.format(1),
    ]
    school.mark("[theirs again] ")  # which nobody can see
    assert school.night(20) == []
    tenant.grant("reader", directory_roles=["Global Reader", "View-Only Audit Logs"])
    for calls in THROTTLED:
        tenant.fault("throttled", calls, seconds=0.01)
    assert school.night(21) == [
        "New:",
        f"- {MARK}: {DIFFERENT.format(21)}, changed in the tenant by a person",
        APPLY,
        "Resolved:",
        "- holds: can be read again",
        f"- {TAG}: can be read again",
        "- microsoft365.transport_rule: can be read again",
        STILL.format(1),
    ]
    assert all(fault["seen"] for fault in tenant.control("GET", "/faults"))
    school.playbooks(leave=True)
    school.repair(21)
    leadership = tenant.read_object("members", school.group("leadership@example-primary.example"))
    tenant.patch("members", school.group("leadership@example-primary.example"), members=[])
    assert school.night(22) == [
        "New:",
        f"- the group 'Senior leadership' is empty: {LABELLED}: {UNTIL}",
        ROLLOVER,
        "Resolved:",
        f"- {TAGGED}: {DIFFERENT.format(17)}; no longer in the playbooks",
        f"- {MARK}: {DIFFERENT.format(21)}; repaired by toolkit",
    ]
    trips = school.group(LEADERS)
    tenant.patch("groups", trips, displayName="Trips", mail="trips@example-primary.example")
    line = school.line(f"microsoft365: {LEADERS}")
    assert school.night(23) == [
        "New:",
        f"- the group {LEADERS}: is now called trips@example-primary.example",
        f"  What to do: write the new name in playbooks/00-school.yaml:{line}.",
        STILL.format(1),
    ]
    assert f"group {LEADERS} (trip_leaders): renamed: " in school.door.toolkit("rollover").out
    tenant.put("members", school.group("leadership@example-primary.example"), leadership)
    school.write_anew(line, LEADERS, "trips@example-primary.example")
    assert school.night(24) == [
        "Resolved:",
        f"- {LABELLED}: can be read again",
        f"- the group {LEADERS}: the playbooks now use its new name",
    ]
