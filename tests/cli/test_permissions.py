"""`toolkit permissions`: exactly what the playbooks need, what for, and how it is given; no tenant is asked."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cases import playbook, resource
from tests.door import SAMPLES, CommandResult, ask

RULE = resource("microsoft365.transport_rule", "Tag", {"prepend_subject": "[Tag] "})
LOGS = ["View-Only Audit Logs", "Application.Read.All"]  # to name whoever changed something, which only drift asks
SCOPE = "https://www.googleapis.com/auth/"


def _ask_permissions(
    directory: Path, *entries: str, mode: str = "enforce", options: Sequence[str] = ("--json",)
) -> CommandResult:
    (directory / "00-school.yaml").write_text((SAMPLES / "00-school.yaml").read_text())
    (directory / "10-playbook.yaml").write_text(playbook(*entries, mode=mode))
    answered = ask("permissions", directory, *options)
    assert answered.exit == 0, answered.err
    return answered


def _names(answered: CommandResult, identity: str, provider: str = "microsoft365") -> list[str]:
    one = _identity_permissions(answered, identity, provider)
    return [permission["name"] for permission in one["permissions"]]


def _identity_permissions(answered: CommandResult, identity: str, provider: str) -> dict[str, Any]:
    identities = answered.json["identities"]
    return dict(next(one for one in identities if (one["identity"], one["provider"]) == (identity, provider)))


def test_nothing_more_is_asked_for_than_one_object_needs(tmp_path: Path) -> None:
    answered = _ask_permissions(tmp_path, RULE)

    assert _names(answered, "read") == ["Organization.Read.All", "Exchange.ManageAsApp", "Global Reader", *LOGS]
    assert _names(answered, "write") == ["Organization.Read.All", "Exchange.ManageAsApp", "Exchange Administrator"]
    assert _names(answered, "write", "google_workspace") == [f"{SCOPE}admin.directory.customer.readonly",
                                                             "Domain Settings"]  # fmt: skip


@pytest.mark.parametrize("mode", ["check", "off"])
def test_what_is_not_written_needs_no_leave_to_write(mode: str, tmp_path: Path) -> None:
    answered = _ask_permissions(tmp_path, RULE, mode=mode)

    assert _names(answered, "write") == [one for one in _names(answered, "read") if one not in LOGS]
    assert ("Global Reader" in _names(answered, "write")) is (mode == "check")


def test_what_gives_a_narrower_permission_too_takes_its_place_and_its_reasons(tmp_path: Path) -> None:
    domain = resource("microsoft365.password_expiry", "example-primary.example", {"valid_for_days": "never"})

    written = _identity_permissions(_ask_permissions(tmp_path, domain), "write", "microsoft365")["permissions"]

    assert [one["name"] for one in written] == ["Organization.Read.All", "User.Read.All", "Domain.ReadWrite.All"]
    assert written[2]["reasons"] == [
        {
            "what": "microsoft365.password_expiry[example-primary.example]",
            "path": str(tmp_path / "10-playbook.yaml"),
            "line": 6,
        }
    ]


def test_objects_that_there_are_only_for_people_are_counted_before_anybody_is_known(tmp_path: Path) -> None:
    (tmp_path / "99-away.yaml").write_text(
        "playbook: away\ntitle: Away\nowner: Office\nclauses: [EML-21]\n\ncontrols:\n  - mail.out_of_office:\n"
        "      for: staff\n      act: remind\n      sender: office@example-primary.example\n"
    )

    answered = _ask_permissions(tmp_path, RULE)

    assert {"Calendars.ReadBasic", "MailboxSettings.Read"} <= {*_names(answered, "read")}
    assert "Mail.Send" not in _names(answered, "read")
    assert {"Mail.Send", "MailboxSettings.Read"} <= {*_names(answered, "write")}
    assert f"{SCOPE}gmail.send" in _names(answered, "write", "google_workspace")


def test_it_says_what_for_and_what_to_paste(tmp_path: Path) -> None:
    out = _ask_permissions(tmp_path, RULE, options=("--read",)).out

    assert f"for microsoft365.transport_rule[Tag] ({tmp_path}/10-playbook.yaml:6)" in out
    assert (
        'New-RoleGroup -Name "toolkit read" '
        '-Roles "View-Only Configuration","View-Only Recipients","View-Only Audit Logs"'
    ) in out
    assert (
        "assign Global Reader to the app in Entra ID > Roles & admins. "
        "View-Only Audit Logs needs the role group in any case." in out
    )
    assert "for who changed microsoft365.transport_rule[Tag]" in out
    assert "Also for `toolkit hold`: eDiscovery.Read.All" in out
    assert "Google Workspace, read identity" in out
    assert "write identity" not in out


def test_scopes_are_ready_to_paste_and_only_the_samples_need_a_super_administrator(tmp_path: Path) -> None:
    told = json.loads(ask("permissions", SAMPLES, "--read", "--json").out)
    google = next(one for one in told["identities"] if one["provider"] == "google_workspace")
    scopes = [one["name"] for one in google["permissions"] if one["sort"] == "scope"]
    plain = _ask_permissions(tmp_path, RULE).out

    assert [",".join(scopes)] in [step["paste"] for step in google["steps"]]
    marked = {one["name"].removeprefix(SCOPE) for one in google["permissions"] if one["writes"]}
    assert marked == {"gmail.settings.basic", "apps.groups.settings"}
    assert "super administrator" in [one["name"] for one in google["permissions"]]
    assert "super administrator" not in plain


def test_a_mistake_in_the_playbooks_is_told_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "00-school.yaml").write_text((SAMPLES / "00-school.yaml").read_text())
    (tmp_path / "10-playbook.yaml").write_text(playbook("  - microsoft365.transport_rul: Tag\n"))

    answered = ask("permissions", tmp_path)

    assert answered.exit == 2
    assert f"{tmp_path}/10-playbook.yaml:6" in answered.err


@pytest.mark.parametrize("mode", ["check", "enforce"])
def test_writing_identity_that_could_not_write_anything_is_reported(mode: str, tmp_path: Path) -> None:
    out = _ask_permissions(tmp_path, RULE, mode=mode, options=("--write",)).out
    microsoft, google = out.split("Google Workspace, write identity")
    sentence = "No control is enforced here yet, so this identity has nothing to write."

    assert sentence in google
    assert (sentence in microsoft) is (mode == "check")
    assert sentence not in _ask_permissions(tmp_path, RULE, mode=mode, options=("--read",)).out
