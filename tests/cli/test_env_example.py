""".env.example names every variable there is, and none that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit.sdk.connector import Identity
from toolkit.sdk.credentials import SEPARATE_IDENTITIES
from toolkit.sdk.providers import providers

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / ".env.example").read_text()
NAMED = set(re.findall(r"^#(TOOLKIT_[A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))
SOURCES = [path for folder in ("toolkit", "connectors") for path in (ROOT / folder).rglob("*.py")]
WHOLE = {name for path in SOURCES for name in re.findall(r"TOOLKIT_[A-Z0-9_]+[A-Z0-9]\b", path.read_text())}
PREFIXES = tuple(f"TOOLKIT_{word}" for word in ("", *(f"{identity.upper()}_" for identity in Identity)))


def _ways(provider: str) -> str:
    """Return the module of a provider that says which variables name its credentials."""
    texts = (path.read_text() for path in (ROOT / "connectors" / provider).glob("*.py"))
    return next(text for text in texts if "WAYS = Ways(" in text)


def _parts(provider: str) -> set[str]:
    """List the last parts of the names that a provider builds: CLIENT_ID behind TOOLKIT_READ_MICROSOFT365_."""
    return {"AUTH", *re.findall(r'"((?!TOOLKIT_)[A-Z]+(?:_[A-Z]+)*)"', _ways(provider))}


def _built() -> Iterator[str]:
    """Give every name that a provider can ask for."""
    for provider in providers():
        (own,) = re.findall(r'^    name="([A-Z0-9]+)",$', _ways(provider), re.MULTILINE)
        separate = [name for name in SEPARATE_IDENTITIES if own == "GOOGLE" or name != "sharing"]
        prefixes = (*PREFIXES, *(f"TOOLKIT_{name.upper()}_" for name in separate))
        yield from (f"{prefix}{own}_{part}" for prefix in prefixes for part in _parts(provider) - {own})


@pytest.mark.parametrize("name", sorted(WHOLE | set(_built())))
def test_every_variable_of_the_code_is_in_the_example(name: str) -> None:
    assert name in NAMED


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_variable_of_the_example_is_one_of_the_code(name: str) -> None:
    assert name in WHOLE | set(_built())


def test_nothing_in_the_example_is_set() -> None:
    assert all(line.startswith("#") for line in EXAMPLE.splitlines() if line)
