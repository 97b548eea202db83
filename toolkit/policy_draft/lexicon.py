"""Words of English policy texts: tokens, stems, and whether a text is English."""

import re
from functools import cache

_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_MEANS = {
    "e-mails": "email",
    "e-mail": "email",
    "emails": "email",
    "on-line": "online",
    "headteacher": "head teacher",
    "2fa": "two factor",
}
_PERSONS = {"no": "no one", "some": "someone"}
_PERSON = re.compile(r"\b(no|some)body\b")
_JOINED = re.compile(r"\b(?:e-mails?|emails?|on-line|wi-fi|headteacher|2fa)\b")
_ENDINGS = (
    ("ations", ""), ("ation", ""), ("ings", ""), ("ing", ""), ("ies", "y"), ("ied", "y"), ("edly", ""), ("ely", ""),
    ("ed", ""), ("es", ""), ("ly", ""), ("s", ""), ("e", ""),
)  # fmt: skip
_OTHER_STEMS = {
    **dict.fromkeys(("care", "cares", "cared", "caring"), "care"),
    **dict.fromkeys(("note", "notes", "noted", "noting"), "note"),
    **dict.fromkeys(("evening", "evenings"), "evening"),
    **dict.fromkeys(("sit", "sits", "sitting"), "sitting"),
    "apply": "appli",
}
"""The stems of words that the endings would confuse with car, not, even, site and app."""
_SHORTEST = 3
_ENGLISH = frozenset(
    "the of and to a in is are be must should may not will that for with on or by it as this all any from they their "
    "at have has which who when your you we our if can no an only use than each every before after its been through "
    "other these those shall whenever without up out where their them both between into".split()
)
_SHARE = 0.18
STOPWORDS = _ENGLISH | frozenset(
    "being was were do does did so then there such also his her he she i my me us more most some would could about per "
    "via etc eg ie".split()
)


@cache
def stem(word: str) -> str:
    """Return the stem that the forms of an English word share, such as `install` for `installing`."""
    word = word.partition("'")[0]
    if word in _OTHER_STEMS:
        return _OTHER_STEMS[word]
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= _SHORTEST and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    if len(word) > _SHORTEST and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > _SHORTEST else word


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    lowered = _PERSON.sub(lambda match: _PERSONS[match[1]], text.casefold().replace("’", "'"))
    joined = _JOINED.sub(lambda match: _MEANS.get(match[0], match[0].replace("-", " ")), lowered)
    return _TOKEN.findall(joined)


def stems(text: str) -> list[str]:
    """Return the stems of all words of a text, in order."""
    return [stem(token) for token in tokens(text)]


def is_english(text: str) -> bool:
    """Return whether a text has as many common English words as English has. A short text counts as English."""
    words = tokens(text)
    letters = sum(sign.isalpha() for sign in text)
    latin = sum(sign.isascii() for sign in text if sign.isalpha())
    if letters and latin < letters / 2:
        return False
    return len(words) < 8 or sum(word in _ENGLISH for word in words) >= _SHARE * len(words)  # noqa: PLR2004
