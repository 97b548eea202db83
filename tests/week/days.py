"""The events of a day, each as a person, another program or the clock would cause it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.contract.rules import add_rule_by_hand, arrange_rules, rule_order
from tests.door import Door
from tests.week.school import DOMAINS, MARKS, RENAMED, RULES, TAGS, TRIP_LEADERS

CARETAKER = "caretaker@example-primary.example"
INTUNE_PLAN = "SCO"


@dataclass
class Week:
    """A school in the course of a week."""

    door: Door
    second: Door  # another installation with the same playbooks and a ledger of its own
    now: datetime
    random: Random
    licence: list[Mapping[str, Any]] | None = None  # the plans of the tenant before Intune was lost
    log: list[str] = field(default_factory=list)

    def draw_rule(self) -> tuple[str, Mapping[str, Any]]:
        """Return the key and the body of a stored rule that the playbooks want."""
        rules = sorted((key, body) for key, body in self.door.tenant.objects(RULES).items() if body["Name"] in MARKS)
        return self.random.choice(rules)


def edit_rule(week: Week) -> None:
    key, _ = week.draw_rule()
    week.door.tenant.patch_by(CARETAKER, RULES, key, PrependSubject=f"[by hand {week.random.randrange(99)}] ")


def disable_rule(week: Week) -> None:
    key, _ = week.draw_rule()
    week.door.tenant.patch_by(CARETAKER, RULES, key, State="Disabled")


def delete_rule(week: Week) -> None:
    key, _ = week.draw_rule()
    week.door.tenant.delete(RULES, key)


def rename_rule(week: Week) -> None:
    key, body = week.draw_rule()
    week.door.tenant.patch_by(CARETAKER, RULES, key, Name=f"{body['Name']} (old)")


def arrange_by_hand(week: Week) -> None:
    names = rule_order(week.door)
    week.random.shuffle(names)
    arrange_rules(week.door, names)


def add_unmanaged_rule(week: Week) -> None:
    number = week.random.randrange(1000)
    add_rule_by_hand(
        week.door, f"Caretaker {number}", SubjectContainsWords=[f"key {number}"], SetHeaderName=f"X-Key-{number}",
        SetHeaderValue="1",
    )  # fmt: skip


def work_against(week: Week) -> None:
    """Let an administrator undo the school's settings at several places at once."""
    for collection, setting in ((TAGS, {"Enabled": False}), (DOMAINS, {"AutoForwardEnabled": True})):
        key = next(iter(week.door.tenant.objects(collection)))
        week.door.tenant.patch_by("Other Tool", collection, key, **setting)
    edit_rule(week)


def rename_group(week: Week) -> None:
    """Rename the trip leaders on Google, or give them their name back."""
    groups = week.door.tenant.objects("google.groups").items()
    key, group = next(row for row in groups if row[1]["email"] in (TRIP_LEADERS, RENAMED))
    email = RENAMED if group["email"] == TRIP_LEADERS else TRIP_LEADERS
    week.door.tenant.patch("google.groups", key, email=email)


def lose_or_regain_licence(week: Week) -> None:
    """Take Intune out of the tenant's licences, or give it back."""
    ((key, organization),) = week.door.tenant.objects("organization").items()
    plans = organization["assignedPlans"]
    if week.licence is None:
        week.licence = plans
        plans = [plan for plan in plans if plan["service"] != INTUNE_PLAN]
    else:
        plans, week.licence = week.licence, None
    week.door.tenant.patch("organization", key, assignedPlans=plans)


def move_clock(week: Week) -> None:
    """Set the clock some hours back or some days on."""
    week.now += week.random.choice([timedelta(hours=-3), timedelta(hours=-20), timedelta(days=3)])


def apply_elsewhere(week: Week) -> None:
    """Let the second installation apply the same playbooks."""
    week.second.toolkit("apply", "--yes")


EVENTS: tuple[Callable[[Week], None], ...] = (
    edit_rule, disable_rule, delete_rule, rename_rule, arrange_by_hand, add_unmanaged_rule, work_against, rename_group,
    lose_or_regain_licence, move_clock, apply_elsewhere,
)  # fmt: skip


def spend_day(week: Week) -> None:
    """Let one to four events happen."""
    for event in week.random.sample(EVENTS, week.random.randint(1, 4)):
        event(week)
        week.log.append(event.__name__)


def guid_of(name: str) -> str:
    """Return the id of a rule that was added by hand."""
    return str(uuid5(NAMESPACE_URL, name))
