"""The ownership mark of objects that toolkit created: a sentence at the end of a text that people may read.

If two schools share a tenant, the mark shows which school owns the object.
"""

import re
from dataclasses import replace
from typing import ClassVar

from toolkit.records import dataclass
from toolkit.sdk.form import PROSE, Form
from toolkit.sdk.spec import Spec
from toolkit.values import Body, Json, Settings, Value

MARK = "Managed by toolkit from the school's playbooks"
"""The beginning of the sentence, which ends with a full stop."""

MANAGED_BY = "toolkit"
"""The value of `managed_by` if the mark does not name a school, because the school file lacks an `id`."""

ID = r"[a-z][a-z0-9]{7}"
"""The pattern of a school's id. It begins with a letter, so that YAML does not read it as a number."""

WHOSE_IT_IS = (
    f"The owner of the object. If the school file has an `id` and there is room, toolkit adds this sentence: {MARK}. "
    "School: EPS (its id)."
)
"""The description of `managed_by` in the reference of a kind."""

_SCHOOL = rf"(?P<short_name>[^\n]{{1,20}}) \((?P<id>{ID})\)"
_SENTENCE = re.compile(rf'{re.escape(MARK)}(?: as "(?P<name>[^\n]{{1,256}})")?\.(?: School: {_SCHOOL}\.)?')
_VALUE = re.compile(rf"{MANAGED_BY} for {_SCHOOL}")


@dataclass(frozen=True, slots=True)
class SchoolMark:
    """The school in an object's mark. Schools with equal ids are the same school."""

    id: str
    short_name: str

    def __str__(self) -> str:
        return f"{MANAGED_BY} for {self.short_name} ({self.id})"


def parse_school(value: Value) -> SchoolMark | None:
    """Return the school that a value of `managed_by` names, or None if there is none."""
    match = _VALUE.fullmatch(value) if isinstance(value, str) else None
    return SchoolMark(match["id"], match["short_name"]) if match else None


def parse_mark(text: str) -> str | None:
    """Return the value of `managed_by` that a text contains, or None if the text has no mark."""
    match = _SENTENCE.search(text)
    if match is None:
        return None
    return str(SchoolMark(match["id"], match["short_name"])) if match["id"] else MANAGED_BY


def parse_name_in_mark(text: str) -> str | None:
    """Return the object's name in the playbooks, which its mark contains, or None.

    The mark contains a name only on services that cannot rename objects.
    """
    match = _SENTENCE.search(text)
    return match["name"] if match else None


def without_mark(text: str) -> str:
    """Return a text without the mark, so that only the words that people wrote remain."""
    return "\n\n".join(part for part in map(str.strip, _SENTENCE.sub("\0", text).split("\0")) if part)


def with_mark(text: str, managed_by: Value, *, name: str = "", most: int | None = None) -> str:
    """Return a text with the mark at its end.

    If there is no mark, or if the text and mark exceed `most` characters, return only the text.
    """
    if managed_by is None:
        return text
    called = f' as "{name}"' if name else ""
    school = parse_school(managed_by)
    sentence = f"{MARK}{called}." + (f" School: {school.short_name} ({school.id})." if school else "")
    whole = "\n\n".join(part for part in (text, sentence) if part)
    return text if most is not None and len(whole) > most else whole


def check_unmarked(written: str | None) -> str | None:
    """Return a text from a playbook unchanged. Raise ValueError if it contains the mark."""
    if written is not None and parse_mark(written):
        raise ValueError("leave out the sentence that toolkit adds at the end")
    return written


def _parse_text_without_mark(value: Json) -> Value:
    return PROSE.read(without_mark(value) if isinstance(value, str) and parse_mark(value) else value)


def _parse_mark(value: Json) -> Value:
    return value if value == MANAGED_BY else parse_mark(str(value or ""))


WORDS_BEFORE_MARK = replace(PROSE, read=_parse_text_without_mark)
"""The form of a text that is followed by the mark."""

MARK_BEHIND_WORDS = Form("whose it is", _parse_mark)
"""The form of `managed_by` if it is read from a text with the mark."""


class MarkedText(Spec):
    """The base class of specs with a text that contains both people's words and the mark.

    A subclass declares `managed_by` and the setting of the text with the two forms above and the same wire name, and
    lists both in `together`.
    """

    marked_text: ClassVar[str]
    """The name of the setting of the text."""
    longest_text: ClassVar[int | None] = None

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return the settings under the service's names, with the text and the mark combined."""
        apart = {name: value for name, value in settings.items() if name not in {cls.marked_text, "managed_by"}}
        if len(apart) == len(settings):
            return super().body(settings)
        text = with_mark(str(settings.get(cls.marked_text) or ""), settings.get("managed_by"), most=cls.longest_text)
        return {**super().body(apart), cls.table()[cls.marked_text].wire: text or None}
