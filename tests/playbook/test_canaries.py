"""Files of canaries: what they may say, and one clear problem for each mistake."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toolkit.errors import PlaybookError
from toolkit.playbook.load import load

SCHOOL = """\
school: Example Primary School
format: 1
id: example1
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
phone: 01632 960000
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
mode: enforce
"""
CANARY = "  - {name: A form, from: Parent@parents.example, to: [office@example-primary.example], must: get_through"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write_files(messages: str) -> Path:
        (tmp_path / "00-school.yaml").write_text(SCHOOL)
        (tmp_path / "92-canaries.yaml").write_text(f"canaries: mail\nmessages:\n{messages}\n")
        return tmp_path

    return write_files


def test_a_canary_has_its_message_its_expectation_and_its_line(write: Callable[[str], Path]) -> None:
    (canary,) = load(write(f"{CANARY}, attachments: [form.docx], cloud: microsoft365}}")).canaries

    assert (canary.sender, canary.to) == ("parent@parents.example", ["office@example-primary.example"])
    assert (canary.must, canary.attachments, canary.cloud) == ("get_through", ["form.docx"], "microsoft365")
    assert str(canary.origin).endswith("92-canaries.yaml:3")


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        (f"{CANARY}}}\n{CANARY}}}", "the canary `A form` is also at "),
        (f"{CANARY}, cloud: microsoft}}", "unknown cloud `microsoft`"),
        (CANARY.replace("Parent@parents.example", "parent") + "}", "is not an e-mail address"),
        (CANARY.replace("get_through", "arrive") + "}", "must"),
        (f"{CANARY}, type: Strange}}", "type"),
        (CANARY.replace("[office@example-primary.example]", "[]") + "}", "to"),
    ],
)
def test_a_mistake_is_named_with_its_file(write: Callable[[str], Path], messages: str, problem: str) -> None:
    with pytest.raises(PlaybookError) as refused:
        load(write(messages))

    (found,) = refused.value.problems
    assert problem in str(found)
    assert found.path.endswith("92-canaries.yaml")
