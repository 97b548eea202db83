"""What is known of data protection rules before one is written."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.google_workspace.kinds.dlp_rule import KIND
from connectors.google_workspace.kinds.dlp_rule.condition import check
from toolkit.planning.look_alikes import ObjectWithJobs
from toolkit.sdk.resource import Address, Observed, Remote
from toolkit.values import Settings

HEAD = "head@example-primary.example"
SPARED = f"!all_headers.contains('{HEAD}')"


def rule(**more: Any) -> Settings:
    written: Mapping[str, Any] = {
        "triggers": ["gmail.email.v1.send"],
        "condition": "body.contains('trip')",
        "gmail_action": "block",
        "gmail_external": True,
    }
    return KIND.spec.desired({**written, **more})


def everywhere(way: str) -> Settings:
    return rule(
        triggers=["gmail.email.v1.send", "drive.file.v1.share", "chat.message.v1.send", "chromeos.file.v1.transfer"],
        gmail_action=way,
        drive_action=way,
        chat_action=way,
        chat_applies_to=["external_rooms"],
        chrome_action=way,
    )


def observed_rule(settings: Settings) -> Observed:
    return Observed(Address("google_workspace", "dlp_rule", "Any"), settings, Remote("policies/1", "Any", {}))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (rule(gmail_action="audit", unit="/Staff"), True),
        (rule(triggers=["gmail.email.v1.receive", "gmail.email.v1.send"]), True),
        (rule(triggers=["gmail.email.v1.receive"]), False),
        (rule(condition="body.contains('visit')"), False),
    ],
)
def test_two_rules_do_the_same_job_when_they_look_for_the_same_on_one_occasion(other: Settings, *, same: bool) -> None:
    assert _same_job(other, rule()) is same


def test_a_new_rule_only_records_at_first_wherever_it_can() -> None:
    assert KIND.lifecycle.cautious(everywhere("block")) == everywhere("audit")
    assert KIND.lifecycle.cautious(everywhere("warn")) == everywhere("warn")
    calendar = rule(
        triggers=["calendar.event.v1.save"], calendar_action="block", gmail_action=None, gmail_external=None
    )
    assert KIND.lifecycle.cautious(calendar) == calendar


def test_a_rule_that_begins_to_act_says_so() -> None:
    told = KIND.lifecycle.promotion(observed_rule(rule(gmail_action="audit")), rule())

    assert told == "begins to act, after only recording (gmail_action audit)"
    assert KIND.lifecycle.promotion(observed_rule(rule(gmail_action="warn")), rule()) is None
    assert KIND.lifecycle.promotion(observed_rule(rule(gmail_action="audit")), rule(gmail_action="audit")) is None


@pytest.mark.parametrize(
    ("settings", "held"),
    [
        (rule(), (HEAD,)),
        (rule(gmail_action="warn"), ()),
        (rule(state="INACTIVE"), ()),
        (rule(condition=f"body.contains('trip') && {SPARED}"), ()),
        (rule(condition=f"(body.contains('a') || body.contains('b')) && {SPARED.upper().lower()}"), ()),
        (rule(condition=f"body.contains('trip') || {SPARED}"), (HEAD,)),
        (rule(condition=f"body.contains('trip') && ({SPARED} || title.contains('x'))"), (HEAD,)),
        (rule(condition=f'body.contains("&& {SPARED} &&")'), (HEAD,)),
        (rule(condition="body.contains('trip') && !all_headers.contains('office@example-primary.example')"), (HEAD,)),
    ],
)
def test_a_rule_that_could_stop_protected_mail_names_whose(settings: Settings, held: tuple[str, ...]) -> None:
    assert KIND.mail.holds_up(settings, [HEAD]) == held


@pytest.mark.parametrize(
    "condition",
    [
        "all_headers.contains('@')",
        "!(body.contains_word(\"it's\") && title.starts_with('x')) || file_size_in_bytes.greater_than(5)",
        "url_category.matches_web_category('ONLINE_COMMUNITIES__SOCIAL_NETWORKS')",
        "body.contains('(')",
    ],
)
def test_conditions_that_look_for_something_are_taken(condition: str) -> None:
    assert check(condition) == condition


@pytest.mark.parametrize(
    "condition", ["", "true", "body", "body.contains()", "body.contains(' ')", "body.matches( '.*' )"]
)
def test_conditions_that_fit_everything_are_refused(condition: str) -> None:
    with pytest.raises(ValueError, match=r"does not look for anything|matches everything"):
        check(condition)


def _same_job(observed: Settings, desired: Settings) -> bool:
    worker = ObjectWithJobs("google_workspace.dlp_rule", KIND.jobs, desired)
    return bool(ObjectWithJobs("google_workspace.dlp_rule", KIND.jobs, observed).shared_job(worker))
