"""The register of holds as a file: what is not all of one is never taken for an empty one."""

from collections.abc import Callable

import pyrage  # type: ignore[import-untyped]
import pytest

from tests.cli.test_hold import CASE, PERSON, Office
from tests.cli.test_hold import keep_placed as keep_placed  # noqa: PLC0414 - the fixture
from tests.emulated import SIGN_IN
from toolkit.holds.register import FILE

_PART = "a part of the content is missing or wrong"


def _damage(office: Office, text: str) -> bytes:
    """Write another text into the register, as a program does that has its key."""
    recipient = pyrage.x25519.Identity.from_str(office.key).to_public()
    sealed = pyrage.encrypt(text.encode(), [recipient])
    (office.door.playbooks / FILE).write_bytes(bytes(sealed))
    return bytes(sealed)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("format: 1\n", "it has no `cases`"),
        ("{}\n", "it has no `cases`"),
        ("format: 1\nCases: {}\n", "it has no `cases`"),
        ("", _PART),
        ("[]\n", _PART),
        ("cases:\n", _PART),
        ("cases: []\nformat: 1\n", _PART),
        ("cases: {a: {name: a}}\n", _PART),
        ("cases: [\n", "its text cannot be parsed"),
    ],
)
def test_a_register_without_all_of_its_parts_is_damaged_and_not_empty(
    keep_placed: Callable[[], Office], text: str, why: str
) -> None:
    office = keep_placed()
    sealed = _damage(office, text)
    before = office.tenant.last_request()

    answers = [
        office.hold("list"),
        office.hold("confirm"),
        office.hold("release", CASE),
        office.place(PERSON),
        office.hold("list", group="custody"),
        office.door.toolkit("forget", "--before", "2026-01-01", "--by", "Chair", TOOLKIT_HOLDS_KEY=office.key),
    ]

    path = office.door.playbooks / FILE
    said = f"toolkit: {path} is damaged. It was decrypted, but it is not a register of holds: {why}. "
    for answer in answers:
        assert answer.exit == 1, answer.out + answer.err
        assert answer.err == f"{said}Restore it from a backup. Nothing was changed\n"
    assert path.read_bytes() == sealed
    assert [one for one in office.tenant.requests(before) if one["service"] not in SIGN_IN] == []


def test_a_register_without_a_case_is_empty(keep_placed: Callable[[], Office]) -> None:
    office = keep_placed()
    _damage(office, "cases: {}\nformat: 1\n")

    answer = office.hold("list")

    assert answer.out.splitlines()[0] == "The register has no cases."
