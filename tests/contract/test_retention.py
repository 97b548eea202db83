"""data.retention keeps and never deletes, guesses no period, and leaves to people what no API sets."""

from typing import Any

import pytest

from tests.cases import newest, writes
from tests.door import GOOGLE, MICROSOFT, SAMPLES, CommandResult, Door
from tests.schools import few_people
from toolkit.controls.data import period_days
from toolkit.engine.desired_state import validate
from toolkit.errors import PlaybookError

pytestmark = few_people

POLICIES, RULES = "compliance.retentionPolicies", "compliance.retentionRules"
SEEDED = "Staff mail 7 years"
REF = "Retention schedule 2026"
NAMES = ("mail", "files", "chat")


def _write(door: Door, *lines: str, ref: str = REF) -> None:
    written = "".join(f"      {line}\n" for line in (f"schedule_ref: {ref}", *lines))
    head = "playbook: records\ntitle: Records\nowner: School Business Manager\ncontrols:\n"
    door.write("60-records.yaml", f"{head}  - data.retention:\n{written}")


def _parts(answer: CommandResult, provider: str) -> dict[str, Any]:
    (control,) = [one for one in answer.json["controls"] if one["provider"] == provider]
    return {part["part"]: part for part in control["parts"]}


def _apply(door: Door) -> CommandResult:
    answer = door.toolkit("apply", "--yes")
    assert answer.exit == 0, answer.out + answer.err
    return answer


def _retention_by_policy(door: Door) -> dict[str, tuple[set[str], str, str]]:
    """Give of each policy where it keeps, how long, and what it does then."""
    rules = {rule["Policy"]: rule for rule in door.tenant.objects(RULES).values()}
    return {
        policy["Name"]: (
            {place.removesuffix("Location") for place in policy if place.endswith("Location") and policy[place]},
            rules[policy["Guid"]]["RetentionDuration"],
            rules[policy["Guid"]]["RetentionComplianceAction"],
        )
        for policy in door.tenant.objects(POLICIES).values()
    }


def test_each_period_becomes_a_policy_that_keeps_everywhere_and_deletes_nothing(bare_door: Door) -> None:
    _write(bare_door, "mail: 10 years", "files: unlimited", "chat: 90 days", "beside: true")

    _apply(bare_door)

    kept = _retention_by_policy(bare_door)
    del kept[SEEDED]
    assert kept == {
        "School retention: mail": ({"Exchange"}, "3650", "Keep"),
        "School retention: files": ({"OneDrive", "SharePoint", "ModernGroup"}, "Unlimited", "Keep"),
        "School retention: chat": ({"TeamsChat", "TeamsChannel"}, "90", "Keep"),
    }
    assert bare_door.toolkit("plan").exit == 0


@pytest.mark.parametrize("lines", [[], ["mail: undecided", "files: undecided", "chat: undecided"]])
def test_a_period_that_nobody_agreed_is_not_guessed_and_nothing_is_written(wide_door: Door, lines: list[str]) -> None:
    _write(wide_door, *lines)
    before = newest(wide_door)

    plan = wide_door.toolkit("plan", "--json")

    for provider in (MICROSOFT, GOOGLE):
        parts = _parts(plan, provider)
        assert {name: parts[name]["level"] for name in NAMES} == dict.fromkeys(NAMES, "manual")
        assert all("undecided" in parts[name]["reason"] for name in NAMES)
    assert wide_door.toolkit("apply", "--yes").exit == 0
    assert writes(wide_door, before) == []


def test_google_is_left_to_people_with_the_length_and_a_warning(wide_door: Door) -> None:
    _write(wide_door, "mail: 7 years", "files: unlimited", "leave: true")

    parts = _parts(wide_door.toolkit("plan", "--json"), GOOGLE)

    assert {part["level"] for part in parts.values()} == {"manual"}
    assert "Gmail, the whole organisation, keep for 2555 days" in parts["mail"]["reason"]
    assert "A rule with an end can delete" in parts["mail"]["reason"]
    assert "keep indefinitely" in parts["files"]["reason"]


@pytest.mark.parametrize(
    ("handling", "exit_code", "policies"),
    [
        ("", 5, {SEEDED}),
        ("leave: true", 0, {SEEDED}),
        ("beside: true", 0, {SEEDED, "School retention: mail"}),
        ('adopt: {"School retention: mail": Staff mail 7 years}', 0, {SEEDED}),
    ],
    ids=["nothing said", "leave", "beside", "adopt"],
)
def test_a_policy_that_is_there_already_is_handled_as_the_playbook_says(
    bare_door: Door, handling: str, exit_code: int, policies: set[str]
) -> None:
    _write(bare_door, "mail: 7 years", *([handling] if handling else []))

    answer = bare_door.toolkit("apply", "--yes")

    assert (answer.exit, set(_retention_by_policy(bare_door))) == (exit_code, policies)


def test_a_policy_of_the_trust_for_longer_is_not_shortened_by_adopting_it(bare_door: Door) -> None:
    _write(bare_door, "mail: 5 years", f"adopt: {SEEDED}")
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert "the policy would keep items for 1825 days instead of 2555 days" in " ".join(answer.out.split())
    assert writes(bare_door, before) == []


def test_a_period_that_is_made_shorter_in_the_playbook_is_refused(bare_door: Door) -> None:
    _write(bare_door, "files: 7 years")
    _apply(bare_door)
    _write(bare_door, "files: 6 years")
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert "`toolkit retention start 'School retention: files'`" in answer.out
    assert writes(bare_door, before) == []


def test_withdrawing_it_takes_no_policy_away(bare_door: Door) -> None:
    _write(bare_door, "files: 7 years")
    _apply(bare_door)
    _write(bare_door, "files: 7 years", "mode: off", "withdraw: true")
    before, kept = newest(bare_door), _retention_by_policy(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert "items that the policy keeps for 2555 days would no longer be kept" in " ".join(answer.out.split())
    assert writes(bare_door, before) == []
    assert _retention_by_policy(bare_door) == kept


def test_what_somebody_narrows_or_turns_into_a_deletion_is_drift_and_put_right(bare_door: Door) -> None:
    _write(bare_door, "files: unlimited")
    _apply(bare_door)
    (guid,) = [key for key, one in bare_door.tenant.objects(POLICIES).items() if one["Name"] != SEEDED]
    (rule,) = [key for key, one in bare_door.tenant.objects(RULES).items() if one["Policy"] == guid]
    kept = _retention_by_policy(bare_door)
    bare_door.tenant.patch(POLICIES, guid, SharePointLocation=[], Enabled=False)
    bare_door.tenant.patch(RULES, rule, RetentionComplianceAction="Delete", RetentionDuration="30")

    drift = bare_door.toolkit("drift", "--json")
    _apply(bare_door)

    (change,) = drift.json["changes"]
    assert sorted(field["path"] for field in change["fields"]) == ["action", "enabled", "keep_days", "sites"]
    assert _retention_by_policy(bare_door) == kept


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["schedule_ref: x", "mail: 7"], "must be text"),
        (["schedule_ref: x", "mail: a while"], "'a while' is not a period"),
        (["schedule_ref: x", "mail: 18 months"], "'18 months' is not a period"),
        (["schedule_ref: x", "mail: 0 years"], "'0 years' is not a period"),
        (["mail: 7 years"], "schedule_ref"),
        (["schedule_ref: ''"], "must not be empty"),
        (["schedule_ref: x", "for: staff"], "it keeps everyone's mail, files and chats"),
        (["schedule_ref: x", "action: delete"], "action"),
    ],
)
def test_what_is_no_period_of_a_schedule_is_refused(wide_door: Door, lines: list[str], said: str) -> None:
    written = "".join(f"      {line}\n" for line in lines)
    head = "playbook: records\ntitle: Records\nowner: School Business Manager\ncontrols:\n"
    wide_door.write("60-records.yaml", f"{head}  - data.retention:\n{written}")

    with pytest.raises(PlaybookError, match=said):
        validate(wide_door.playbooks)


@pytest.mark.parametrize(
    ("period", "days"),
    [("7 years", 2555), ("1 year", 365), ("2 weeks", 14), ("90 days", 90), ("unlimited", "unlimited")],
)
def test_a_period_is_counted_in_days(period: str, days: int | str) -> None:
    assert period_days(period) == days


def test_the_sample_adopts_the_trust_s_policy_and_waits_for_what_nobody_decided(wide_door: Door) -> None:
    decisions = (SAMPLES / "05-decisions.yaml").read_text()
    decided = decisions.replace("files: 7 years", "files: undecided").replace("chat: 1 year", "chat: undecided")
    wide_door.write("05-decisions.yaml", decided)
    wide_door.write("60-records.yaml", (SAMPLES / "60-records.yaml").read_text())
    before = newest(wide_door)

    _apply(wide_door)

    assert writes(wide_door, before) == ["Set-RetentionCompliancePolicy"]
    assert wide_door.toolkit("plan").exit == 0
