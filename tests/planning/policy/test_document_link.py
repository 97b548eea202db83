"""The file at the address of the policy document is compared with the ratified file, whoever reads it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.planning.policy.document_link import check_document_link
from toolkit.playbook.policy_entries import PolicyDocument
from toolkit.sdk.served_file import ServedFile
from toolkit.sdk.verdict import PartOutcome

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
SCHOOL = "https://school.example/policy.pdf"
RATIFIED = "a" * 64


@pytest.mark.parametrize(
    ("served", "outcome"),
    [
        (ServedFile(RATIFIED, "school.example"), PartOutcome.IN_PLACE),
        (ServedFile("b" * 64, "school.example"), PartOutcome.DIFFERS),
        (ServedFile("b" * 64, "login.example"), PartOutcome.UNCONFIRMED),
        (ServedFile(status=403), PartOutcome.UNCONFIRMED),
        (ServedFile(status=404), PartOutcome.DIFFERS),
        (ServedFile(status=500), PartOutcome.UNKNOWN),
        (ServedFile(error="timed out"), PartOutcome.UNKNOWN),
        (ServedFile(error=""), PartOutcome.UNKNOWN),
    ],
)
def test_the_served_file_decides(served: ServedFile, outcome: PartOutcome) -> None:
    fact = check_document_link(_document(), lambda _: served, NOW, live=True)

    assert fact.outcome is outcome
    assert (fact.read_at is None) is (outcome not in {PartOutcome.IN_PLACE, PartOutcome.DIFFERS})


def test_a_practice_run_reads_no_address_of_another_computer() -> None:
    read: list[str] = []

    def note(link: str) -> ServedFile:
        read.append(link)
        return ServedFile(RATIFIED, "school.example")

    assert check_document_link(_document(), note, NOW, live=False).outcome is PartOutcome.NOT_LOOKED_AT
    assert check_document_link(None, note, NOW, live=True).outcome is PartOutcome.UNCONFIRMED
    assert read == []


def test_the_engine_opens_no_address_but_the_emulators_and_the_forges() -> None:
    files = [file.name for file in (ROOT / "toolkit" / "engine").rglob("*.py") if "urllib.request" in file.read_text()]

    assert sorted(files) == ["emulator.py", "forge_reviews.py"]


def _document() -> PolicyDocument:
    return PolicyDocument(title="Policy", link=SCHOOL, sha256=RATIFIED)
