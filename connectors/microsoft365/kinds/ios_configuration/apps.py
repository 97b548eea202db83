"""The list of apps that are hidden, or that alone are shown: words and bundle ids for what Graph calls compliant."""

from collections.abc import Mapping, Sequence

from toolkit.catalogue.catalogue import builtin
from toolkit.sdk.form import PATTERNS, Form
from toolkit.sdk.spec import Listed, written_entries
from toolkit.values import Body, Json, Value, entries

LIST, LIST_TYPE = "appsVisibilityList", "appsVisibilityListType"
# On the wire the list says which apps comply: those in it, so that all others are hidden, or those not in it.
_TYPES: Mapping[str, str] = {"hide_listed": "appsNotInListCompliant", "show_only_listed": "appsInListCompliant"}
_WORDS = {wire: word for word, wire in _TYPES.items()}


def _word(value: Json) -> Value:
    return None if value in (None, "", "none") else _WORDS.get(str(value), str(value))


def _type(value: Value) -> Json:
    return _TYPES.get(str(value), "none")


def _bundles(value: Json) -> Value:
    if isinstance(value, Sequence) and not isinstance(value, str):
        listed = [one.get("appId") if isinstance(one, Mapping) else one for one in value]
        return PATTERNS.read([one for one in listed if one])
    return PATTERNS.read(value)


def _items(value: Value) -> Json:
    return [
        {"@odata.type": "#microsoft.graph.appListItem", "name": _title(bundle), "appId": bundle}
        for bundle in entries(value)
    ]


def _title(bundle: str) -> str:
    """Name an app as the catalogue of apps does, for people in the admin centre."""
    titles = (app.title for app in builtin().apps.values() if bundle in {one.bundle for one in app.ios})
    return next(titles, bundle)


def with_others(body: Body, before: Body) -> Body:
    """Keep what is said of apps that are listed already, and apps that are listed without a bundle id."""
    items, held = body.get(LIST), before.get(LIST)
    if not isinstance(items, Sequence) or not isinstance(held, Sequence):
        return body
    there = [one for one in held if isinstance(one, Mapping)]
    kept = {str(one["appId"]): one for one in there if one.get("appId")}
    listed = [kept.get(str(one["appId"]), one) for one in items if isinstance(one, Mapping)]
    return {**body, LIST: [*(one for one in there if not one.get("appId")), *listed]}


def each_a_bundle(written: Listed | None) -> Listed | None:
    for entry in written_entries(written):
        formed = all(part and part.replace("-", "").isalnum() for part in entry.split("."))
        if not formed or ("." not in entry and entry not in _without_a_dot()):
            raise ValueError(f"{entry!r} is no bundle id; one looks like net.whatsapp.WhatsApp")
    return written


def _without_a_dot() -> frozenset[str]:
    """Give the ids that have none all the same, as the catalogue knows them."""
    return frozenset(one.bundle for app in builtin().apps.values() for one in app.ios if "." not in one.bundle)


WHICH = Form("one of the words", _word, write=_type)
BUNDLES = Form("list of bundle ids, compared without regard to order", _bundles, write=_items, is_list=True)
