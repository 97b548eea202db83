"""How conditions and actions are declared: a sentence about each, and what one could write."""

from typing import Any

from pydantic import Field


def when(what: str, *examples: object, alias: str | None = None) -> Any:
    """Declare a condition by what follows `Applies to messages ...`; each example is a whole value."""
    return Field(default=None, alias=alias, description=f"Applies to messages {what}.", examples=list(examples))


def then(what: str, *examples: object) -> Any:
    """Declare an action, or a setting of the rule, by a sentence of its own; each example is a whole value."""
    return Field(default=None, description=f"{what}.", examples=list(examples))
