"""Name clauses by the document's own numbers, or by the heading if the document has no numbers."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from toolkit.policy_draft.cut import CutClause

_NUMBERED = "POL"
_RESERVED = frozenset({"GOV", "INT", "SEC", "SYS", "EML", "GEN", "NET", "PER", "MIS"})
"""The prefixes of the sample policy, which reports and decisions name."""
_PREFIX = 4  # letters
_PIECE = 4  # characters of a part of a number
_SMALL = frozenset("the of and for a an in on to with use using our your policy section".split())


def name_clauses(clauses: Sequence[CutClause], taken: Collection[str] = ()) -> Iterator[str]:
    """Yield a name for each clause, such as POL-4.2, in order. Names in `taken` are not used."""
    used = set(taken)
    counts: Counter[str] = Counter()
    for clause in clauses:
        base, is_whole = _base(clause)
        name = base if is_whole and base not in used and clause.sentence == 1 else ""
        while not name or name in used:
            counts[base] += 1
            number = counts[base] + (1 if is_whole else 0)
            name = f"{base}-{number}"
        used.add(name)
        yield name


def _base(clause: CutClause) -> tuple[str, bool]:
    """Return the beginning of a clause's name, and whether it can be the whole name."""
    section, number = _pieces(clause.section_label), _pieces(clause.number)
    if number and (len(number) > 1 or not section) and (number[: len(section)] == section or not section):
        is_own = len(number) > 1 and number[0][0].isdigit()
        return f"{_NUMBERED if is_own else _prefix(clause.section)}-{'.'.join(number)}", True
    if section:
        return f"{_NUMBERED}-{'.'.join([*section, *number])}", bool(number)
    return (f"{_prefix(clause.section)}-{'.'.join(number)}", True) if number else (_prefix(clause.section), False)


def _pieces(label: str) -> list[str]:
    pieces = re.findall(r"[0-9]+|[a-z]+", label.casefold())
    return [piece[:_PIECE] for piece in pieces]


def _prefix(section: str) -> str:
    words = [
        word
        for word in re.findall(r"[A-Za-z]+", re.sub(r"(?i)\b(e|on)-(?=[a-z])", r"\1", section))
        if word.casefold() not in _SMALL
    ]
    prefix = (words[0] if words else _NUMBERED)[:_PREFIX].upper()
    prefix = prefix if len(prefix) > 1 else _NUMBERED
    return f"{prefix}X" if prefix in _RESERVED else prefix
