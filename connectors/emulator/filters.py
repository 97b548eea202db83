"""Filters that select the objects of a list: tests joined by and, or, not and brackets, in a service's notation."""

import re
from collections.abc import Callable
from typing import TypeAlias

from connectors.emulator.store import Body

Test: TypeAlias = Callable[[Body], bool]


class FilterParser:
    """A parser of a filter. A service adds its own comparisons and refusals."""

    AND, OR, NOT = "and", "or", "not"

    def __init__(self, text: str, token: re.Pattern[str]) -> None:
        """Split a filter into tokens. The expression must have a single group, which matches a token."""
        self.text, self.tokens = text.strip(), list[str]()
        place = 0
        while place < len(self.text):
            match = token.match(self.text, place)
            if match is None:
                raise self.refusal()
            place = match.end()
            self.tokens.append(next(group for group in match.groups() if group is not None))

    def refusal(self) -> Exception:
        """Return the error for a filter that cannot be parsed from the current position."""
        raise NotImplementedError

    def comparison(self) -> Test:
        raise NotImplementedError

    def read(self) -> Test:
        test = self.any_of()
        if self.tokens:
            raise self.refusal()
        return test

    def any_of(self) -> Test:
        """Parse comparisons that are joined by "or", and return the test that they make together."""
        tests = [self._parse_and()]
        while self.take_if(self.OR):
            tests.append(self._parse_and())
        return lambda body: any(test(body) for test in tests)

    def _parse_and(self) -> Test:
        tests = [self._parse_single_test()]
        while self.take_if(self.AND):
            tests.append(self._parse_single_test())
        return lambda body: all(test(body) for test in tests)

    def _parse_single_test(self) -> Test:
        if self.take_if(self.NOT):
            denied = self._parse_single_test()
            return lambda body: not denied(body)
        if self.take_if("("):
            test = self.any_of()
            self.expect(")")
            return test
        return self.comparison()

    def take(self) -> str:
        """Move past the next token and return it."""
        if not self.tokens:
            raise self.refusal()
        return self.tokens.pop(0)

    def take_if(self, word: str) -> bool:
        """Move past a word if it is the next token, and return whether it is."""
        if word and self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.take_if(word):
            raise self.refusal()
