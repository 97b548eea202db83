"""How a run went, for whoever tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from zoneinfo import ZoneInfo

from toolkit.engine.apply.outcome import Outcome, results_of
from toolkit.engine.change_windows import Waiting
from toolkit.engine.context import RunContext
from toolkit.engine.extension import ExtensionResult
from toolkit.engine.recover import HalfDone
from toolkit.errors import Exit
from toolkit.ledger.entries import Turned
from toolkit.planning.checks.findings import left_to_people
from toolkit.planning.expand import Expansion
from toolkit.planning.matter import Matter
from toolkit.planning.names import Renamed
from toolkit.planning.plan import Plan
from toolkit.planning.verdicts.judge import RunEvidence, judge
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.providers import cloud_titles
from toolkit.sdk.resource import Observed
from toolkit.sdk.verdict import Verdict

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Report:
    """How a run went."""

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    plan: Plan
    exit: Exit
    half_done: Sequence[HalfDone] = ()
    newcomers: Sequence[Observed] = ()  # unmanaged objects that were not there when a run last looked
    limits: Sequence[str] = ()  # what `apply` would refuse, with the flag that allows it
    waiting: Waiting = field(default_factory=dict)  # what is not written now: no window is open
    outcomes: Sequence[Outcome] | None = None  # None: nothing was to be written
    renamed: Sequence[Renamed] = ()  # groups and units that the playbooks call by a name of before
    lost: Sequence[str] = ()  # groups and units that the playbooks are for and that are gone or empty
    results: Sequence[ExtensionResult] = ()  # what each feature adds

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """Return the verdict on each part of each control; after an apply by what was read back."""
        now = self.context.now.astimezone(ZoneInfo(self.playbooks.school.time_zone))
        controls = self.plan.controls
        clouds = dict.fromkeys(one.provider for one in controls)
        expansion = Expansion((), controls, ())
        by_people = [f for name in clouds for f in left_to_people(name, self.playbooks, expansion, now.date())]
        return judge(
            RunEvidence(
                controls=controls,
                plan=self.plan,
                findings=by_people,
                titles=cloud_titles(),
                now=now,
                results=results_of(self.outcomes or ()),
            )
        )

    @property
    def has_work(self) -> bool:
        """Return whether an apply has anything to do."""
        return bool(self.plan.changes) or any(result.acts for result in self.results)

    @property
    def matters(self) -> Sequence[Matter]:
        """Return what time alone has changed and was not done when the run looked."""
        return [matter for result in self.results for matter in result.matters]

    @property
    def turned(self) -> Sequence[Turned]:
        """Return which exceptions the run made begin or end, and how late."""
        now, outcomes = self.context.now, self.outcomes or ()
        return [turned for result in self.results for turned in result.turned(outcomes, now)]

    def of_feature(self, result: type[_Result]) -> _Result | None:
        """Return what one feature adds; None where it had no part in the run."""
        return next((found for found in self.results if isinstance(found, result)), None)
