"""Runs that follow each other faster than the service's reads follow its writes."""

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

RULE = """\
playbook: rules
resources:
  - microsoft365.transport_rule: Mark mail to the office
    sent_to: [office@example-primary.example]
    prepend_subject: "[office] "
"""


def test_a_rule_that_the_run_before_made_and_no_read_shows_yet_is_not_made_twice(bare_door: Door) -> None:
    bare_door.write("10-rules.yaml", RULE)
    bare_door.tenant.fault("stale", "New-TransportRule", reads=1)
    assert bare_door.toolkit("apply", "--yes").exit == 0

    again = bare_door.toolkit("apply", "--yes")

    assert again.exit == 0, again.out + again.err
    names = [rule["Name"] for rule in bare_door.tenant.objects("exchange.transportRules").values()]
    assert names.count("Mark mail to the office") == 1
    assert bare_door.toolkit("plan").exit == 0


def test_a_changed_rule_is_done_once_a_read_shows_the_change(bare_door: Door) -> None:
    bare_door.write("10-rules.yaml", RULE)
    assert bare_door.toolkit("apply", "--yes").exit == 0
    bare_door.write("10-rules.yaml", RULE.replace('"[office] "', '"[reception] "'))
    bare_door.tenant.fault("stale", "Set-TransportRule", reads=1)

    assert bare_door.toolkit("apply", "--yes").exit == 0

    log = bare_door("audit", "log", "--json", "--last", "1").json
    (step,) = log["runs"][0]["steps"]
    assert [(field["path"], field["after"]) for field in step["fields"]] == [("prepend_subject", "[reception] ")]
