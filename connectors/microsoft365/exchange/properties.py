"""What every object of Exchange shows beside its settings."""

from collections.abc import Mapping

from toolkit.values import Json

_ID = "identifies the object"
_WHEN = "says when it was made or changed; what was changed is compared"
_STORED = "says where and how Exchange stores the object"

IGNORED: Mapping[str, str] = {
    **dict.fromkeys(("Name", "Identity", "Id", "Guid", "ImmutableId", "ExchangeObjectId", "DistinguishedName"), _ID),
    **dict.fromkeys(("WhenChanged", "WhenChangedUTC", "WhenCreated", "WhenCreatedUTC"), _WHEN),
    **dict.fromkeys(("ObjectCategory", "ObjectClass", "ObjectState", "ExchangeVersion", "OriginatingServer"), _STORED),
    **dict.fromkeys(("OrganizationId", "OrganizationalUnitRoot", "RunspaceId"), _STORED),
    "AdminDisplayName": "is a note that nobody but administrators sees",
}
"""Paths with the reason, for every kind of object."""

DEFAULTS: Mapping[str, Json] = {"IsValid": True}
