"""A later version keeps what was accepted, and lists what must be accepted again."""

from pathlib import Path

import pytest

from toolkit.errors import UsageError
from toolkit.policy_draft.draft import PolicyDraft, draft_policy, write_draft
from toolkit.policy_draft.draft_file import FILE, ClausesFile
from toolkit.policy_draft.review import ReviewSession

FIRST = """\
# ICT policy

## 1. Passwords

1.1 Staff must choose a password of at least 8 characters.

1.2 Staff must not share a password with anyone.

1.3 Staff must lock the screen when they leave a computer.

## 2. E-mail

2.1 Every e-mail must carry the school's disclaimer.

2.2 Staff must be polite in e-mail.
"""
LATER = (
    FIRST.replace("at least 8 characters", "at least 12 characters")
    .replace("1.3 Staff must lock the screen when they leave a computer.\n\n", "")
    .replace("2.1 Every", "2.1 Staff must not use WhatsApp for school matters.\n\n2.2 Every")
    .replace("2.2 Staff must be", "2.3 Staff must be")
)


def _draft(folder: Path, text: str, *, update: bool = False) -> PolicyDraft:
    path = folder / "policy.md"
    path.write_text(text, encoding="utf-8")
    draft = draft_policy(path, folder, update=update)
    write_draft(draft)
    return draft


def _accept_all(folder: Path) -> None:
    session = ReviewSession(ClausesFile(folder / FILE))
    while session.current:
        session.answer("")


def _entries(folder: Path) -> dict[str, dict[str, object]]:
    return {str(entry["clause"]): dict(entry) for entry in ClausesFile(folder / FILE).entries}


def test_clauses_have_the_numbers_of_the_document(tmp_path: Path) -> None:
    draft = _draft(tmp_path, FIRST)

    assert [clause.name for clause in draft.clauses] == ["POL-1.1", "POL-1.2", "POL-1.3", "POL-2.1", "POL-2.2"]
    assert all(entry["class"] == "UNRATIFIED" for entry in _entries(tmp_path).values())


def test_an_update_shows_added_changed_moved_and_removed_clauses(tmp_path: Path) -> None:
    _draft(tmp_path, FIRST)
    _accept_all(tmp_path)
    accepted = _entries(tmp_path)

    changes = _draft(tmp_path, LATER, update=True).changes

    assert changes is not None
    assert (changes.changed, changes.ratify_again) == (["POL-1.1"], ["POL-1.1"])
    assert (changes.moves, changes.removed) == (["POL-2.1", "POL-2.2"], ["POL-1.3"])
    assert changes.added == ["SCHO-1"] or len(changes.added) == 1
    later = _entries(tmp_path)
    assert later["POL-1.2"] == accepted["POL-1.2"]
    assert later["POL-2.1"]["controls"] == ["mail.disclaimer"]
    assert later["POL-1.1"]["class"] == "UNRATIFIED"
    assert later["POL-1.1"]["proposed"]["earlier"] == "Staff must choose a password of at least 8 characters."  # type: ignore[index]


def test_the_same_document_changes_nothing(tmp_path: Path) -> None:
    _draft(tmp_path, FIRST)
    _accept_all(tmp_path)
    before = _entries(tmp_path)

    changes = _draft(tmp_path, FIRST, update=True).changes

    assert changes is not None
    assert [*changes.added, *changes.changed, *changes.moves, *changes.removed, *changes.ratify_again] == []
    assert _entries(tmp_path) == before


def test_the_dates_of_the_document_are_kept_for_the_same_file_only(tmp_path: Path) -> None:
    _draft(tmp_path, FIRST)
    file = tmp_path / FILE
    written = file.read_text().replace("  ratified:\n", "  ratified: 2026-09-01\n  committee: Resources\n")
    file.write_text(written)

    _draft(tmp_path, FIRST, update=True)
    same = file.read_text()
    _draft(tmp_path, LATER, update=True)
    later = file.read_text()

    assert ("ratified: 2026-09-01" in same, "committee: Resources" in same) == (True, True)
    assert ("ratified: 2026-09-01" in later, "committee: Resources" in later) == (False, True)


def test_a_second_draft_without_update_is_refused(tmp_path: Path) -> None:
    _draft(tmp_path, FIRST)

    with pytest.raises(UsageError, match="Add --update"):
        _draft(tmp_path, FIRST)


def test_clauses_of_another_policy_are_not_mixed_in(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "00-document.yaml").write_text("policy: document\n", encoding="utf-8")

    with pytest.raises(UsageError, match="has clauses of a policy"):
        _draft(tmp_path, FIRST)


def test_accepting_a_clause_with_a_number_writes_a_minimum(tmp_path: Path) -> None:
    _draft(tmp_path, FIRST)
    _accept_all(tmp_path)

    assert _entries(tmp_path)["POL-1.1"]["floor"] == [
        {"control": "identity.password_policy", "setting": "length", "at_least": 8}
    ]


def test_a_comment_of_a_person_is_kept_by_the_review(tmp_path: Path) -> None:
    _draft(tmp_path, FIRST)
    file = tmp_path / FILE
    file.write_text(file.read_text().replace("  - clause: POL-1.2", "  # Ask the union first.\n  - clause: POL-1.2"))

    _accept_all(tmp_path)

    assert "# Ask the union first." in file.read_text()
