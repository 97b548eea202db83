"""Scenarios of the benchmark: each sets up a tenant, runs one command, and sets bounds for its cost."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.row import Bound, Row
from tests.bench.running import LATENCY, Measurement, RequestCounts, measure, plain, toolkit, toolkit_here
from tests.door import GOOGLE, MICROSOFT, SAMPLES, Door, keep_mail, open_door
from tests.emulated import Emulator

Comparison = tuple[float, str]
"""The comparison for a command: its seconds and its name."""

Scenario = Callable[["Place"], Iterator[Row]]

_RULES = "exchange.transportRules"
_MOST_RULES = 300  # the limit of the service
_WHO = "/organization?$select=id,displayName,verifiedDomains"


@dataclass(frozen=True)
class Place:
    """The emulator of a scenario, and a folder for its files."""

    emulator: Emulator
    directory: Path
    short: bool = False

    def number(self, *, whole: int, short: int) -> int:
        """Return the number of objects of a scenario."""
        return short if self.short else whole

    def toolkit(self, door: Door, *words: str, says: str = "", **variables: str) -> tuple[Measurement, RequestCounts]:
        """Run a toolkit command, and count its requests to the tenant."""
        run = toolkit_here if self.short else toolkit
        return run(door, *words, says=says, **variables)

    def over_playbooks(self, door: Door, command: str, *options: str) -> tuple[Measurement, RequestCounts]:
        """Run a toolkit command over a school's playbooks."""
        return self.toolkit(door, command, str(door.playbooks), *options)

    def row(
        self, scenario: str, took: tuple[Measurement, RequestCounts], bounds: Sequence[Bound],
        beside: Callable[[], Comparison], *, rounds: bool = True,
    ) -> Row:  # fmt: skip
        """Return a row. The short form does not measure memory and does not run the comparison."""
        measured, counts = took
        if self.short:
            counted = [bound for bound in bounds if not bound.needs_own_process]
            return Row(scenario, measured.seconds, counted, requests=counts.requests)
        seconds, against = beside()
        return Row(
            scenario, measured.seconds, bounds, measured.megabytes, measured.seconds / seconds, against,
            counts.requests, counts.rounds if rounds else None,
        )  # fmt: skip

    def school(
        self, name: str, *, samples: bool = False, cloud: str = MICROSOFT, both: bool = False, **wanted: object
    ) -> Door:
        """Open a school on its own tenant."""
        directory = self.directory / name
        directory.mkdir()
        return open_door(
            self.emulator.open_tenant(**wanted),
            directory,
            samples=samples,
            clouds=[MICROSOFT, GOOGLE] if both else [cloud],
        )


def help_(place: Place) -> Iterator[Row]:
    """Measure `--help`, which imports only click."""
    yield _processor(place, "toolkit --help", ["--help"], most=1.5)


def keyboard(place: Place) -> Iterator[Row]:
    """Measure the commands that people wait for most: `validate`, and a plan of the whole sample without changes.

    The emulator is another process, so that its processor time is not counted. The short form measures nothing.
    """
    if place.short:
        return
    yield _processor(place, "toolkit validate", ["validate", str(SAMPLES)], most=18)
    door = place.school("keyboard", samples=True, both=True)
    _fine(door.toolkit("apply", "--yes").exit)
    plan = ["plan", str(door.playbooks)]
    yield _processor(place, "toolkit plan without changes", plan, most=60, variables=door.variables)


def _processor(
    place: Place, scenario: str, words: Sequence[str], *, most: float, variables: Mapping[str, str] | None = None
) -> Row:
    """Compare the processor time of a command with importing click, several times in turn."""
    ours: list[Measurement] = []
    theirs: list[Measurement] = []
    for _ in range(place.number(whole=9, short=3)):
        ours.append(measure(sys.executable, "-m", "toolkit", *words, variables=variables))
        theirs.append(measure(sys.executable, "-c", "import click"))
    _fine(max(run.exit for run in ours))
    ratio = min(run.processor for run in ours) / min(run.processor for run in theirs)
    seconds, megabytes = median(run.seconds for run in ours), max(run.megabytes for run in ours)
    bound = Bound("ratio of processor seconds", round(ratio, 2), most)
    return Row(scenario, seconds, [bound], megabytes, ratio, "import click")


def rules(place: Place) -> Iterator[Row]:
    """Insert one rule into as many rules as a tenant allows, then plan again."""
    door = place.school("rules")
    door.tenant.control("DELETE", f"/objects/{_RULES}")  # room for our rules
    most = place.number(whole=_MOST_RULES, short=40)
    names = [f"Rule {number:03}" for number in range(most - 1)]
    _write(door, names)
    _fine(door.toolkit("apply", "--yes").exit)
    _write(door, [*names[: most // 2], "In between", *names[most // 2 :]])
    measured, counts = place.over_playbooks(door, "apply", "--yes")
    _fine(measured.exit)
    yield _row(place, door, f"one rule inserted among {most - 1}: apply", (measured, counts), [
        Bound("writes", len(counts.writes), 1),
        Bound("writes other than the create", sum(not name.startswith("New-") for name in counts.writes), 0),
    ])  # fmt: skip
    measured, counts = place.over_playbooks(door, "plan")
    _fine(measured.exit)
    yield _row(place, door, f"{most} managed rules, nothing to do: plan", (measured, counts), [
        Bound("requests after sign-in", counts.requests, 5),
        Bound("writes", len(counts.writes), 0),
    ])  # fmt: skip


def creates(place: Place) -> Iterator[Row]:
    """Create rules one by one, because their order matters."""
    number = place.number(whole=100, short=20)
    door = place.school("creates")
    _write(door, [f"Rule {nth:03}" for nth in range(number)])
    measured, counts = place.over_playbooks(door, "apply", "--yes")
    _fine(measured.exit)
    least = number + 3  # the tenant's id, the region of Exchange, and the present rules
    yield place.row(
        f"{number} new rules: apply",
        (measured, counts),
        [Bound("requests", counts.requests, least), Bound("creates", len(counts.writes), number)],
        lambda: (least * LATENCY / 1000, f"{least} x 0.1 s"),
    )


_READ_TOGETHER = (
    *(("TransportRule",), ("ExternalInOutlook",), ("RemoteDomain",), ("OrganizationConfig",), ("OwaMailboxPolicy",)),
    *(("AtpPolicyForO365",), ("IRMConfiguration",), ("Recipient",), ("DistributionGroup",)),
    *(("ReportSubmissionPolicy", "ReportSubmissionRule"), ("AcceptedDomain", "DkimSigningConfig")),
    ("HostedOutboundSpamFilterPolicy", "HostedOutboundSpamFilterRule"),
    *(
        (f"{sort}Policy", f"{sort}Rule")
        for sort in ("MalwareFilter", "AntiPhish", "HostedContentFilter", "SafeAttachment")
    ),
)
"""Cmdlets that read the kinds of the sample's mail playbooks. The cmdlets of a row share one request."""


def people(place: Place) -> Iterator[Row]:
    """Plan the sample's mail rules over very many people. Some rules are for a role."""
    yield from _people(place, users=266, pages=1, pages_of_members=1, pages_of_recipients=1)
    if not place.short:
        yield from _people(place, users=10_000, pages=11, pages_of_members=9, pages_of_recipients=11)


def _people(place: Place, *, users: int, pages: int, pages_of_members: int, pages_of_recipients: int) -> Iterator[Row]:
    door = place.school(f"people {users}", samples=True, users=users)
    keep_mail(door)
    (door.playbooks / "33-mail-availability.yaml").unlink()  # the scenario `replies` measures automatic replies
    _fine(door.toolkit("apply", "--yes").exit)
    measured, counts = place.over_playbooks(door, "plan")
    _fine(measured.exit)
    groups = [
        next(group for group in door.tenant.objects("groups").values() if group["mail"].startswith(f"all-{role}@"))
        for role in ("staff", "pupils")
    ]
    paths = [
        _WHO,
        "/users?$select=id,userPrincipalName,mail,displayName,accountEnabled,onPremisesSyncEnabled&$top=999",
        *(f"/groups?$filter=mail eq '{group['mail']}'" for group in groups),
        *(f"/groups/{group['id']}/transitiveMembers?$select=id&$top=999" for group in groups),
        "/subscribedSkus",
    ]
    # The tenant's id, the people with the groups' names, the members, the licences, and each kind in one request. The
    # members of a mailing list are looked up among all recipients. The region of Exchange is requested once.
    most = 2 + pages + pages_of_members + 1 + len(_READ_TOGETHER) - 1 + pages_of_recipients
    yield place.row(
        f"{users} people, `for:` roles, nothing to do: plan",
        (measured, counts),
        [Bound("requests after sign-in", counts.requests, most), Bound("writes", len(counts.writes), 0)],
        lambda: _plainly(door, paths, [f"Get-{noun}" for nouns in _READ_TOGETHER for noun in nouns]),
    )


def _row(
    place: Place, door: Door, scenario: str, took: tuple[Measurement, RequestCounts], bounds: Sequence[Bound]
) -> Row:
    return place.row(scenario, took, bounds, lambda: _plainly(door, [_WHO], ["Get-TransportRule"]))


def _plainly(door: Door, paths: Sequence[str], cmdlets: Sequence[str]) -> Comparison:
    beside = plain(door, paths, cmdlets)
    return beside.seconds, f"a plain client, {beside.seconds:.2f} s, {beside.megabytes:.0f} MB"


def _write(door: Door, names: Sequence[str]) -> None:
    heading = "playbook: rules\ntitle: Rules\nowner: Office\nclauses: [EML-02]\n\nresources:\n"
    rule = '  - microsoft365.transport_rule: {0}\n    subject_contains_words: [{0}]\n    prepend_subject: "[{0}] "\n'
    door.write("50-rules.yaml", heading + "".join(rule.format(name) for name in names))


def _fine(code: int) -> None:
    assert code == 0, f"a command that had to end with 0 ended with {code}"
