"""Split a paragraph into its sentences, word for word."""

import re
from collections.abc import Iterator

_ABBREVIATIONS = frozenset(
    "e.g i.e etc mr mrs ms dr no nos st vs approx ltd fig cf para paras sec ref tel ext p pp v al dept u.k u.s".split()
)
_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])")
_LAST_WORD = re.compile(r"(?<![\w.])([\w.]+)\.$")


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a paragraph. An abbreviation such as `e.g.` does not end a sentence."""
    begins = 0
    for match in _END.finditer(text):
        before = text[begins : match.end()].rstrip()
        word = _LAST_WORD.search(before.rstrip("\"'”’)]"))
        if word and (word[1].casefold() in _ABBREVIATIONS or re.fullmatch(r"[A-Z]", word[1])):
            continue
        yield before
        begins = match.end()
    if rest := text[begins:].strip():
        yield rest
