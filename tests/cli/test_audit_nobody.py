"""`toolkit audit export`: whoever the tenants and the registers name, boards read of roles and of nobody."""

from pathlib import Path

from tests.door import Door
from tests.schools import twenty_people

pytestmark = twenty_people

TEXTS = ("description", "Comment", "Comments", "AdminDisplayName", "ApplyHtmlDisclaimerText", "signature")
REGISTERS = """\
attestations: mail
confirmed:
  - {{control: mail.disclaimer, provider: google_workspace, part: append footer, by: {0}, on: 2026-09-07}}
tested:
  - {{control: web.harmful_filter, part: filtering, by: "{0}, with {1}", on: 2026-10-13,
      devices: [staff laptop], networks: [classroom Wi-Fi], result: passed, note: "{2} was there"}}
"""


def test_no_name_or_address_of_anybody_in_the_directories_reaches_a_pack_for_boards(door: Door, tmp_path: Path) -> None:
    people = [one for one in door.tenant.objects("users").values() if one.get("surname") and one.get("mail")]
    people = [one for one in people if "." in one["mailNickname"]]
    full = [str(one["displayName"]) for one in people]
    addresses = [str(one["mail"]) for one in people]
    for path in (*door.playbooks.glob("3[1-9]*.yaml"), *door.playbooks.glob("[569][0159]-*.yaml")):
        path.unlink()
    _write_everywhere(door, full, addresses)

    answer = door("audit", "export", door.playbooks, "-o", tmp_path / "out", "--pack", "governors,evidence")

    assert answer.exit in {0, 4}, answer.err
    written = {path.name: path.read_text().casefold() for path in (tmp_path / "out").iterdir()}
    assert len(written) == 5
    assert len(full) == 20
    found = [(one, name) for name, text in written.items() for one in [*full, *addresses] if one.casefold() in text]
    assert found == []
    evidence = next(text for name, text in written.items() if "_evidence_" in name and name.endswith(".json"))
    assert evidence.count("a person's name") > 5
    assert "confirmed by (a person's name)" in evidence
    assert "head teacher" in evidence


def _write_everywhere(door: Door, full: list[str], addresses: list[str]) -> None:
    """Write all names and addresses wherever people may write one, into both tenants and into the registers."""
    for collection in ("exchange.transportRules", "intune.compliancePolicies", "gmail.sendAs", "google.groups"):
        stored = door.tenant.objects(collection)
        for number, one in enumerate(stored.values()):
            said = f"{', '.join([*full[number % 20 :], *full])}, {', '.join(addresses)}"
            one.update({field: said for field in TEXTS if field in one})
        door.tenant.control("PUT", f"/objects/{collection}", stored)
    door.write("90-attestations.yaml", REGISTERS.format(*full))
