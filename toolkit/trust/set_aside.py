"""Tenants that are set aside, because they failed several nights in a row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from toolkit.records import dataclass
from toolkit.sdk.dates import day
from toolkit.trust.decision_log import append_decision, read_decisions
from toolkit.trust.results import TenantResult
from toolkit.trust.rounds import Round

NIGHTS = 3
"""The failed nights in a row after which a tenant is set aside."""
_SET_ASIDE = "set-aside.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A tenant that is left out of runs, because it failed several nights in a row."""

    tenant: str
    since: date
    reason: str

    def text(self) -> str:
        """Return why the tenant is set aside, and the command that takes it back."""
        return (
            f"set aside since {day(self.since)}, because it failed {NIGHTS} nights in a row ({self.reason}). "
            f"When it is repaired: `toolkit trust take-back {self.tenant} --by ROLE`"
        )


def read_set_aside(state: Path) -> Mapping[str, SetAside]:
    """Return the tenants that are set aside, by name."""
    tenants: dict[str, SetAside] = {}
    for entry in read_decisions(state / _SET_ASIDE):
        name = entry["tenant"]
        tenants.pop(name, None)
        if "reason" in entry:
            tenants[name] = SetAside(tenant=name, since=date.fromisoformat(entry["on"]), reason=entry["reason"])
    return tenants


def set_aside_failing(
    state: Path, past: Iterable[Round], results: Iterable[TenantResult], today: date
) -> Iterator[SetAside]:
    """Set aside each tenant that failed tonight and in the nights before. Yield the tenants that are new.

    `past` has the finished rounds of `drift`, newest first, with tonight's.
    """
    nights = _last_of_each_day(past)[:NIGHTS]
    taken_back = {entry["tenant"]: entry["on"] for entry in read_decisions(state / _SET_ASIDE) if "reason" not in entry}
    for result in results:
        counted = [night for night in nights if night.day.isoformat() > taken_back.get(result.tenant, "")]
        if result.has_failed and len(counted) == NIGHTS and all(_failed(night, result) for night in counted):
            aside = SetAside(tenant=result.tenant, since=today, reason=result.text())
            append_decision(
                state / _SET_ASIDE, {"tenant": aside.tenant, "on": today.isoformat(), "reason": aside.reason}
            )
            yield aside


def take_back_tenant(state: Path, tenant: str, by: str, today: date) -> None:
    """Record that a tenant is no longer set aside."""
    append_decision(state / _SET_ASIDE, {"tenant": tenant, "on": today.isoformat(), "by": by})


def _last_of_each_day(past: Iterable[Round]) -> Sequence[Round]:
    latest: dict[date, Round] = {}
    for night in past:
        latest.setdefault(night.day, night)
    return list(latest.values())


def _failed(night: Round, result: TenantResult) -> bool:
    answer = night.read_answer(result.tenant)
    earlier = TenantResult(tenant=result.tenant, schools=(), command=night.command, answer=answer)
    return answer is not None and earlier.has_failed
