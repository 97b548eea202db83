"""Report properties of objects that toolkit does not know: a kind neither compares nor ignores them.

A playbook can list such a property as unmanaged, with a fingerprint of its value. If the value changes, the property is
reported again.
"""

from collections.abc import Mapping, Sequence

from toolkit.planning.change import Field, Update
from toolkit.planning.draft import Draft
from toolkit.planning.plan_details import UnreadProperty
from toolkit.planning.plan_states import CHECKED, MATCHING, UNREAD_PROPERTY
from toolkit.sdk.form import UnknownProperty
from toolkit.sdk.resource import Desired, Observed
from toolkit.values import as_value, canonical_text, digest_of

_DIGITS = 12
_NOT_KNOWN = (
    "this version of toolkit does not know this property, which may change the effect or audience of the object: check "
    "it in the service's console, and record it as known with `toolkit accept`"
)


def fingerprints_by_path(unknown_properties: Sequence[UnknownProperty]) -> Mapping[str, str]:
    """Return a short digest of the values of each unknown property that limits an object, by the property's path.

    The order of the values does not matter.
    """
    values: dict[str, list[str]] = {}
    for unknown_property in unknown_properties:
        if unknown_property.narrows:
            values.setdefault(unknown_property.path, []).append(canonical_text(unknown_property.value))
    return {path: digest_of(sorted(texts))[:_DIGITS] for path, texts in values.items()}


def add_unknown_properties(draft: Draft, desired: Desired, observed: Observed) -> None:
    """Add rows to the draft plan about the properties of an object that toolkit does not know.

    Properties that may change the object's effect are reported as differences.
    """
    now = fingerprints_by_path(observed.unknown)
    listed = desired.unmanaged_properties
    new = [prop for prop in observed.unknown if now.get(prop.path) != listed.get(prop.path, "")]
    narrowing = tuple(Field(prop.path, as_value(prop.value), None) for prop in new if prop.narrows)
    if narrowing:
        draft.remove_rows(MATCHING, {desired.address})
        draft.add(CHECKED, Update(desired, observed, narrowing, _NOT_KNOWN))
    for unknown_property in observed.unknown:
        if not unknown_property.narrows:
            row = UnreadProperty(desired.address.kind_path, unknown_property.path, desired.address)
            draft.add(UNREAD_PROPERTY, row)
