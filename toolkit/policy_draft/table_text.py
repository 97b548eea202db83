"""Turn a row of a table into blocks: each cell with a sentence is a block, and short cells name it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from toolkit.policy_draft.source_document import Block, BlockKind

_SENTENCE = 4  # words


def row_blocks(cells: Sequence[Sequence[Block]]) -> Iterator[Block]:
    """Yield the blocks of a row. If only one cell has sentences, the short cells before it are its beginning.

    A row without a sentence, such as a version with its date, has no block.
    """
    long = [cell for cell in cells if any(_is_sentence(block) for block in cell)]
    labels = [block.text.rstrip(":") for cell in cells if cell not in long for block in cell]
    label, names = (labels[0], labels[1:]) if labels and _is_number(labels[0]) else ("", labels)
    for cell in long:
        for position, block in enumerate(
            block for block in cell if _is_sentence(block) or block.kind is BlockKind.ITEM
        ):
            is_first = position == 0 and len(long) == 1
            text = ": ".join([*names, block.text]) if is_first and names else block.text
            number = block.label or (label if is_first else "")
            kind = block.kind if block.kind in {BlockKind.ITEM, BlockKind.NOTE} else BlockKind.CELL
            yield replace(block, kind=kind, text=text, label=number, level=0)


def _is_sentence(block: Block) -> bool:
    return len(block.text.split()) >= _SENTENCE


def _is_number(text: str) -> bool:
    return any(sign.isdigit() for sign in text) and not any(sign.isspace() for sign in text)
