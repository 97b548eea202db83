"""For whom a control is: everyone, or the people of a role, resolved against the directory."""

from dataclasses import dataclass, field

from toolkit.tenant.directory import Group
from toolkit.tenant.resource import Reach

EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a control reaches on one provider; `group` is None for everyone."""

    name: str
    group: Group | None = None
    reach: Reach = field(default_factory=Reach)

    @property
    def everyone(self) -> bool:
        return self.name == EVERYONE
