"""`toolkit message --picture`: the picture of a message's way, without its subject, for a page of any width."""

from stat import S_IMODE
from xml.etree import ElementTree as ET

from tests.door import Door
from tests.emulator.exchange.asking import Exchange

SUBJECT = "Case conference for a pupil"
NAME = "<Block> \u202e & more"
SVG = "{http://www.w3.org/2000/svg}"


def _texts(picture: str) -> list[str]:
    root = ET.fromstring(picture)
    assert root.get("viewBox", "").startswith("0 0 390 ")
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_the_picture_shows_the_way_without_the_subject_and_only_its_owner_can_read_it(small_door: Door) -> None:
    drawn = small_door.state / "way.svg"
    asked = ("--from", "duty@social-care.example", "--to", "head@example-primary.example", "--subject", SUBJECT)

    shown = small_door.toolkit("message", *asked, "--attach", "referral.docm", "--picture", str(drawn))

    texts = _texts(drawn.read_text(encoding="utf-8"))
    assert f"Picture: {drawn}" in shown.out.replace("\n", "")
    assert " ".join(texts).startswith("Confidential, because it shows gaps in the rules. From duty@social-care.example")
    assert "Microsoft 365" in texts
    assert "Rejected by the malware policy Default." in " ".join(texts)
    assert SUBJECT not in drawn.read_text(encoding="utf-8")
    assert S_IMODE(drawn.stat().st_mode) == 0o600
    assert max(map(len, texts)) <= 45


def test_the_picture_of_a_list_groups_recipients_with_equal_outcomes(small_door: Door) -> None:
    drawn = small_door.state / "way.svg"
    recipients = ("--to", "all-staff@example-primary.example", "--to", "parent@home.example")

    small_door.toolkit("message", "--from", "help@mis.example", *recipients, "--picture", str(drawn), "--json")

    texts = " ".join(_texts(drawn.read_text(encoding="utf-8")))
    assert "1 of 2 recipients: all-staff@example-primary.example" in texts
    assert "1 of 2 recipients: parent@home.example" in texts


def test_a_hostile_name_of_a_rule_stays_text_in_the_picture(bare_door: Door) -> None:
    Exchange(bare_door.tenant).rule(NAME, SubjectContainsWords=["conference"], Quarantine=True)
    drawn = bare_door.state / "way.svg"

    bare_door.toolkit("message", "--from", "a@b.example", "--to", f"head@{bare_door.tenant.domain}", "--subject",
                      "conference", "--picture", str(drawn))  # fmt: skip

    assert "<Block> \\u202e & more" in _texts(drawn.read_text(encoding="utf-8"))


def test_a_picture_that_cannot_be_written_is_one_clear_error(small_door: Door) -> None:
    place = small_door.state / "none" / "way.svg"

    refused = small_door.toolkit("message", "--from", "a@b.example", "--to", "head@example-primary.example",
                                 "--picture", str(place))  # fmt: skip

    assert refused.exit == 2
    assert f"{place} cannot be written" in refused.err.replace("\n", " ").replace("  ", " ")
