"""In which order the changes of a run are made: what others refer to is written before them and deleted after them."""

from tests.cases import playbook, resource
from tests.contract.rules import apply
from tests.door import CommandResult, Door
from tests.schools import few_people

pytestmark = few_people

RULE, DETECTOR = "google_workspace.dlp_rule", "google_workspace.detector"
LABEL = """\
playbook: label
title: Label
owner: Head Teacher
controls:
  - mail.personal_label: {for: staff, labels: [personal]}
"""


def _kinds(answer: CommandResult) -> list[str]:
    return [one["address"].partition("[")[0] for one in answer.json["outcomes"]]


def test_a_detector_is_made_before_the_rule_that_names_it_wherever_it_stands(google_door: Door) -> None:
    rule = {
        "triggers": ["gmail.email.v1.send"],
        "condition": "all_content.matches_word_list('Words')",
        "gmail_action": "audit",
        "gmail_external": True,
    }
    resources = resource(RULE, "Watch words", rule), resource(DETECTOR, "Words", {"words": ["placement"]})
    google_door.write("10-rules.yaml", playbook(*resources))

    assert _kinds(apply(google_door)) == [DETECTOR, RULE]


def test_a_detector_is_deleted_after_the_rule_that_names_it(google_door: Door) -> None:
    path = google_door.write("10-label.yaml", LABEL)
    apply(google_door)
    path.write_text(LABEL.replace("{for:", "{mode: off, withdraw: true, for:"))

    assert _kinds(apply(google_door)) == [RULE, DETECTOR]
