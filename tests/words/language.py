"""The rules of the language, and the places that break them."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.words.passages import Part, Passage, files, has_passages, passages_of, texts, tracked_files

_FOLDER = Path(__file__).parent
_STORED = _FOLDER.parent / "stored" / "names.yaml"
COUNTS = _FOLDER / "counts.yaml"
FORBIDDEN = "forbidden turns"
_QUOTED = re.compile("`[^`]*`")
_OTHER_PACKAGES = 2
"""So many folders name a package: toolkit/drift, tests/ledger."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of phrase as a regular expression, and what to write instead."""

    name: str
    pattern: re.Pattern[str]
    write: str
    exception: re.Pattern[str] | None = None

    def is_in(self, sentence: str) -> bool:
        """Return whether a sentence has the turn."""
        return bool(self.pattern.search(sentence)) and not (self.exception and self.exception.search(sentence))


@dataclass(frozen=True, slots=True)
class NameRules:
    """Words that are not a name on their own."""

    no_name: frozenset[str]
    adjectives: frozenset[str]
    nouns_in_ed: frozenset[str]
    no_variable: frozenset[str]

    def is_odd(self, name: str) -> bool:
        """Return whether a name is a bare participle, adverb or preposition."""
        bare = name.strip("_")
        if "_" in bare:
            return bare.startswith("of_")
        if bare in self.adjectives or bare in self.nouns_in_ed:
            return False
        return bare in self.no_name or (len(bare) > len("xed") and bare.endswith("ed"))


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that breaks a rule."""

    file: str
    line: int
    part: str
    text: str
    write: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.part}: {self.text[:110]!r}: {self.write}"


@dataclass(frozen=True, slots=True)
class AllowedPlace:
    """Good English that a rule would count, with the reason."""

    file: str
    text: str
    reason: str

    def covers(self, hit: Hit) -> bool:
        """Return whether a hit is this place."""
        matches = self.text in hit.text if " " in self.text else self.text == hit.text
        return matches and hit.file.startswith(self.file)


def _load(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(_FOLDER / name)


@cache
def stored_fields() -> Mapping[str, frozenset[str]]:
    """Return the fields of each class that are stored or written as JSON, as tests/stored records them."""
    sections: Mapping[str, Mapping[str, str]] = YAML(typ="safe", pure=True).load(_STORED)
    fields: dict[str, frozenset[str]] = {}
    for section, classes in sections.items():
        for name, names in classes.items():
            owner = f"{name.title()}Row" if section == "tables of the ledger" else name
            fields[owner] = fields.get(owner, frozenset()) | frozenset(names.split())
    return fields


@cache
def name_rules() -> NameRules:
    """Return the rules for names."""
    words = {name: frozenset(listed.split()) for name, listed in _load("rules.yaml")["names"].items()}
    return NameRules(words["no_name"], words["adjectives_of_the_field"], words["words_in_ed"], words["no_variable"])


@cache
def turns() -> Sequence[Turn]:
    """Return the turns that are counted."""
    return [
        Turn(row["name"], re.compile(row["turn"]), row["write"], re.compile(row["unless"]) if "unless" in row else None)
        for row in _load("rules.yaml")["turns"]
    ]


@cache
def forbidden_turns() -> Sequence[Turn]:
    """Return the turns that no text may have."""
    options = re.IGNORECASE | re.MULTILINE
    return [Turn("", re.compile(row["turn"], options), row["write"]) for row in _load("rules.yaml")["forbidden"]]


@cache
def allowed_places() -> Sequence[AllowedPlace]:
    """Return the places that are good English."""
    return [AllowedPlace(**row) for row in _load("allowed.yaml") or ()]


@cache
def _first_words() -> Collection[str]:
    words: str = _load("rules.yaml")["docstrings"]["no_first_word"]
    return frozenset(words.split())


@cache
def _any_turn() -> re.Pattern[str]:
    """Return a pattern that finds whether a sentence has a turn at all, since most have none."""
    return re.compile("|".join(f"(?:{turn.pattern.pattern})" for turn in turns()))


@cache
def _any_forbidden() -> re.Pattern[str]:
    joined = "|".join(f"(?:{turn.pattern.pattern})" for turn in forbidden_turns())
    return re.compile(joined, re.IGNORECASE | re.MULTILINE)


def faults(passage: Passage) -> str:
    """Return what to write instead of a passage; "" if no rule is broken."""
    match passage.part:
        case Part.FUNCTION:
            return "a verb phrase" if name_rules().is_odd(passage.text) else ""
        case Part.FIELD:
            is_stored = passage.text.removesuffix("_") in stored_fields().get(passage.owner, ())
            return "a noun" if name_rules().is_odd(passage.text) and not is_stored else ""
        case Part.VARIABLE:
            return "a noun for its content" if passage.text in name_rules().no_variable else ""
        case Part.OPENING:
            return "Return, Raise, Yield or a verb" if passage.text.split(" ", 1)[0] in _first_words() else ""
    prose = _QUOTED.sub("X", passage.text)
    if not _any_turn().search(prose):
        return ""
    return "; ".join(turn.write for turn in turns() if turn.is_in(prose))


def all_hits(file: str) -> Iterator[Hit]:
    """Find the places of a file that break a rule, with the allowed ones."""
    if has_passages(file):
        for passage in passages_of(file):
            if write := faults(passage):
                yield Hit(file, passage.line, passage.part, passage.text, write)
    if file in _text_files():
        yield from _forbidden_hits(file)


def hits(file: str) -> Iterator[Hit]:
    """Find the places of a file that break a rule."""
    return (hit for hit in all_hits(file) if not any(place.covers(hit) for place in allowed_places()))


@cache
def _text_files() -> Collection[str]:
    return frozenset(files())


def _forbidden_hits(file: str) -> Iterator[Hit]:
    for line, text in texts(file):
        if _any_forbidden().search(text):
            for turn in forbidden_turns():
                for match in turn.pattern.finditer(text):
                    place = line + text.count("\n", 0, match.start())
                    yield Hit(file, place, FORBIDDEN, match[0], turn.write)


def package_of(file: str) -> str:
    """Return the package that a file is counted with."""
    folders = Path(file).parts[:-1]
    return "/".join(folders[:_OTHER_PACKAGES]) or "."


@cache
def checked_files() -> Sequence[str]:
    """List the files whose language is checked."""
    return [file for file in tracked_files() if has_passages(file) or file in _text_files()]


@cache
def every_hit() -> Sequence[Hit]:
    """Find the places of all files that break a rule."""
    return [hit for file in checked_files() for hit in hits(file)]


def count(places: Sequence[Hit]) -> Mapping[str, Mapping[str, int]]:
    """Count hits by package and part."""
    counts: dict[str, Counter[str]] = {}
    for hit in places:
        counts.setdefault(package_of(hit.file), Counter())[str(hit.part)] += 1
    return {package: dict(sorted(counts[package].items())) for package in sorted(counts)}


def recorded_counts() -> Mapping[str, Mapping[str, int]]:
    """Return the counts that each package may still have."""
    loaded: Mapping[str, Mapping[str, int]] = _load("counts.yaml") or {}
    return loaded


def excess(now: Mapping[str, Mapping[str, int]], before: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str]]:
    """Return the packages, each with a part, that have more hits than before."""
    return [
        (package, part)
        for package, parts in now.items()
        for part, number in parts.items()
        if number > before.get(package, {}).get(part, 0)
    ]


def lower_counts(
    now: Mapping[str, Mapping[str, int]], before: Mapping[str, Mapping[str, int]]
) -> Mapping[str, Mapping[str, int]]:
    """Return the recorded counts, reduced to the present ones and never raised."""
    lower = {
        package: {part: min(number, now.get(package, {}).get(part, 0)) for part, number in parts.items()}
        for package, parts in before.items()
    }
    kept = {package: {part: number for part, number in parts.items() if number} for package, parts in lower.items()}
    return {package: parts for package, parts in kept.items() if parts}
