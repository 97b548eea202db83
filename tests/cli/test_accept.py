"""`toolkit accept`: a finding becomes an exception with an end."""

from tests.cases import playbook, resource
from tests.door import Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

STORED, KIND, NAME = "exchange.transportRules", "microsoft365.transport_rule", "Mark mail to the office"
WANTED = {"sent_to": ["office@example-primary.example"], "prepend_subject": "[office] "}
FILE = """\
# Trips and moves.
exceptions: trips  # one file for all

approved: []
"""


def test_a_finding_of_one_setting_is_accepted_until_a_day_and_found_again_after_it(bare_door: Door) -> None:
    door = bare_door
    door.write("10-rules.yaml", playbook(resource(KIND, NAME, WANTED), slug="rules"))
    assert door.toolkit("apply", "--yes").exit == 0
    (key,) = [key for key, rule in door.tenant.objects(STORED).items() if rule["Name"] == NAME]
    door.tenant.patch(STORED, key, PrependSubject="[new office] ")
    (finding,) = door.toolkit("drift", "--json").json["changes"][0]["findings"]
    exceptions = door.write("95-exceptions.yaml", FILE)
    words = ("--until", "2026-11-20", "--reason", "Moving to the new office", "--by", "Head Teacher")

    asked = door("accept", finding[:4], door.playbooks, *words)
    assert (asked.exit, exceptions.read_text()) == (5, FILE)
    assert f"+  - object: {KIND}[{NAME}]" in asked.out.splitlines()

    done = door("accept", finding[:4], door.playbooks, *words, "--yes")
    assert done.exit == 0, done.err
    text = exceptions.read_text()
    assert text.startswith(FILE.rstrip("\n"))
    written = text.partition(f"  - object: {KIND}[{NAME}]\n")[2].splitlines()
    assert written[0] == "    setting: prepend_subject"
    assert written[1].startswith("    value: ")
    assert written[2:4] == ["    reason: Moving to the new office", "    ends: 2026-11-20"]
    drift = door.toolkit("drift")
    assert drift.exit == 0
    assert "prepend_subject: accepted until 2026-11-20: Moving to the new office (Head Teacher" in drift.out
    assert "ended: " in drift.out
    assert ": accepted in the playbooks until a date" in drift.out
    assert door.toolkit("plan").exit == 0

    door.tenant.patch(STORED, key, PrependSubject="[third office] ")
    other = door.toolkit("drift")
    assert other.exit == 3
    assert "prepend_subject was accepted with another value (" in other.out
    exceptions.write_text("".join(line for line in text.splitlines(keepends=True) if "    value: " not in line))
    assert door.toolkit("drift").exit == 0  # an entry of an earlier version holds for any value
    exceptions.write_text(text)
    door.tenant.patch(STORED, key, PrependSubject="[new office] ")
    assert door.toolkit("drift").exit == 0

    door.tenant.set_now("2026-11-21T02:30:00Z")
    (change,) = door.toolkit("drift", "--json").json["changes"]
    assert (change["state"], change["findings"], change["cause"]) == ("new", [finding], "tenant")


def test_a_finding_of_an_object_that_an_entry_for_all_of_its_kind_asks_for_is_accepted(google_door: Door) -> None:
    door = google_door
    footer = resource("google_workspace.group_footer", "*", {"text": "Sent through a group of the school."})
    door.write("10-footers.yaml", playbook(footer))
    door.write("95-exceptions.yaml", FILE)
    assert door.toolkit("apply", "--yes").exit == 0
    groups = door.tenant.objects("google.groups")
    key = next(key for key, group in groups.items() if group["email"] == f"all-staff@{door.tenant.domain}")
    door.tenant.patch("google.groupSettings", key, customFooterText="Another")
    (change,) = door.toolkit("drift", "--json").json["changes"]
    words = ("--until", "2026-12-18", "--reason", "A group of the trust", "--by", "Head Teacher", "--yes")

    accepted = door("accept", change["findings"][0], door.playbooks, *words)

    assert accepted.exit == 0, accepted.err
    assert f"+  - object: google_workspace.group_footer[all-staff@{door.tenant.domain}]" in accepted.out.splitlines()
    assert door.toolkit("drift").exit == 0


def test_what_cannot_be_accepted_is_said_before_anything_is_written(bare_door: Door) -> None:
    words = ("--reason", "Because", "--by", "Head Teacher", "--yes")

    unknown = bare_door("accept", "3f2a9c1b", bare_door.playbooks, "--until", "2026-12-18", *words)

    assert unknown.exit == 2
    assert "no open finding has the id 3f2a9c1b: `toolkit drift` shows the ids in brackets" in unknown.err
