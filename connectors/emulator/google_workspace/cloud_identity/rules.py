"""What a DLP rule or a detector must have before it is kept.

Google answers a bare INVALID_ARGUMENT to all of it, without saying which field (contracts/google.md, section 2).
"""

import re
from collections.abc import Callable, Mapping

from connectors.emulator.google_workspace.values import mapping, sequence, text, texts
from connectors.emulator.wire import Body, Json

RULE = "settings/rule.dlp"
WORD_LIST = "settings/detector.word_list"
EXPRESSION = "settings/detector.regular_expression"
_TRIGGER = "google.workspace."
_TRIGGERS = frozenset(
    {
        "gmail.email.v1.send", "gmail.email.v1.receive", "drive.file.v1.share", "chat.message.v1.send",
        "chat.attachment.v1.upload", "calendar.event.v1.save", "chrome.file.v1.upload", "chrome.file.v1.download",
        "chrome.web_content.v1.upload", "chrome.page.v1.print", "chrome.url.v1.navigation",
        "chromeos.file.v1.transfer",
    }
)  # fmt: skip
_STATES = ("ACTIVE", "INACTIVE")
_SEVERITIES = ("LOW", "MEDIUM", "HIGH")
_CONTENT = (
    "all_content|all_headers|body|title|subject|url|url_category|file_type|file_size_in_bytes|source_url|sender"
    "|access_levels|source_chrome_context|destination_type|source_url_category"
)
_FUNCTIONS = (
    "contains|contains_word|starts_with|ends_with|equals|matches|matches_dlp_detector|matches_regex_detector"
    "|matches_word_list|matches_web_category|matches_mime_types|greater_than|less_than"
)
_TERM = re.compile(rf"(?:{_CONTENT})\.(?:{_FUNCTIONS})\((?P<arguments>(?:'(?:[^'\\]|\\.)*'|[^'()])*)\)")
_REFERENCE = re.compile(r"matches_(?:regex_detector|word_list)\('(policies/[^']+)'")
_EMPTY_ARGUMENTS = ("", "''", "'.*'")
_TWO_ARGUMENTS = re.compile(r"matches_dlp_detector\('[^']*',[^,{}]*\)")


def accepted(kind: str, value: Body) -> bool:
    """Say whether a value is one of its kind; a kind that cannot be written accepts none."""
    check = _CHECKS.get(kind)
    return check is not None and bool(text(value.get("displayName"))) and check(value)


def references(value: Body) -> set[str]:
    """Name the detectors that a rule's condition refers to."""
    return set(_REFERENCE.findall(_condition(value)))


def _condition(value: Body) -> str:
    return text(mapping(value.get("condition")).get("contentCondition"))


def _is_rule(value: Body) -> bool:
    triggers = texts(value.get("triggers"))
    known = bool(triggers) and all(one.removeprefix(_TRIGGER) in _TRIGGERS for one in triggers)
    action = mapping(value.get("action"))
    metadata = mapping(mapping(value.get("ruleTypeMetadata")).get("dlpRuleMetadata"))
    return (
        known
        and all(one.startswith(_TRIGGER) for one in triggers)
        and value.get("state", _STATES[0]) in _STATES
        and _is_condition(_condition(value))
        and isinstance(action.get("alertCenterAction"), Mapping)
        and metadata.get("alertSeverity") in _SEVERITIES
        and not (any("chrome" in one for one in triggers) and _TWO_ARGUMENTS.search(_condition(value)))
    )


def _is_condition(written: str) -> bool:
    """Say whether a condition is one: terms joined by && and ||, each with something to look for."""
    if any(term["arguments"].strip() in _EMPTY_ARGUMENTS for term in _TERM.finditer(written)):
        return False
    left = _TERM.sub("T", written)
    while (shorter := re.sub(r"!\s*T|\(\s*T\s*\)|T\s*(?:&&|\|\|)\s*T", "T", left)) != left:
        left = shorter
    return left.strip() == "T"


def _is_word_list(value: Body) -> bool:
    words: Json = mapping(value.get("wordList")).get("words")
    return bool(sequence(words)) and len(texts(words)) == len(sequence(words))


def _is_expression(value: Body) -> bool:
    written = text(mapping(value.get("regularExpression")).get("expression"))
    try:
        re.compile(written)
    except re.error:
        return False
    return bool(written)


_CHECKS: Mapping[str, Callable[[Body], bool]] = {RULE: _is_rule, WORD_LIST: _is_word_list, EXPRESSION: _is_expression}
