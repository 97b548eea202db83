"""What is measured: each scenario sets a tenant up, runs one command on it, and says what it may cost."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.row import Bound, Row
from tests.bench.running import LATENCY, Asked, Measured, measure, plain, toolkit
from tests.door import GOOGLE, MICROSOFT, Door, open_door
from tests.emulated import Emulator

Scenario = Callable[["Place"], Iterator[Row]]

_RULES = "exchange.transportRules"
_MOST_RULES = 300  # the service takes no more
_WHO = "/organization?$select=id,displayName,verifiedDomains"


@dataclass(frozen=True)
class Place:
    """Where a scenario finds an emulator, and room for its files."""

    emulator: Emulator
    directory: Path

    def school(
        self, name: str, *, samples: bool = False, cloud: str = MICROSOFT, both: bool = False, **wanted: object
    ) -> Door:
        """Open a school on a tenant of its own."""
        directory = self.directory / name
        directory.mkdir()
        return open_door(
            self.emulator.open_tenant(**wanted),
            directory,
            samples=samples,
            clouds=[MICROSOFT, GOOGLE] if both else [cloud],
        )


def help_(place: Place) -> Iterator[Row]:
    """Measure `--help` beside importing click, each nine times and in turn."""
    del place
    ours: list[Measured] = []
    theirs: list[Measured] = []
    for _ in range(9):
        ours.append(measure(sys.executable, "-m", "toolkit", "--help"))
        theirs.append(measure(sys.executable, "-c", "import click"))
    middle = median(one.seconds for one in ours)
    ratio = middle / median(one.seconds for one in theirs)
    megabytes = max(one.megabytes for one in ours)
    yield Row("toolkit --help", middle, megabytes, ratio, "import click", [Bound("ratio", round(ratio, 2), 2)])


def rules(place: Place) -> Iterator[Row]:
    """Insert one rule among as many as a tenant takes, then plan again."""
    door = place.school("rules")
    door.tenant.control("DELETE", f"/objects/{_RULES}")  # room for 300 of ours
    names = [f"Rule {number:03}" for number in range(_MOST_RULES - 1)]
    _write(door, names)
    _fine(door.toolkit("apply", "--yes").exit)
    _write(door, [*names[:150], "In between", *names[150:]])
    measured, asked = toolkit(door, "apply", "--yes")
    _fine(measured.exit)
    yield _row(door, "one rule inserted among 299: apply", measured, asked, [
        Bound("writes", len(asked.writes), 1),
        Bound("writes other than the create", sum(not name.startswith("New-") for name in asked.writes), 0),
    ])  # fmt: skip
    measured, asked = toolkit(door, "plan")
    _fine(measured.exit)
    yield _row(door, "300 managed rules, nothing to do: plan", measured, asked, [
        Bound("requests after sign-in", asked.requests, 5),
        Bound("writes", len(asked.writes), 0),
    ])  # fmt: skip


def creates(place: Place) -> Iterator[Row]:
    """Create 100 rules, one after the other as their order asks."""
    door = place.school("creates")
    _write(door, [f"Rule {number:03}" for number in range(100)])
    measured, asked = toolkit(door, "apply", "--yes")
    _fine(measured.exit)
    ideal = 102 * LATENCY / 1000
    yield Row(
        "100 new rules, 100 ms latency: apply", measured.seconds, measured.megabytes, measured.seconds / ideal,
        "102 x 0.1 s", [Bound("requests", asked.requests, 102), Bound("creates", len(asked.writes), 100)],
        asked.requests, asked.rounds,
    )  # fmt: skip


def people(place: Place) -> Iterator[Row]:
    """Plan the sample playbooks, some of which are for a role, over very many people."""
    yield from _people(place, users=266, pages=1, pages_of_staff=1)
    yield from _people(place, users=10_000, pages=11, pages_of_staff=2)


def _people(place: Place, *, users: int, pages: int, pages_of_staff: int) -> Iterator[Row]:
    door = place.school(f"people {users}", samples=True, users=users)
    _fine(door.toolkit("apply", "--yes").exit)
    measured, asked = toolkit(door, "plan")
    _fine(measured.exit)
    staff = next(group for group in door.tenant.objects("groups").values() if group["mail"].startswith("all-staff@"))
    paths = [
        _WHO,
        "/users?$select=id,userPrincipalName,mail,displayName,accountEnabled,onPremisesSyncEnabled&$top=999",
        f"/groups?$filter=mail eq '{staff['mail']}'",
        f"/groups/{staff['id']}/transitiveMembers?$select=id&$top=999",
    ]
    cmdlets = ["TransportRule", "ExternalInOutlook", "MalwareFilterPolicy", "HostedOutboundSpamFilterPolicy"]
    beside = plain(door, paths, [f"Get-{noun}" for noun in (*cmdlets, "RemoteDomain")])
    most = 1 + pages + pages_of_staff + 5  # who it is, the people with the groups' names, the members, five kinds
    yield Row(
        f"{users} people, `for:` roles, nothing to do: plan", measured.seconds, measured.megabytes,
        measured.seconds / beside.seconds, f"a plain client, {beside.seconds:.2f} s, {beside.megabytes:.0f} MB",
        [Bound("requests after sign-in", asked.requests, most), Bound("writes", len(asked.writes), 0)],
        asked.requests, asked.rounds,
    )  # fmt: skip


def _row(door: Door, scenario: str, measured: Measured, asked: Asked, bounds: Sequence[Bound]) -> Row:
    beside = plain(door, [_WHO], ["Get-TransportRule"])
    return Row(
        scenario, measured.seconds, measured.megabytes, measured.seconds / beside.seconds,
        f"a plain client, {beside.seconds:.2f} s, {beside.megabytes:.0f} MB", bounds, asked.requests, asked.rounds,
    )  # fmt: skip


def _write(door: Door, names: Sequence[str]) -> None:
    heading = "playbook: rules\ntitle: Rules\nowner: Office\nclauses: [EML-02]\n\nresources:\n"
    rule = '  - microsoft365.transport_rule: {0}\n    subject_contains_words: [{0}]\n    prepend_subject: "[{0}] "\n'
    door.write("50-rules.yaml", heading + "".join(rule.format(name) for name in names))


def _fine(code: int) -> None:
    assert code == 0, f"a command that had to end with 0 ended with {code}"
