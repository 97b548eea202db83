"""The conditions of Google's data protection rules, as far as a message shows whether they are met."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from connectors.emulator.delivery.matching import all_of, any_of, contains_word, matches_pattern, negate
from connectors.emulator.delivery.message import Message
from connectors.emulator.google_workspace.delivery.directory import GoogleMailDirectory
from connectors.emulator.google_workspace.values import mapping, text, texts

_TOKEN = re.compile(r"\s*(&&|\|\||[!()]|(\w+)\.(\w+)\(((?:'(?:[^'\\]|\\.)*'|[^'()])*)\))")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_COUNT = re.compile(r"minimum_match_count: (\d+)")


class _Unreadable(Exception):
    """Raised for a condition that does not follow the grammar."""


def decide_condition(condition: str, message: Message, directory: GoogleMailDirectory) -> bool | None:
    """Return whether a message meets the condition of a rule. None if a detector or a part of it is not decided."""
    try:
        return _Condition(condition, message, directory).decide()
    except _Unreadable:
        return None


_Search: TypeAlias = Callable[[str, str], bool | None]
_SEARCHES: Mapping[str, _Search] = {
    "contains": lambda content, sought: sought.lower() in content.lower(),
    "contains_word": lambda content, sought: contains_word(content, [sought]),
    "starts_with": lambda content, sought: content.lower().startswith(sought.lower()),
    "ends_with": lambda content, sought: content.lower().endswith(sought.lower()),
    "equals": lambda content, sought: content.lower() == sought.lower(),
    "matches": lambda content, sought: matches_pattern(content, [sought]),
}


@dataclass(slots=True)
class _Condition:
    """A condition that is decided while it is read. && binds more tightly than ||."""

    remaining_text: str
    message: Message
    directory: GoogleMailDirectory

    def decide(self) -> bool | None:
        decided = self._any_of()
        if self.remaining_text.strip():
            raise _Unreadable
        return decided

    def _next(self) -> re.Match[str] | None:
        return _TOKEN.match(self.remaining_text)

    def _take(self, word: str) -> bool:
        token = self._next()
        if token is None or token[1] != word:
            return False
        self.remaining_text = self.remaining_text[token.end() :]
        return True

    def _any_of(self) -> bool | None:
        facts = [self._all_of()]
        while self._take("||"):
            facts.append(self._all_of())
        return any_of(facts)

    def _all_of(self) -> bool | None:
        facts = [self._single()]
        while self._take("&&"):
            facts.append(self._single())
        return all_of(facts)

    def _single(self) -> bool | None:
        if self._take("!"):
            return negate(self._single())
        if self._take("("):
            fact = self._any_of()
            if not self._take(")"):
                raise _Unreadable
            return fact
        term = self._next()
        if term is None or not term[2]:
            raise _Unreadable
        self.remaining_text = self.remaining_text[term.end() :]
        return self._decide_term(term[2], term[3], term[4])

    def _decide_term(self, part: str, function: str, arguments: str) -> bool | None:
        quoted = _QUOTED.search(arguments)
        content = self._contents().get(part)
        if content is None or quoted is None:
            return None
        sought = quoted[1].replace(r"\'", "'")
        if function in _SEARCHES:
            return any_of(None if piece is None else _SEARCHES[function](piece, sought) for piece in content)
        if function == "matches_word_list":
            return self._count_words(content, sought, arguments)
        if function == "matches_regex_detector":
            expression = text(mapping(self.directory.detector(sought).get("regularExpression")).get("expression"))
            return any_of(None if piece is None else matches_pattern(piece, [expression]) for piece in content)
        return None

    def _count_words(self, content: list[str | None], name: str, arguments: str) -> bool | None:
        words = texts(mapping(self.directory.detector(name).get("wordList")).get("words"))
        minimum = _COUNT.search(arguments)
        visible = "\n".join(piece for piece in content if piece is not None)
        if sum(contains_word(visible, [word]) for word in words) >= int(minimum[1] if minimum else 1):
            return True
        return None if None in content else False

    def _contents(self) -> Mapping[str, list[str | None]]:
        """Return the texts of each part of the message. The value is None if the message does not show the text."""
        message = self.message
        headers = [
            f"From: {message.sender}",
            f"To: {', '.join(message.to_addresses)}",
            f"Cc: {', '.join(message.cc_addresses)}",
            f"Subject: {message.subject}",
            *(f"{name}: {value}" for name, value in message.headers.items()),
        ]
        files = [attachment.text for attachment in message.attachments]
        return {
            "subject": [message.subject],
            "body": [message.body],
            "sender": [message.sender],
            "all_headers": [*headers],
            "all_content": [message.subject, message.body, *files],
        }
