"""Removes secrets from text and JSON before they are stored, logged or shown."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote, quote_plus

from toolkit.values import Json

REDACTED = "[redacted]"

SHORTEST = 8
"""A shorter secret is not redacted, because ordinary words would match it."""

_NAMES = (
    "access_token|refresh_token|id_token|client_secret|client_assertion|assertion|private_key|password|passwd|api_key"
    "|clientSecret|accessToken|refreshToken|privateKey|apiKey"
)
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)

_LOOKS_SECRET: tuple[tuple[re.Pattern[str], str], ...] = (
    # A key cut short by a log's limit has no end: then everything after its first line goes.
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), REDACTED),
    (re.compile(r"\bBearer\s+[\w.~+/=-]{16,}", re.IGNORECASE), f"Bearer {REDACTED}"),
    (re.compile(r"(?<![\w-])(?>[\w-]*?\beyJ)[\w-]{8,}+\.[\w-]{4,}+(?:\.[\w-]*+)?"), REDACTED),
    (re.compile(r"\b(?:ya29\.|1//0|GOCSPX-)[\w-]{8,}"), REDACTED),  # Google's tokens and client secrets
    (re.compile(rf"\b({_NAMES})=(?!\[redacted\])[^\s&\"',;]+", re.IGNORECASE), rf"\1={REDACTED}"),
    (re.compile(rf"([\"'](?:{_NAMES})\\?[\"']\s*:\s*\\?[\"'])[^\"'\\]+", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"(://[^\s:/@]*:)[^\s/@]+(@)"), rf"\1{REDACTED}\2"),
)


class Redactor:
    """Replaces known secrets, and texts that look like a token or a key, in text and JSON."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _secret_forms(secret)}
        # The longest first, so that a secret which contains another is replaced completely.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        if self._known:
            text = self._known.sub(REDACTED, text)
        for pattern, replacement in _LOOKS_SECRET:
            text = pattern.sub(replacement, text)
        return text

    def json(self, value: Json) -> Json:
        """Return a JSON value with secrets removed from every text.

        A text whose key names a secret is replaced completely.
        """
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.text(name): self._redact_named(name, inner) for name, inner in value.items()}
            case Sequence():
                return [self.json(inner) for inner in value]
            case _:
                return value

    def _redact_named(self, name: str, value: Json) -> Json:
        if isinstance(value, str) and value and _SECRET_NAME.fullmatch(name):
            return REDACTED
        return self.json(value)


def _secret_forms(secret: str) -> Iterator[str]:
    """Yield the forms in which a secret can appear in a text: plain, as in a URL, as in JSON, and each long line of the
    secret.
    """
    lines = [line for line in secret.splitlines() if len(line) >= 2 * SHORTEST and not line.startswith("-----")]
    for part in (secret, secret.strip(), *lines):
        for form in (part, quote(part), quote(part, safe=""), quote_plus(part), json.dumps(part)[1:-1]):
            if len(part) >= SHORTEST and form not in REDACTED:
                yield form
