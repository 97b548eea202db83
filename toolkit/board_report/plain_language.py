"""Puts what the tool says into words that governors read, and takes out of them what nobody but investigators may."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from toolkit.controls.control import controls
from toolkit.sdk.providers import providers
from toolkit.values import Json
from toolkit.yaml.messages import day

_ADDRESS = re.compile(r"[^\s@\[\](),;:<>\"'`]+@[^\s@\[\](),;:<>\"'`]+")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
_REQUEST = re.compile(r"(?:^|(?<= ))(?:GET|POST|PUT|PATCH|DELETE) /.*|\S*\b(?:Get|Set|New)-[A-Z]\w+.*", re.DOTALL)
_ADVICE = re.compile(r"[;:,] [^;:,]*`toolkit [^`]*`[^;:,]*")
_STEPS = re.compile(
    r"[:;] (?:hand (?:it )?over|approve or block|make a mailbox|take them out|let whoever)\b.*", re.DOTALL
)
_UNREAD = "it could not be read; whoever runs the tool sees the reason in the evidence"
_UNPERMITTED = "it could not be read, since a permission is missing, which the evidence names"
_LACKING = re.compile(r"\b(?:permission|role|scope)\b|may not (?:run|read)|access is denied", re.IGNORECASE)
_ROLE = re.compile(r"(?<= for )[a-z0-9]+(?:_[a-z0-9]+)+\b")
_WHERE = re.compile(r" at \S+\.ya?ml:\d+")
SOMEBODY = "(somebody's address)"
_PLAIN = {
    r"off until `dpia:` names the impact assessment that covers it": "left until an impact assessment covers it",
    r"(?<=as the playbooks say) \([^()]*\)": "",
    r" \(remote domain [^)]*\)": "",
    r"(?<!permission) is missing\b": " is not set up",
    r"\bcounted apart\b": "not counted in this",
    r"\bnot compliant\b": "against the rules",
    r"(?<=\d )compliant\b": "keep to the rules",
    r"\bnot evaluated\b": "not judged yet",
    r"\bin conflict\b": "under rules that disagree",
    r"\bin error\b": "where judging failed",
    r"\bin grace\b": "given time to follow",
    r"\bleft to Configuration Manager\b": "judged by another system",
    r"\bdeprovisioned\b": "taken out of use",
    r"\bunenrolled\b": "no longer managed",
    r"\bEntra\b": "Microsoft",
    r"\bConditional Access\b": "rules for signing in",
}
"""What services and those who run them say, and what anybody says."""


def plainly(reason: str) -> str:
    """Say a reason without names that only the tool or a service uses, lines of files, and steps for who runs it."""
    said = _UNPERMITTED if _LACKING.search(reason) else _UNREAD
    told = _STEPS.sub("", _ADVICE.sub("", _REQUEST.sub(said, _WHERE.sub("", reason))))
    told = _ROLE.sub(lambda role: role[0].replace("_", " "), told)
    for words, plain in _PLAIN.items():
        told = re.sub(words, plain, told)
    for name, title in _titles().items():
        if name in told:
            told = re.sub(rf"^{re.escape(name)}[,:] ", f"{title}: ", told)
            told = re.sub(rf"\b{re.escape(name)}\b", f"“{title}”", told)
    return told


def named(word: str) -> str:
    """Give the title of a control or a cloud."""
    found = providers().get(word)
    return found.title if found else _titles().get(word, word)


@cache
def _titles() -> Mapping[str, str]:
    known = {name: control.title for name, control in controls().items()}
    clouds = {name: one.title for name, one in providers().items()}
    return dict(sorted({**known, **clouds}.items(), key=lambda pair: -len(pair[0])))


def seemly(value: Json, *, names: bool) -> Json:
    """Give a value without signs that turn a text round or hide in it, and, unless names may stand, no address."""
    match value:
        case str():
            text = _HALF.sub("\ufffd", _UNSEEN.sub("\ufffd", value))
            return text if names else _ADDRESS.sub(SOMEBODY, text)
        case Mapping():
            return {str(seemly(name, names=names)): seemly(item, names=names) for name, item in value.items()}
        case Sequence():
            return [seemly(item, names=names) for item in value]
        case _:
            return value


def capital(text: str) -> str:
    """Begin a text as a sentence begins; iPad and the like stay as they are."""
    return text if text[1:2].isupper() else f"{text[:1].upper()}{text[1:]}"


def day_of(text: str | None) -> str:
    """Write the day of a moment of a document as people say it."""
    return day(datetime.fromisoformat(text).date()) if text else "no date"


def moment_of(text: str | None) -> str:
    """Write a moment of a document as people say it."""
    if not text:
        return "no time"
    moment = datetime.fromisoformat(text)
    return f"{day(moment.date())}, {moment:%H:%M}"
