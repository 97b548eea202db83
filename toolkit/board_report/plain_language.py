"""Reasons in words for governors, and the removal of texts that only investigators may read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from toolkit.controls.control import controls
from toolkit.records import dataclass
from toolkit.sdk.dates import day
from toolkit.sdk.providers import providers
from toolkit.sdk.reason import About, Number, Reason, ReasonWording, Share
from toolkit.values import Json

_SIGN = r"[^\s@\[\](),;:<>\"'`]"
_ADDRESS = re.compile(rf"(?<!{_SIGN}){_SIGN}++@{_SIGN}++")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
SOMEBODY = "(a person's address)"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A reason for governors: the title of its control, or "", and the finding."""

    subject: str
    found: str

    @property
    def text(self) -> str:
        return f"{self.subject}: {self.found}" if self.subject else self.found


_WITHOUT_PRODUCTS: Mapping[str, str] = {
    "Vault licences": "licences for legal holds",
    "eDiscovery": "legal holds on files",
    "the tenant": "everything",
}
"""Words for governors for parts of controls that have a product's name."""


def place_plainly(about: About) -> str:
    """Return a part and its cloud in words for governors."""
    return replace(about, part=_WITHOUT_PRODUCTS.get(about.part, about.part)).place


_GOVERNOR = ReasonWording(
    template=lambda code: code.governor,
    control=lambda name: f"“{title_of(name)}”",
    subject=place_plainly,
    share=lambda share: share.for_governors,
)


def _lacking(share: Share) -> Number:
    return Number(f"{share.lacking} of {share.of}", share.lacking)


_LACKING = replace(_GOVERNOR, template=lambda code: code.lacking, share=_lacking)


def sentence_of(reason: Reason) -> Sentence:
    """Return a reason in words for governors."""
    return Sentence(_subject(reason), _GOVERNOR.text(reason))


def plainly(reason: Reason) -> str:
    """Return a reason in words for governors, as one text."""
    return sentence_of(reason).text


def briefly(reason: Reason) -> str:
    """Return the finding of a reason, with its first figures and without its subject."""
    return _GOVERNOR.brief(reason)


def negatively(reason: Reason) -> str:
    """Return the gap of a reason with its number.

    It is the text of `briefly` if the reason has no words for a gap or its group is small.
    """
    for part in reason.within:
        if part.code.lacking and part.falls_short:
            cloud = f" on {reason.about.cloud}" if reason.about.cloud else ""
            return f"{_LACKING.brief(part)}{cloud}"
    return briefly(reason)


def about_plainly(about: About) -> str:
    """Return the subject of a reason in words for governors."""
    if about.control and about.place:
        return f"{title_of(about.control)}: {about.place}"
    return f"“{title_of(about.control)}”" if about.control else about.place


def _subject(reason: Reason) -> str:
    return title_of(reason.about.control) if reason.about.control else ""


def title_of(word: str) -> str:
    """Return the title of a control or a cloud."""
    titled = providers().get(word) or controls().get(word)
    return titled.title if titled else word


def sanitise(value: Json, *, names: bool) -> Json:
    """Return a value without hidden or text-reversing characters, and without addresses unless `names`."""
    match value:
        case str():
            text = _HALF.sub("\ufffd", _UNSEEN.sub("\ufffd", value))
            return text if names else _ADDRESS.sub(SOMEBODY, text)
        case Mapping():
            return {str(sanitise(name, names=names)): sanitise(entry, names=names) for name, entry in value.items()}
        case Sequence():
            return [sanitise(entry, names=names) for entry in value]
        case _:
            return value


def capital(text: str) -> str:
    """Return a text with a capital first letter. Words such as iPad do not change."""
    return text if text[1:2].isupper() else f"{text[:1].upper()}{text[1:]}"


def day_of(text: str | None) -> str:
    """Return the date of a moment in a document as people say it."""
    return day(datetime.fromisoformat(text).date()) if text else "no date"


def moment_of(text: str | None) -> str:
    """Return a moment in a document as people say it."""
    if not text:
        return "no time"
    moment = datetime.fromisoformat(text)
    return f"{day(moment.date())}, {moment:%H:%M}"
