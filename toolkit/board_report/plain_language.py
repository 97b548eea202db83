"""Put reasons into words for governors, and remove texts that only investigators may read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from toolkit.controls.control import controls
from toolkit.messages import one_of
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
    """A reason in words for governors: the title of the control, or "", and the finding."""

    subject: str
    found: str

    @property
    def text(self) -> str:
        return f"{self.subject}: {self.found}" if self.subject else self.found


_WITHOUT_PRODUCTS: Mapping[str, str] = {
    "Vault licences": "licences for legal holds",
    "eDiscovery": "legal holds on files",
    "the tenant": "everything",
    "Vault": "legal holds",
    "privileges in Vault": "rights to legal holds",
    "Defender indicators": "web addresses blocked on computers",
    "2-Step Verification in the admin console": "the switch for 2-Step Verification",
}
"""Words for governors for parts of controls that have a product's name."""


def part_plainly(part: str) -> str:
    """Return the name of a control's part for governors, without names of products."""
    return _WITHOUT_PRODUCTS.get(part, part)


def place_plainly(about: About) -> str:
    """Return the name of a control's part for governors, followed by its cloud."""
    return replace(about, part=part_plainly(about.part)).place


_GOVERNOR = ReasonWording(
    template=lambda code: code.governor,
    control=lambda name: f"“{title_of(name)}”",
    subject=place_plainly,
    share=lambda share: share.for_governors,
)


def _lacking_number(share: Share) -> Number:
    return Number(f"{share.lacking} of {share.of}", share.lacking)


_LACKING = replace(_GOVERNOR, template=lambda code: code.lacking, share=_lacking_number)


def sentence_of(reason: Reason) -> Sentence:
    """Return a reason in words for governors, with the title of its control separate from the finding."""
    return Sentence(_control_title(reason), _GOVERNOR.text(reason))


def governor_text(reason: Reason) -> str:
    """Return a reason in words for governors as a single text."""
    return sentence_of(reason).text


def brief_text(reason: Reason) -> str:
    """Return a reason in words for governors, shortened to its first figures and without the title of its control."""
    return _GOVERNOR.brief(reason)


def gap_text(reason: Reason) -> str:
    """Return the gap that a reason describes, with its number.

    Return the same text as `brief_text` if the reason has no words for a gap, or if its group is small.
    """
    for part in reason.nested_reasons:
        if part.code.lacking and part.has_visible_shortfall:
            cloud = f" on {reason.about.cloud}" if reason.about.cloud else ""
            return f"{_LACKING.brief(part)}{cloud}"
    return brief_text(reason)


def about_plainly(about: About) -> str:
    """Return the control and the part that a reason is about, in words for governors."""
    if about.control and about.place:
        return f"{title_of(about.control)}: {about.place}"
    return f"“{title_of(about.control)}”" if about.control else about.place


def _control_title(reason: Reason) -> str:
    return title_of(reason.about.control) if reason.about.control else ""


def title_of(word: str) -> str:
    """Return the title of a control or of a cloud. Any other word is returned unchanged."""
    titled = providers().get(word) or controls().get(word)
    return titled.title if titled else word


def sanitise(value: Json, *, names: bool) -> Json:
    """Return a value without hidden or text-reversing characters.

    Addresses are removed too, unless `names` is set.
    """
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


_NAMED = 4
"""How many names a sentence has. It counts the others."""


def name_first(names: Sequence[str], most: int = _NAMED) -> str:
    """Return the first names and the number of the others, for example "SEC-01, SEC-02 and 14 more"."""
    if len(names) <= most:
        return one_of(names, "and")
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def capital(text: str) -> str:
    """Return a text with a capital first letter. A word such as iPad is not changed."""
    return text if text[1:2].isupper() else f"{text[:1].upper()}{text[1:]}"


def day_of(text: str | None) -> str:
    """Format the date of a timestamp in a document as people say it."""
    return day(datetime.fromisoformat(text).date()) if text else "no date"


def moment_of(text: str | None) -> str:
    """Format a timestamp in a document as people say it, with date and time."""
    if not text:
        return "no time"
    moment = datetime.fromisoformat(text)
    return f"{day(moment.date())}, {moment:%H:%M}"
