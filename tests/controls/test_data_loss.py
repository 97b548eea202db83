"""Confidential records in mail and files: recorded and warned of, never stopped; asked through the command line."""

import re

import pytest

from tests.door import Door
from tests.schools import few_people
from toolkit.controls.data_loss import Dlp

pytestmark = few_people

RULES = "exchange.transportRules"
ENTRY = "- data.dlp: {for: everyone, partners: [localauthority.example]}"


def _write(door: Door, *lines: str) -> None:
    head = "playbook: records\ntitle: Records\nowner: Head Teacher\nclauses: [GEN-12]\n\ncontrols:\n"
    door.write("63-records.yaml", head + "".join(f"  {line}\n" for line in lines))


def test_mail_with_records_is_recorded_and_gets_through_but_for_partners(bare_door: Door) -> None:
    _write(bare_door, ENTRY)

    assert bare_door.toolkit("apply", "--yes").exit == 0

    bodies = bare_door.tenant.objects(RULES).values()
    made = [body for body in bodies if body["Name"].startswith("School confidential records")]
    assert len(made) == 2
    for rule in made:
        assert rule["ExceptIfRecipientDomainIs"] == ["localauthority.example"]
        assert rule["SentToScope"] == "NotInOrganization"
        assert not any(rule.get(action) for action in ("RejectMessageReasonText", "DeleteMessage", "Quarantine"))
    assert bare_door.toolkit("plan").exit == 0


def test_google_warns_and_never_blocks_first(google_door: Door) -> None:
    _write(google_door, ENTRY)

    assert google_door.toolkit("apply", "--yes").exit == 0

    policies = [body["setting"]["value"] for body in google_door.tenant.objects("google.policies").values()]
    rules = {
        value["displayName"]: value for value in policies if "School confidential" in str(value.get("displayName"))
    }
    mail, files = (rules[f"School confidential records: {place}"]["action"] for place in ("mail", "files"))
    assert "warnUser" in mail["gmailAction"]
    assert "warnUser" in files["driveAction"]
    assert "!all_headers.matches_regex_detector(" in str(rules["School confidential records: mail"]["condition"])
    assert google_door.toolkit("plan").exit == 0


def test_google_spares_a_partner_and_no_domain_that_begins_like_one(google_door: Door) -> None:
    _write(google_door, ENTRY)

    assert google_door.toolkit("apply", "--yes").exit == 0

    policies = [body["setting"]["value"] for body in google_door.tenant.objects("google.policies").values()]
    (partners,) = (one for one in policies if one.get("displayName") == "School partners")
    spared = re.compile(partners["regularExpression"]["expression"])
    for header in (
        "To: send@LocalAuthority.example",
        "Cc: A <a@firm.example>, B <b@localauthority.example>\nDate: today",
    ):
        assert spared.search(header)
    for header in ("To: a@localauthority.example.firm.example", "To: a@localauthority.example-firm.example"):
        assert not spared.search(header)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("- data.dlp: {for: everyone}", "partners"),
        ("- data.dlp: {for: everyone, partners: []}", "partners"),
        ("- data.dlp: {for: everyone, partners: [payroll@firm.example]}", "is not a domain"),
        ("- data.dlp: {for: everyone, partners: [la.example], act: block}", "record"),
        ("- data.dlp: {partners: [la.example]}", "needs `for`"),
    ],
    ids=["partners not asked", "no partner", "an address", "blocks first", "for no one"],
)
def test_what_would_stop_mail_or_partners_is_refused(entry: str, says: str, bare_door: Door) -> None:
    _write(bare_door, entry)

    plan = bare_door.toolkit("plan")

    assert (plan.exit, "63-records.yaml:7" in plan.err, says in plan.err) == (2, True, True), plan.err


@pytest.mark.parametrize("text", ["AB 12 34 56 C", "943 476 5919", "943-476-5919", "A801200001001"])
def test_each_number_is_found(text: str) -> None:
    assert re.search(Dlp(partners=["la.example"]).expression, f"for {text}.")


@pytest.mark.parametrize("text", ["07700 900123", "01632 960 960", "2026-11-28", "GB33BUKB20201555", "A8012000010012"])
def test_telephone_numbers_and_dates_are_no_records(text: str) -> None:
    assert not re.search(Dlp(partners=["la.example"]).expression, f"for {text}.")
