"""What a run asks of a tenant: few requests, and no write but the one that is needed."""

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

RULES = 40


def _write(door: Door, *names: str) -> None:
    heading = "playbook: rules\ntitle: Rules\nowner: Office\nclauses: [EML-02]\n\nresources:\n"
    rule = '  - microsoft365.transport_rule: {0}\n    subject_contains_words: [{0}]\n    prepend_subject: "[{0}] "\n'
    door.write("50-rules.yaml", heading + "".join(rule.format(name) for name in names))


def test_new_rules_cost_one_request_each_and_one_among_them_is_one_write_and_then_nothing_is_left_to_do(
    bare_door: Door,
) -> None:
    names = [f"Rule {number:02}" for number in range(RULES)]
    _write(bare_door, *names)

    assert bare_door.toolkit("apply", "--yes").exit == 0

    assert bare_door.tenant.operations() == ["GET /organization", "Get-TransportRule", *["New-TransportRule"] * RULES]

    _write(bare_door, *names[:20], "In between", *names[20:])

    asked = bare_door.tenant.last_request()
    assert bare_door.toolkit("apply", "--yes").exit == 0
    assert bare_door.tenant.operations(asked) == ["GET /organization", "Get-TransportRule", "New-TransportRule"]

    asked = bare_door.tenant.last_request()
    assert bare_door.toolkit("plan").exit == 0
    assert bare_door.tenant.operations(asked) == ["GET /organization", "Get-TransportRule"]
