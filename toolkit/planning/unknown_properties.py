"""Properties of objects that a kind neither compares nor ignores: reported, unless a playbook lists them as unmanaged.

A playbook lists such a property with a fingerprint of its value. With another value it is reported again.
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
    "this version of toolkit does not know this property, which may change what the object does or for whom: look at "
    "it in the service's console, and record it as known with `toolkit accept`"
)


def fingerprints(unknown: Sequence[UnknownProperty]) -> Mapping[str, str]:
    """Return a short digest of the values of each property that narrows, by its path; their order does not count."""
    values: dict[str, list[str]] = {}
    for item in unknown:
        if item.narrows:
            values.setdefault(item.path, []).append(canonical_text(item.value))
    return {path: digest_of(sorted(texts))[:_DIGITS] for path, texts in values.items()}


def add_unknown(draft: Draft, desired: Desired, observed: Observed) -> None:
    """Report what an object has beside the settings of its kind: as a difference where it may change what it does."""
    now = fingerprints(observed.unknown)
    new = [item for item in observed.unknown if now.get(item.path) != desired.unmanaged_properties.get(item.path, "")]
    narrowing = tuple(Field(item.path, as_value(item.value), None) for item in new if item.narrows)
    if narrowing:
        draft.drop(MATCHING, {desired.address})
        draft.add(CHECKED, Update(desired, observed, narrowing, _NOT_KNOWN))
    for item in observed.unknown:
        if not item.narrows:
            draft.add(UNREAD_PROPERTY, UnreadProperty(desired.address.of_kind, item.path, desired.address))
