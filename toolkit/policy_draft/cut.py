"""Cut a document into clauses: each sentence word for word, with its heading, number, paragraph and page."""

import re
from collections.abc import Iterator, Sequence

from toolkit.policy_draft.sentences import sentences
from toolkit.policy_draft.source_document import Block, BlockKind, SourceDocument
from toolkit.records import dataclass

_FEWEST = 4  # words of a sentence, because a shorter line is a label such as `Signature:`
_FIRST_WORDS = 6
_CONTENTS = re.compile(r"(?i)(table of )?contents( page)?:?$")
_DEFINITION = re.compile(
    r"""(?ix)
    (?:the\ (?:term|word|phrase|expression)s?\ )?
    ["'“‘]?[\w\ /&-]{2,50}["'”’]?\s{0,9}(?:means?|refers?\ to|is\ defined\ as|are\ defined\ as)\b
    """
)
_DEFINITIONS = re.compile(r"(?i)(definitions?|glossary|interpretation|terminology|abbreviations)\b")
_DUTY = re.compile(
    r"(?i)\b(must|shall|should|may|will|required|never|not|only|prohibited|forbidden|allowed|permitted)\b"
)
_DUTY_VERB = re.compile(
    r"(?i)(?:^|: )(?:approve|carr(?:y|ie)|check|deal|ensure|follow|investigate|keep|lead|make|maintain|manage|monitor|"
    r"oversee|provide|read|record|report|respond|review|support|test|train|update)s?\b"
)
_SENTENCE_END = re.compile(r"[.!?:;][\"'”’)]*$")
_LONGEST_LABEL = 12  # words
_FRONT = "Front page"


@dataclass(frozen=True, slots=True, kw_only=True)
class CutClause:
    """A sentence of the document, with its place."""

    says: str
    section: str
    section_label: str
    number: str  # in the document, or ""
    paragraph: int  # in the section
    page: int | None
    begins: str
    sentence: int = 1  # in its paragraph
    item_text: str = ""  # the sentence without the words that introduce its list


@dataclass(frozen=True, slots=True, kw_only=True)
class CutDocument:
    """The clauses of a document, and its text that is not a clause."""

    title: str
    clauses: Sequence[CutClause]
    definitions: Sequence[str]
    notes: int  # footnotes without a duty
    labels: Sequence[str]  # short lines such as `Last reviewed Summer 2023`


def cut_document(document: SourceDocument) -> CutDocument:
    """Return the clauses of a document in their order."""
    cutter = _Cutter()
    for block in _without_contents(document.blocks):
        cutter.add(block)
    clauses = list(_without_repeats(cutter.clauses))
    return CutDocument(
        title=_title(document),
        clauses=clauses,
        definitions=cutter.definitions,
        notes=cutter.notes,
        labels=cutter.labels,
    )


def _title(document: SourceDocument) -> str:
    first = next((block.text for block in document.blocks if block.kind is BlockKind.HEADING), "")
    named = (
        block.text
        for block in document.blocks[:12]
        if "policy" in block.text.casefold() and len(block.text.split()) <= 12 and not block.text.endswith(".")  # noqa: PLR2004
    )
    return next(named, first) or document.name.rpartition(".")[0]


def _without_contents(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks without a table of contents that is typed as paragraphs."""
    is_contents = False
    for block in blocks:
        if _CONTENTS.match(block.text):
            is_contents = True
        elif is_contents and re.search(r"[\s.…]\d{1,3}$", block.text):
            continue
        else:
            is_contents = False
            yield block


def _without_repeats(clauses: Sequence[CutClause]) -> Iterator[CutClause]:
    """Yield the clauses. A sentence that is repeated word for word under the same heading counts once."""
    seen: set[tuple[str, str]] = set()
    for clause in clauses:
        key = clause.section, clause.says.casefold()
        if key not in seen:
            seen.add(key)
            yield clause


class _Cutter:
    """Collects the clauses of blocks, with the heading and the numbers that apply."""

    def __init__(self) -> None:
        self.clauses: list[CutClause] = []
        self.definitions: list[str] = []
        self.notes = 0
        self.labels: list[str] = []
        self._section = Block(kind=BlockKind.HEADING, text=_FRONT)
        self._paragraph = 0
        self._numbers: list[tuple[int, str]] = []  # of the paragraph above a list and of its items, by depth
        self._leads: list[tuple[int, str]] = []  # the sentences that introduce the list, by depth

    def add(self, block: Block) -> None:
        """Add the clauses of a block."""
        if block.kind is BlockKind.HEADING:
            self._section, self._paragraph, self._numbers, self._leads = block, 0, [], []
            return
        self._paragraph += 1
        if block.kind is BlockKind.NOTE:
            self._add_note(block)
        elif self._is_definition(block):
            self.definitions.append(block.text)
        elif block.kind is BlockKind.ITEM:
            self._add_item(block)
        else:
            self._numbers = [(-1, block.label)] if block.label else []
            self._leads = []
            self._add_sentences(block, block.label)

    def _is_definition(self, block: Block) -> bool:
        return bool(_DEFINITION.match(block.text) or _DEFINITIONS.match(self._section.text))

    def _add_note(self, block: Block) -> None:
        duties = [sentence for sentence in sentences(block.text) if _DUTY.search(sentence)]
        self.notes += not duties
        for position, sentence in enumerate(duties, 1):
            self._add(sentence, sentence, "", block.page, position)

    def _add_item(self, block: Block) -> None:
        """Add a list item. The sentence that introduces the list is repeated before it, if it ends with a colon."""
        self._leads = [(depth, lead) for depth, lead in self._leads if depth < block.level]
        lead = " ".join(lead for _, lead in self._leads)
        number = self._item_number(block)
        parts = list(sentences(block.text))
        if not lead and len(block.text.split()) < _FEWEST:
            return
        for position, sentence in enumerate(parts, 1):
            if position == len(parts) and sentence.endswith(":"):
                self._leads.append((block.level, sentence))
                continue
            says = f"{lead} {sentence}" if lead and position == 1 else sentence
            self._add(says, sentence, number, block.page, position)

    def _item_number(self, block: Block) -> str:
        """Return the number of an item with the numbers above it, such as 4.2.a for (a) below 4.2."""
        self._numbers = [(depth, number) for depth, number in self._numbers if depth < block.level]
        above = self._numbers[-1][1] if self._numbers else ""
        is_whole = "." in block.label or not above
        number = block.label if is_whole and block.label else ".".join(filter(None, [above, block.label]))
        if block.label:
            self._numbers.append((block.level, number))
        return number

    def _add_sentences(self, block: Block, number: str) -> None:
        parts = list(sentences(block.text))
        for position, sentence in enumerate(parts, 1):
            if position == len(parts) and sentence.endswith(":"):
                self._leads = [(-1, sentence)]
            elif len(sentence.split()) >= _FEWEST and _is_label(sentence):
                self.labels.append(sentence)
            elif len(sentence.split()) >= _FEWEST:
                self._add(sentence, sentence, number, block.page, position)

    def _add(self, says: str, own: str, number: str, page: int | None, sentence: int) -> None:
        self.clauses.append(
            CutClause(
                says=says,
                section=self._section.text,
                section_label=self._section.label,
                number=number,
                paragraph=self._paragraph,
                page=page,
                begins=" ".join(own.split()[:_FIRST_WORDS]),
                sentence=sentence,
                item_text=own,
            )
        )


def _is_label(text: str) -> bool:
    """Return whether a text is a line such as `Last reviewed Summer 2023`: short, without an end and without a duty."""
    has_duty = _DUTY.search(text) or _DUTY_VERB.search(text)
    return len(text.split()) <= _LONGEST_LABEL and not _SENTENCE_END.search(text) and not has_duty
