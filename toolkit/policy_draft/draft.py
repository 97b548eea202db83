"""Draft the clauses of a document, and compare a later version of it with the clauses that exist."""

from collections.abc import Sequence
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.policy_draft.clause_names import name_clauses
from toolkit.policy_draft.compare_versions import VersionChanges, compare_versions
from toolkit.policy_draft.cut import CutDocument, cut_document
from toolkit.policy_draft.draft_file import (
    ClausesFile,
    DraftedClause,
    clauses_file,
    later_document,
    render_file,
    replace_file,
)
from toolkit.policy_draft.lexicon import is_english
from toolkit.policy_draft.propose import propose_for_item
from toolkit.policy_draft.read_document import read_document
from toolkit.policy_draft.source_document import SourceDocument, UnreadableDocument
from toolkit.records import dataclass

OWNER = "Head Teacher"
_MOST_CLAUSES = 1_500
_LEAST_ENGLISH = 0.5  # share of the sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDraft:
    """The clauses of a document, with the file that they are written to."""

    document: SourceDocument
    cut: CutDocument
    file: Path
    text: str
    clauses: Sequence[DraftedClause]
    foreign: int  # sentences that are not in English
    changes: VersionChanges | None = None  # None for the first version
    is_same_document: bool = False  # as in the version before


def draft_policy(path: Path, playbooks: Path, *, owner: str = OWNER, update: bool = False) -> PolicyDraft:
    """Return the draft of a document. Nothing is written.

    Raise UsageError if the document cannot be read, or if there are clauses already and `update` is not set.
    """
    file = clauses_file(playbooks)
    if file.exists() and not update:
        raise UsageError(
            f"{file} exists. Add --update for a later version of the document, or move the file away to begin again"
        )
    earlier = ClausesFile(file) if update else None
    document = read_document(path)
    cut = cut_document(document)
    foreign = _check_clauses(path, cut)
    changes = compare_versions(earlier.entries, cut.clauses) if earlier else None
    clauses = changes.clauses if changes else _new_clauses(cut)
    head = {"policy": "own-policy", "section": cut.title, "owner": owner}
    facts = later_document(earlier.head.get("document") or {} if earlier else {}, cut.title, document.sha256)
    text = render_file({**head, **(earlier.file_keys if earlier else {})}, facts, clauses)
    return PolicyDraft(
        document=document,
        cut=cut,
        file=file,
        text=text,
        clauses=clauses,
        foreign=foreign,
        changes=changes,
        is_same_document=bool(earlier and (earlier.head.get("document") or {}).get("sha256") == document.sha256),
    )


def write_draft(draft: PolicyDraft) -> None:
    """Write the clauses of a draft. Raise UsageError if the file cannot be written."""
    replace_file(draft.file, draft.text)


def _new_clauses(cut: CutDocument) -> Sequence[DraftedClause]:
    return [
        DraftedClause(name=name, cut=clause, proposal=propose_for_item(clause.says, clause.item_text))
        for name, clause in zip(name_clauses(cut.clauses), cut.clauses, strict=True)
    ]


def _check_clauses(path: Path, cut: CutDocument) -> int:
    """Return how many sentences are not in English. Raise UnreadableDocument if there are too many, or no sentence."""
    if not cut.clauses:
        raise UnreadableDocument(f"{path} has no sentence that could be a clause. Is it the policy's document?")
    if len(cut.clauses) > _MOST_CLAUSES:
        raise UnreadableDocument(
            f"{path} has {len(cut.clauses):,} sentences, and toolkit drafts at most {_MOST_CLAUSES:,}. "
            "Save only the ICT policy as a new document, then try again"
        )
    foreign = sum(not is_english(clause.says) for clause in cut.clauses)
    if foreign > (1 - _LEAST_ENGLISH) * len(cut.clauses):
        raise UnreadableDocument(
            f"{path} is not in English for the most part, and toolkit knows only English words. "
            "Draft from the English version of the policy"
        )
    return foreign
