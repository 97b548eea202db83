"""A plan on disk: what was reviewed is applied exactly, or not at all."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import toolkit
from toolkit.errors import StalePlan, UsageError
from toolkit.record.redact import Redactor
from toolkit.report.answer import FORMAT, answer
from toolkit.running.run_report import Report

SUFFIX = "plan"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a plan file rests on."""

    path: Path
    target: str
    playbooks: Path
    playbooks_digest: str
    digest: str
    version: str
    only: tuple[str, ...]
    provider: str | None
    prune: bool

    def check(self, target: str, playbooks_digest: str) -> None:
        """Refuse a plan whose ground has changed: StalePlan says which part of it."""
        if target != self.target:
            raise StalePlan(f"{self.path} was made for the {self.target} target; this run goes to {target}")
        if self.version != toolkit.__version__:
            raise StalePlan(f"{self.path} was made by toolkit {self.version}; this is {toolkit.__version__}")
        if playbooks_digest != self.playbooks_digest:
            raise StalePlan(f"the playbooks changed since {self.path} was made; make and review a new plan")


def save(report: Report, path: Path, playbooks: Path, redactor: Redactor) -> None:
    """Write a plan with what it rests on; secrets are taken out."""
    context = report.context
    told = {
        "toolkit": SUFFIX,
        "version": toolkit.__version__,
        "playbooks": str(playbooks.resolve()),
        "playbooks_digest": report.playbooks.digest,
        "digest": report.plan.digest,
        "only": list(context.only),
        "provider": context.provider,
        "prune": context.prune,
        **answer(report),
    }
    path.write_text(json.dumps(redactor.json(told), indent=2) + "\n")


def is_plan_file(path: Path) -> bool:
    """Tell a saved plan from a playbook: a file that is JSON is one."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(1) == b"{"


def read_plan_file(path: Path) -> PlanFile:
    """Read a saved plan; UsageError for a file that is none."""
    try:
        told: dict[str, Any] = json.loads(path.read_text())
        if told["format"] != FORMAT or told["toolkit"] != SUFFIX:
            raise UsageError(f"{path} has format {told['format']}; this toolkit reads plans of format {FORMAT}")
        return PlanFile(
            path=path,
            target=told["target"],
            playbooks=Path(told["playbooks"]),
            playbooks_digest=told["playbooks_digest"],
            digest=told["digest"],
            version=told["version"],
            only=tuple(told["only"]),
            provider=told["provider"],
            prune=told.get("prune", False),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no plan of toolkit; `toolkit plan PLAYBOOKS -o FILE` makes one") from error
