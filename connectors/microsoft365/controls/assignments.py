"""For whom a policy of Intune is: everybody, or the group of an audience or its pilot, less those excepted."""

from collections.abc import Mapping

from toolkit.sdk.audience import Audience
from toolkit.sdk.part import ControlContext
from toolkit.values import Json

EVERYBODY = "all users"


def assigned(context: ControlContext) -> Mapping[str, Json]:
    """Assign a policy to whom a control reaches now."""
    excepted: list[Json] = [_word(audience) for audience in context.scope.excepted]
    return {"assigned_to": [_word(context.scope.reached)], "excluded": excepted or None}


def _word(audience: Audience) -> str:
    """Call a group as Intune's kinds do: by its address where it has one."""
    group = audience.group
    return EVERYBODY if group is None else group.address or group.name
