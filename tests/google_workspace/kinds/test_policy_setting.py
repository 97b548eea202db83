"""Settings of the console in a playbook: compared and reported, refused where they are misspelt, never written."""

import re
from textwrap import indent

import pytest

from connectors.google_workspace.kinds import policy_setting
from connectors.google_workspace.kinds.policy_setting.spec import create_spec
from connectors.google_workspace.kinds.policy_setting.table import TYPES, SettingType, read_field
from tests.door import CommandResult, Door, ask

KIND = "google_workspace.policy_setting"
HEAD = "playbook: console\ntitle: Console\nowner: Head Teacher\nmode: enforce\nresources:\n"
SAMPLE = policy_setting.KIND.sample
NO_SETTING = "is not a setting of the admin console that toolkit can read"


def write_entries(door: Door, *entries: str) -> Door:
    """Write a playbook of these entries, each a name and one setting; the first stands at line 6."""
    lines = [f"  - {KIND}: {name}\n    {setting}" for name, _, setting in (entry.partition(" | ") for entry in entries)]
    door.write("10-console.yaml", HEAD + "\n".join(lines) + "\n")
    return door


def problems(answer: CommandResult) -> list[str]:
    """List the problems, from the file's name on."""
    return re.findall(r"10-console\.yaml:.*", answer.err)


def test_the_sample_agrees_with_the_tenant(google_door: Door) -> None:
    google_door.write("10-console.yaml", HEAD + indent(SAMPLE, "  "))

    assert [google_door.toolkit(command).exit for command in ("validate", "plan", "drift")] == [0, 0, 0]


def test_a_difference_is_told_with_both_values_and_not_written(google_door: Door) -> None:
    door = write_entries(google_door, "security.password @ /Pupils | minimum_length: 12")

    drift, apply = door.toolkit("drift"), door.toolkit("apply", "--yes")

    assert (drift.exit, apply.exit) == (3, 0)
    assert "~ policy_setting security.password @ /Pupils" in drift.out
    assert "minimum_length: 8 -> 12" in drift.out
    assert not [one for sent in door.tenant.requests() for one in sent["operations"] if one["write"]]


def test_a_setting_that_must_not_be_set_is_written_as_null(google_door: Door) -> None:
    door = write_entries(google_door, "security.two_step_verification_enforcement @ /Staff | enforced_from: null")

    answer = door.toolkit("drift")

    assert answer.exit == 3
    assert "enforced_from: 2025-09-01T00:00:00Z -> " in answer.out


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("security.pasword @ /", f"'security.pasword' {NO_SETTING}. Did you mean 'security.password'?"),
        ("gmial.service_status @ /", f"'gmial.service_status' {NO_SETTING}. Did you mean 'gmail.service_status'?"),
        ("minutes @ /", f"'minutes' {NO_SETTING}"),
        (
            "security.password",
            "'security.password' does not name a setting at a unit. Write it like `security.password @ /Staff`",
        ),
        (
            "security.password @ Staff",
            "'Staff' is not an organisational unit. Write its path, for example /Staff/Teachers, or / for all units",
        ),
        (
            "security.password @ /Staff/",
            "'/Staff/' is not an organisational unit. Write its path, for example /Staff/Teachers, or / for all units",
        ),
    ],
)
def test_a_name_that_is_none_is_told_at_its_line(google_door: Door, name: str, reason: str) -> None:
    answer = write_entries(google_door, f"{name} | minimum_length: 12").toolkit("validate")

    assert answer.exit == 2
    assert problems(answer) == [f"10-console.yaml:6: {KIND}[{name}]: {reason}"]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            "security.session_controls @ / | minimum_length: 12",
            "security.session_controls has no setting minimum_length. It has: web_session_duration",
        ),
        (
            "security.password @ / | minimal_length: 12",
            "unknown setting `minimal_length`: did you mean `minimum_length`?",
        ),
        (
            "security.password @ / | expiration_duration: 90 days",
            (
                "`expiration_duration`: '90 days' is not a length of time. Write the seconds, for example 43200s for "
                "12 hours"
            ),
        ),
    ],
)
def test_a_setting_that_is_misspelt_or_of_another_name_is_told_at_its_line(
    google_door: Door, entry: str, problem: str
) -> None:
    answer = write_entries(google_door, entry).toolkit("validate")

    assert answer.exit == 2
    assert problems(answer) == [f"10-console.yaml:7: {problem}"]


def test_a_unit_that_is_not_there_is_unknown_and_the_rest_is_compared(google_door: Door) -> None:
    door = write_entries(
        google_door,
        "security.password @ /Nowhere | minimum_length: 12",
        "security.password @ /Pupils | minimum_length: 12",
    )

    answer = door.toolkit("drift")

    assert answer.exit == 3  # a difference outranks what is not known
    assert f"? {KIND}[security.password @ /Nowhere]" in answer.out
    assert "there is no organisational unit /Nowhere" in answer.out
    assert "minimum_length: 8 -> 12" in answer.out


def test_the_reference_groups_the_fields_by_setting_and_says_where_it_is(google_door: Door) -> None:
    out = " ".join(google_door("kinds", KIND).out.split())

    assert "can be read only" in out
    assert "Of `security.password`; Admin console > Security > Authentication > Password management." in out
    assert "Of `security.user_account_recovery`, `security.super_admin_account_recovery`;" in out
    assert "Says whether people may turn on 2-Step Verification. Default in Google: true." in out


def test_every_setting_of_the_table_has_an_example_that_its_own_form_takes() -> None:
    spec = create_spec(TYPES.values())
    examples = {field.name: field.example for setting in TYPES.values() for field in setting.fields}

    assert set(spec.desired(examples)) == set(spec.table()) == set(examples)


def test_two_settings_may_not_have_different_fields_of_one_name() -> None:
    first = SettingType("a.b", "A", "A", (read_field("same", {"flag": "it is on", "example": True}),))
    second = SettingType("a.c", "B", "B", (read_field("same", {"text": "Says something.", "example": "x"}),))

    with pytest.raises(ValueError, match=r"a\.c: another row has a different field with the name same"):
        create_spec((first, second))


def test_the_list_of_kinds_says_that_it_is_read_only() -> None:
    line = next(line for line in ask("kinds").out.splitlines() if "policy_setting" in line)

    assert "read only" in line
