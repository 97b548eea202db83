"""For whom a policy of Intune is: everybody, or the group that an audience is, less the groups with an exception."""

from collections.abc import Mapping

from toolkit.tenant.audience import Audience
from toolkit.tenant.part import Context
from toolkit.values import Json

EVERYBODY = "all users"


def assigned(context: Context) -> Mapping[str, Json]:
    """Assign a policy to the audience of a control."""
    excepted: list[Json] = [_word(audience) for audience in context.scope.excepted]
    return {"assigned_to": [_word(context.audience)], "excluded": excepted or None}


def _word(audience: Audience) -> str:
    """Call a group as Intune's kinds do: by its address where it has one."""
    group = audience.group
    return EVERYBODY if group is None else group.address or group.name
