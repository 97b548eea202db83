"""Who may post to a group, and whose messages wait for a moderator.

Follows developers.google.com/workspace/admin/groups-settings/v1/reference/groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.emulator.delivery.message import Message
from connectors.emulator.delivery.outcome import MODERATED, REJECTED, UNKNOWN, DeliveryOutcome, Step
from connectors.emulator.google_workspace.delivery.directory import GoogleMailDirectory
from connectors.emulator.google_workspace.values import text
from connectors.emulator.store import Body

_POSTING, _MODERATION = "group_posting", "group_moderation"
_LEADERS = ("OWNER", "MANAGER")
_ROLES: Mapping[str, tuple[str, ...]] = {
    "NONE_CAN_POST": (),
    "ALL_OWNERS_CAN_POST": ("OWNER",),
    "ALL_MANAGERS_CAN_POST": _LEADERS,
    "ALL_MEMBERS_CAN_POST": (*_LEADERS, "MEMBER"),
}
_APPROVERS: Mapping[str, tuple[str, ...]] = {
    "NONE": (),
    "OWNERS_ONLY": ("OWNER",),
    "OWNERS_AND_MANAGERS": _LEADERS,
    "ALL_MEMBERS": (*_LEADERS, "MEMBER"),
}


@dataclass(frozen=True, slots=True)
class Posting:
    """A message to a group."""

    group: Body
    message: Message
    directory: GoogleMailDirectory

    @property
    def name(self) -> str:
        return text(self.group["email"]).lower()

    @property
    def settings(self) -> Body:
        return self.directory.settings_of(self.group)

    def check(self, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Return the outcome after the group's permission to post and its moderation."""
        largest, who = self.settings.get("maxMessageBytes"), text(self.settings.get("whoCanPostMessage"))
        if self.settings.get("archiveOnly") == "true":
            return outcome.decide(REJECTED, _POSTING, self.name, why="archiveOnly")
        if isinstance(largest, int) and self.message.size > largest:
            return outcome.decide(REJECTED, _POSTING, self.name, why="maxMessageBytes")
        role = self.directory.role_in(self.group, self.message.sender)
        if not self._may_post(who, role):
            return outcome.decide(REJECTED, _POSTING, self.name, why=who)
        return self._moderate(role, outcome.add_step(Step(_POSTING, self.name, is_match=False)))

    def _may_post(self, who: str, role: str) -> bool:
        if who == "ANYONE_CAN_POST":
            return True
        inside = self.message.is_authenticated and self.directory.is_inside(self.message.sender)
        return (inside and who == "ALL_IN_DOMAIN_CAN_POST") or role in _ROLES.get(who, ())

    def _moderate(self, role: str, outcome: DeliveryOutcome) -> DeliveryOutcome:
        """Hold a message for a moderator. Messages in the name of the group are not moderated."""
        level = text(self.settings.get("messageModerationLevel")) or "MODERATE_NONE"
        as_group = self.message.sender == self.name and self.settings.get("membersCanPostAsTheGroup") == "true"
        is_free = level == "MODERATE_NONE" or (level == "MODERATE_NON_MEMBERS" and role)
        if is_free or as_group or (level == "MODERATE_NEW_MEMBERS" and role != "MEMBER"):
            return outcome
        if level == "MODERATE_NEW_MEMBERS":
            return outcome.decide(UNKNOWN, _MODERATION, self.name, text="whether a member is new")
        if role in _LEADERS:
            return outcome.decide(UNKNOWN, _MODERATION, self.name, text="whether a manager's message waits")
        roles = _APPROVERS.get(text(self.settings.get("whoCanModerateContent")), _LEADERS)
        members = self.directory.members_of(self.group)
        moderators = sorted(member.address for member in members if member.role in roles)
        return outcome.decide(MODERATED, _MODERATION, self.name, targets=moderators)
