"""What a rule spares: each exception mirrors the condition of its name, and any one of them is enough."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import create_model
from pydantic.fields import FieldInfo

from connectors.microsoft365.kinds.transport_rule.people import (
    AttachmentConditions,
    MessageConditions,
    RecipientConditions,
    SenderConditions,
)
from toolkit.sdk.spec import Spec, Wire, declare

_PARTS: Sequence[tuple[type[Spec], str]] = (
    (AttachmentConditions, "What a rule spares for what is attached."),
    (MessageConditions, "What a rule spares for what it is."),
    (RecipientConditions, "Messages to whom a rule spares."),
    (SenderConditions, "Whose messages a rule spares."),
)


def _mirror(field: FieldInfo) -> tuple[Any, Any]:
    """Return the type and the declaration of an exception, in the words of its condition."""
    notes = [Wire(f"ExceptIf{note.name}") if isinstance(note, Wire) else note for note in field.metadata]
    words = (field.description or "").replace("Applies to", "Spares")
    about = declare(re.sub(r"`(\w+)`", r"`except_if_\1`", words), *(field.examples or ()))
    return Annotated[(field.annotation, *notes)], about


def _mirrors(conditions: type[Spec], about: str) -> type[Spec]:
    """Make the exceptions that mirror a class of conditions."""
    name = conditions.__name__.replace("Conditions", "Exceptions")
    fields: dict[str, Any] = {
        f"except_if_{field.alias or name}": _mirror(field) for name, field in conditions.model_fields.items()
    }
    return create_model(name, __base__=Spec, __doc__=about, __module__=__name__, **fields)


if TYPE_CHECKING:

    class RuleExceptions(Spec):
        """All exceptions of a rule."""

else:
    RuleExceptions = create_model("RuleExceptions", __base__=tuple(_mirrors(*part) for part in _PARTS))
