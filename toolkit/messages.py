"""The words of problems: names as they were written, suggestions for misspelt ones, alternatives."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_LONGEST_NAME = 60
_LONGEST_SENTENCE = 400


def quoted(word: str) -> str:
    """Show a name as it was written, on one line and not longer than a reader needs."""
    return f"`{_brief(word, _LONGEST_NAME)}`"


def sentence(text: object) -> str:
    """Pass on what a validator says, on one line and not longer than a reader needs."""
    return _brief(str(text), _LONGEST_SENTENCE)


def _brief(text: str, longest: int) -> str:
    line = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in " ".join(text.split()))
    return line if len(line) <= longest else line[: longest - 3] + "..."


def shown(value: object) -> str:
    """Show a single value the way YAML writes it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{quoted(value)[1:-1]}"'
        case _:
            return str(value)


def closest(word: str, known: Iterable[str]) -> str | None:
    """Give the known word that was probably meant; letter case, hyphens and spaces are no difference."""
    by_form = {_form(name): name for name in known}
    matches = get_close_matches(_form(word), by_form, n=1)
    return by_form[matches[0]] if matches else None


def _form(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give the end of a message about an unknown word: the one that was meant, or the few there are."""
    names = sorted(set(known))
    if meant := closest(word, names):
        return f": did you mean `{meant}`?"
    if 0 < len(names) <= 12:  # noqa: PLR2004 - more than a line of names helps nobody
        return f": there is {one_of(f'`{name}`' for name in names)}"
    return ""


def list_some(words: Sequence[str], most: int = 3) -> str:
    """Return the first words, and the number of the others: `a, b, c and 2 more`."""
    return ", ".join(words[:most]) + (f" and {len(words) - most:,} more" if len(words) > most else "")


def one_of(alternatives: Iterable[str], word: str = "or") -> str:
    """Write alternatives as a sentence does: `a`, `b` or `c`."""
    *others, last = alternatives
    return f"{', '.join(others)} {word} {last}" if others else last
