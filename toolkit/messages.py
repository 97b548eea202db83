"""Parts of error messages: quoted names, suggestions for misspelt names, and lists of alternatives."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_LONGEST_NAME = 60
_LONGEST_SENTENCE = 400


def quoted(word: str) -> str:
    """Return a name in backticks, on one line and cut to 60 characters."""
    return f"`{_shorten(word, _LONGEST_NAME)}`"


def sentence(text: object) -> str:
    """Return a validator's message as one line, cut to 400 characters."""
    return _shorten(str(text), _LONGEST_SENTENCE)


def _shorten(text: str, max_length: int) -> str:
    line = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in " ".join(text.split()))
    return line if len(line) <= max_length else line[: max_length - 3] + "..."


def shown(value: object) -> str:
    """Return a single value as it is written in YAML."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{quoted(value)[1:-1]}"'
        case _:
            return str(value)


def closest(word: str, known_words: Iterable[str]) -> str | None:
    """Return the known word with the most similar spelling, or None. Letter case, hyphens and spaces do not matter."""
    by_form = {_comparable_form(name): name for name in known_words}
    matches = get_close_matches(_comparable_form(word), by_form, n=1)
    return by_form[matches[0]] if matches else None


def _comparable_form(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def did_you_mean(word: str, known_words: Iterable[str]) -> str:
    """Return the end of a message about an unknown word.

    It suggests the most similar known word, or up to 12 known words.
    """
    names = sorted(set(known_words))
    if meant := closest(word, names):
        return f": did you mean `{meant}`?"
    if 0 < len(names) <= 12:  # noqa: PLR2004 - more than a line of names helps nobody
        return f": there is {one_of(f'`{name}`' for name in names)}"
    return ""


def list_some(words: Sequence[str], most: int = 3) -> str:
    """Return the first words and the number of the other words, such as `a, b, c and 2 more`."""
    return ", ".join(words[:most]) + (f" and {len(words) - most:,} more" if len(words) > most else "")


def one_of(alternatives: Iterable[str], word: str = "or") -> str:
    """Return a list of alternatives as part of a sentence, such as `a`, `b` or `c`."""
    *others, last = alternatives
    return f"{', '.join(others)} {word} {last}" if others else last
