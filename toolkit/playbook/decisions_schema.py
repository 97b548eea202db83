"""The form of a file of decisions: what may be written, and what each word means."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, create_model

from toolkit.playbook.choices import CHOICES, UNDECIDED, Choice
from toolkit.playbook.field_types import Day, Line, in_order
from toolkit.playbook.playbook_schema import Slug

UNNAMED = "who decided it and when: add `by` and `on`"


def _not_before(review: Any, info: ValidationInfo) -> Any:
    return None if review is None else in_order(review, info.data.get("on"), "on")


class _DecisionsForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DecisionForm(_DecisionsForm):
    """One choice that the policy leaves open, and what was decided; its value has a form of its own."""

    decision: Line = Field(description="The choice, as in C16.")
    value: Any = Field(description="What was decided, or undecided.")
    by: Line | None = Field(default=None, description="Who decided it: a role or committee; no name is needed.")
    on: Day | None = Field(default=None, description="The day on which it was decided.")
    minute: Line | None = Field(default=None, description="Where it stands in the minutes.")
    review: Annotated[Day | None, AfterValidator(_not_before)] = Field(
        default=None, description="The day by which it is looked at again."
    )


class DecisionsForm(_DecisionsForm):
    """A file of decisions."""

    decisions: Slug = Field(description="A short name, as in policy-2026.")
    decided: list[Any] | None = Field(default=None, description="What was decided, one entry a choice.")


@cache
def forms() -> dict[str, type[DecisionForm]]:
    """Give the form of an entry for each choice, with the values that may be chosen."""
    return {name: _form(name, choice) for name, choice in CHOICES.items()}


def _form(name: str, choice: Choice) -> type[DecisionForm]:
    clauses = f" It concerns {', '.join(choice.clauses)}." if choice.clauses else " No clause speaks of it."
    fields: dict[str, Any] = {
        "decision": (Literal[name], Field(description="The choice.")),
        "value": (choice.value | Literal[UNDECIDED], Field(description=f"{choice.question}.{clauses}")),
    }
    return create_model(f"Decision{name}", __base__=DecisionForm, **fields)
