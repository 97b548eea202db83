"""Read and write the school's clauses in policy/clauses.yaml. Comments and hand-made changes are kept."""

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from toolkit.errors import UsageError
from toolkit.playbook.policy_entries import ClauseClass
from toolkit.policy_draft.cut import CutClause
from toolkit.policy_draft.propose import ClauseProposal
from toolkit.records import dataclass
from toolkit.render.yaml_text import format_yaml, yaml_comment_lines
from toolkit.values import Json

FILE = Path("policy") / "clauses.yaml"
"""The path of the clauses in the playbooks folder."""

_HEAD = (
    "The clauses of the school's policy. `says` is a sentence of the document, word for word. A clause of the "
    "class UNRATIFIED is not checked. `proposed` is a suggestion, and `words` are the words that led to it. "
    "`toolkit policy review` goes through the proposals. By hand: write the `class`, `controls` and `evidence` that "
    "are right, and delete `proposed`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedClause:
    """A clause of the file with its proposal, and whether a person has accepted it."""

    name: str
    cut: CutClause
    proposal: ClauseProposal | None  # None if a person has accepted the clause
    entry: Mapping[str, Any] | None = None  # as it is in the file
    earlier: str | None = None  # the accepted wording in the version before


def clauses_file(playbooks: Path) -> Path:
    """Return the path of the school's clauses. Raise UsageError if another file has clauses, such as the sample's."""
    file = playbooks / FILE
    others = [path for path in sorted((playbooks / "policy").glob("*.y*ml")) if path != file]
    if others:
        raise UsageError(
            f"{others[0]} has clauses of a policy. If it is a template, delete the files in {playbooks / 'policy'}, "
            "then try again"
        )
    return file


_BLANK = ("ratified", "review_due")
_OF_VERSION = (*_BLANK, "signed_by", "signed")
"""The facts of a document that a new version does not have yet."""


def render_file(head: Mapping[str, Json], document: Mapping[str, Json], clauses: Sequence[DraftedClause]) -> str:
    """Return the text of the file with the clauses of a document."""
    ratified = yaml_comment_lines(
        "UNRATIFIED until the governors adopt it. Then write the dates after `ratified` and `review_due`."
    )
    lines = [
        *yaml_comment_lines(_HEAD),
        *format_yaml(head).splitlines(),
        "",
        *ratified,
        "document:",
        *(f"  {line}" for line in format_yaml({key: value for key, value in document.items() if value}).splitlines()),
        *(f"  {key}:" for key in _BLANK if not document.get(key)),
        "",
        "clauses:",
    ]
    lines += [
        f"  {line}" if line else "" for clause in clauses for line in format_yaml([to_entry(clause)]).splitlines()
    ]
    return "\n".join(lines) + "\n"


def later_document(earlier: Mapping[str, Any], title: str, sha256: str) -> Mapping[str, Json]:
    """Return the facts of a later version of a document. Its dates are blank, unless it is the same file."""
    is_same = earlier.get("sha256") == sha256
    kept = {key: value for key, value in earlier.items() if is_same or key not in _OF_VERSION}
    return {**kept, "title": title, "sha256": sha256}


def to_entry(clause: DraftedClause) -> Mapping[str, Json]:
    """Return the entry of a clause in the file."""
    if clause.entry is not None and clause.proposal is None:
        kept = {key: value for key, value in clause.entry.items() if key not in {"clause", "says", "place"}}
        return {"clause": clause.name, "says": clause.cut.says, "place": _place(clause.cut), **kept}
    entry: dict[str, Json] = {
        "clause": clause.name,
        "says": clause.cut.says,
        "class": str(ClauseClass.UNRATIFIED),
        "place": _place(clause.cut),
    }
    if clause.proposal:
        entry["proposed"] = _proposal_entry(clause.proposal, clause.earlier)
    return entry


def _place(cut: CutClause) -> dict[str, Json]:
    section = f"{cut.section_label} {cut.section}".strip()
    written: dict[str, Json] = {"section": section, "number": cut.number or None, "page": cut.page}
    return {
        **{key: value for key, value in written.items() if value},
        "paragraph": cut.paragraph,
        "begins": cut.begins,
    }


def _proposal_entry(proposal: ClauseProposal, earlier: str | None) -> dict[str, Json]:
    written: dict[str, Json] = {
        "class": str(proposal.clause_class),
        "controls": list(proposal.controls),
        "evidence": list(proposal.evidence),
        "words": {name: list(words) for name, words in proposal.words.items()},
        "earlier": earlier,
    }
    return {key: value for key, value in written.items() if value}


class ClausesFile:
    """The school's clauses as they are in the file, ready to change one entry and save all."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raise UsageError if it does not exist or is not YAML with clauses."""
        self.path = path
        if not path.is_file():
            raise UsageError(f"{path} does not exist. Write it with `toolkit policy draft FILE`")
        self._yaml = YAML()
        self._yaml.preserve_quotes = True
        self._yaml.width = 1_000_000
        self._yaml.indent(mapping=2, sequence=4, offset=2)
        try:
            self._content: Any = self._yaml.load(path.read_text(encoding="utf-8"))
            self.entries: list[dict[str, Any]] = self._content["clauses"]
        except (YAMLError, TypeError, KeyError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read. Run `toolkit validate`, which names the line") from error

    @property
    def head(self) -> Mapping[str, Any]:
        """Return the keys of the file other than its clauses."""
        return {key: value for key, value in self._content.items() if key != "clauses"}

    @property
    def file_keys(self) -> Mapping[str, Any]:
        """Return the keys of the file other than its clauses and its document."""
        return {key: value for key, value in self.head.items() if key != "document"}

    def list_unratified(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the index and the entry of each clause that no person has accepted."""
        for index, entry in enumerate(self.entries):
            if is_unratified(entry):
                yield index, entry

    def save(self) -> None:
        """Write the file completely or not at all."""
        text = StringIO()
        self._yaml.dump(self._content, text)
        replace_file(self.path, text.getvalue())


def is_unratified(entry: Mapping[str, Any]) -> bool:
    """Return whether no person has accepted an entry of the file."""
    return bool(entry.get("class") == str(ClauseClass.UNRATIFIED))


def replace_file(path: Path, text: str) -> None:
    """Write a file completely or not at all. Raise UsageError if it cannot be written."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def read_clause(entry: Mapping[str, Any]) -> CutClause:
    """Return the sentence and the place of an entry of the file."""
    place = entry.get("place") or {}
    return CutClause(
        says=str(entry.get("says", "")),
        section=str(place.get("section", "")),
        section_label="",
        number=str(place.get("number") or ""),
        paragraph=int(place.get("paragraph") or 1),
        page=place.get("page"),
        begins=str(place.get("begins", "")),
    )


def with_section(cut: CutClause) -> CutClause:
    """Return a clause whose heading includes the heading's number, as the file has it."""
    return replace(cut, section=f"{cut.section_label} {cut.section}".strip(), section_label="")
