"""What a number in a plan counts: people, mailboxes, groups, or objects of the kind."""

from collections.abc import Sequence

import pytest

from tests.door import Door
from toolkit.planning.change import Field, Update
from toolkit.render.change_text import change_lines
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.resource import Address, Desired, Observed, Origin, Reach, Remote

EVERY = {f"{name}.{kind.name}": kind for name in providers() for kind in kinds(name).values()}
SEVERAL = sorted(name for name, kind in EVERY.items() if kind.names.only is None)


def _update(kind: str, name: str, reach: Reach | None, *, everyone: bool = False) -> Update:
    provider, _, short = kind.partition(".")
    address = Address(provider, short, name, name if EVERY[kind].per_person else "")
    desired = Desired(address, {}, {}, Origin("10-mail.yaml", 7), reach=reach, everyone=everyone)
    return Update(desired, Observed(address, {}, Remote(name, name, {})), (Field("text", None, "a"),))


def _heads(kind: str, reaches: Sequence[Reach | None], *, everyone: bool = False) -> list[str]:
    updates = [_update(kind, str(number), reach, everyone=everyone) for number, reach in enumerate(reaches)]
    return [line.text for line in change_lines(updates) if line.text.startswith("~")]


@pytest.mark.parametrize("kind", SEVERAL)
def test_many_objects_are_counted_by_what_they_are(kind: str) -> None:
    (head,) = _heads(kind, [None] * 4)

    assert head == f"~ 4 {EVERY[kind].plural}   (10-mail.yaml:7)"
    assert EVERY[kind].plural != "objects"


@pytest.mark.parametrize("kind", [name for name in SEVERAL if EVERY[name].per_person])
def test_what_belongs_to_people_is_counted_as_mailboxes(kind: str) -> None:
    assert EVERY[kind].plural == "mailboxes"


@pytest.mark.parametrize(
    ("reaches", "everyone", "said"),
    [
        ([Reach(1)], False, ", 1 person"),
        ([Reach(269)], True, ", 269 people with an active Google Workspace account"),
        ([Reach(3, 2)], False, ", 3 people, 2 devices"),
        ([Reach(None, 2)], False, ", 2 devices"),
        ([Reach(3)] * 4, False, ", 3 people"),
        ([Reach(3), Reach(220), Reach(0), Reach(3)], False, ", 0 to 220 people each"),
        ([None], False, ""),
    ],
)
def test_whom_changes_reach_is_counted_for_each_of_them(
    reaches: Sequence[Reach | None], said: str, *, everyone: bool
) -> None:
    (head,) = _heads("google_workspace.group_footer", reaches, everyone=everyone)

    assert head.endswith(f"   (10-mail.yaml:7{said})")


def test_each_number_of_one_control_says_what_it_counts(small_door: Door) -> None:
    door = small_door
    accounts = sum(bool(row["accountEnabled"]) for row in door.tenant.objects("users").values())
    users = door.tenant.objects("google.users")
    groups = len(door.tenant.objects("google.groups"))

    boxes = sum(row.get("isMailboxSetup", True) and not row["suspended"] for row in users.values())

    plan = door.toolkit("plan", "--only", "mail.disclaimer").out

    assert f"~ {boxes} mailboxes   (mail.disclaimer, " in plan
    assert f", {accounts} people with an active Microsoft 365 account)" in plan
    assert f"~ {groups} groups   (mail.disclaimer, " in plan
