"""Safety checks of a retention policy: its effect, its people, and changes that keep less or delete more."""

from collections.abc import Iterator, Mapping

from connectors.microsoft365.kinds.retention_policy.places import ALL, EXCEPTIONS, PLACES, covers
from connectors.microsoft365.kinds.retention_policy.policy import UNLIMITED
from toolkit.sdk import Targets
from toolkit.values import Settings, entries

_NAME = 64
_KEEPING = frozenset({"keep", "keep_and_delete"})
_DELETING = frozenset({"delete", "keep_and_delete"})


def check_name(name: str) -> str | None:
    """Return the problem with a policy's name, or None if the name is valid."""
    return f"{name[:20]!r}... has {len(name)} characters. Microsoft allows {_NAME}" if len(name) > _NAME else None


JOBS = frozenset({"keep_records", "delete_records"})


def jobs(settings: Settings) -> Iterator[str]:
    """Yield the effects of a policy as words, to compare it with another policy. The period is left out."""
    yield from ["keep_records"] if keeps(settings) else []
    yield from ["delete_records"] if deletes(settings) else []


def find_targets(_name: str, settings: Settings) -> Targets:
    """Return the people whose items a policy keeps or deletes.

    A site may belong to anyone, so it counts as everyone's.
    """
    named = {entry for place in PLACES for entry in entries(settings.get(place))}
    if not named or ALL in named or any("@" not in entry for entry in named):
        return Targets(everyone=True, whole_tenant=True)
    return Targets(people=frozenset(named))


def does_same_job(observed: Settings, desired: Settings) -> bool:
    """Return whether an observed policy already does the same as a desired policy, in all its locations."""
    named = [place for place in PLACES if desired.get(place)]
    return bool(named) and all(covers(observed, place, desired) for place in named)


def describe_weakening(before: Settings | None, after: Settings | None) -> str | None:
    """Describe how a change would keep less, or delete more or sooner. Return None if it would do neither."""
    return describe_less_kept(before, after) or _describe_more_deleted(before, after)


def describe_less_kept(before: Settings | None, after: Settings | None) -> str | None:
    """Describe how a change would keep items for a shorter time, or keep fewer items.

    Return None if it would do neither.
    """
    if before is None or not keeps(before):
        return None
    if after is None or not keeps(after):
        return f"items that the policy keeps for {period_in_words(before)} would no longer be kept"
    if duration_days(after) < duration_days(before):
        return f"the policy would keep items for {period_in_words(after)} instead of {period_in_words(before)}"
    if _counts_from_change(before) and not _counts_from_change(after):
        return "the policy would count the period from an item's creation instead of its last change"
    return _describe_narrowing(before, after, "keep")


def _describe_more_deleted(before: Settings | None, after: Settings | None) -> str | None:
    if after is None or not deletes(after):
        return None
    if before is None or not deletes(before):
        return f"the policy would {_describe_deletion(after)}. At present it deletes nothing"
    if duration_days(after) < duration_days(before):
        return (
            f"the policy would {_describe_deletion(after)}. At present it deletes items after {period_in_words(before)}"
        )
    if _counts_from_change(before) and not _counts_from_change(after):
        return "the policy would delete items by the time since their creation instead of their last change"
    # It must already delete everything that it would delete after the change.
    wider = _describe_narrowing(after, before, "")
    return "the policy would delete more than it does at present" if wider else None


ITEMS: Mapping[str, str] = {
    "mail": "mail",
    "files": "files in OneDrive",
    "sites": "files in SharePoint",
    "groups": "mail and files of groups",
    "teams_chats": "chat messages",
    "teams_channels": "channel messages",
}
"""The items that a policy keeps or deletes at each place."""

_PLACE_WORDS: Mapping[str, tuple[str, str, str]] = {
    "mail": ("every mailbox", "mailbox", "mailboxes"),
    "files": ("every OneDrive", "OneDrive", "OneDrives"),
    "sites": ("every site", "site", "sites"),
    "groups": ("every group", "group", "groups"),
    "teams_chats": ("everyone's chats", "person's chats", "people's chats"),
    "teams_channels": ("every team", "team", "teams"),
}
"""Words for a place: all of them, a single one, and several."""
UNLESS = "unless another policy or a legal hold keeps it"


def _describe_deletion(settings: Settings) -> str:
    named = {place: entries(settings.get(place)) for place in PLACES if settings.get(place)}
    where = [
        _PLACE_WORDS[place][0] if ALL in entry else f"{len(entry)} {_PLACE_WORDS[place][1 if len(entry) == 1 else 2]}"
        for place, entry in named.items()
    ]
    items = " and ".join(ITEMS[place] for place in named)
    return f"permanently delete {items} older than {period_in_words(settings)}, in {' and '.join(where)}, {UNLESS}"


def keeps_longer(other: Settings, settings: Settings, place: str) -> bool:
    """Return whether another policy keeps items in a location at least until this policy would delete them.

    If several policies keep an item, the longest period applies.
    """
    whole = covers(other, place, settings) and not other.get("only_matching")
    spares = entries(other.get(f"{place}_except"))
    same_clock = _counts_from_change(other) or not _counts_from_change(settings)
    return keeps(other) and whole and not spares and same_clock and duration_days(other) >= duration_days(settings)


def _describe_narrowing(before: Settings, after: Settings, verb: str) -> str | None:
    for place in PLACES:
        if not covers(after, place, before):
            return f"the policy would {verb} less of {place} than it does at present"
    for place in EXCEPTIONS:
        if not covers(before, place, after):
            return f"{place} would exclude more than it does at present"
    query = after.get("only_matching")
    if query is not None and query != before.get("only_matching"):
        return f"the policy would {verb} only items that a query finds"
    return None


def keeps(settings: Settings) -> bool:
    """Return whether a policy keeps items."""
    return _is_active(settings) and settings.get("action") in _KEEPING


def deletes(settings: Settings) -> bool:
    """Return whether a policy deletes items at the end of its period."""
    return _is_active(settings) and settings.get("action") in _DELETING and settings["keep_days"] != UNLIMITED


def _is_active(settings: Settings) -> bool:
    return settings.get("enabled") is not False and settings.get("keep_days") is not None


def duration_days(settings: Settings) -> float:
    """Return the number of days for which a policy keeps items or after which it deletes them."""
    days = settings["keep_days"]
    return float("inf") if days == UNLIMITED else float(str(days))


def period_in_words(settings: Settings) -> str:
    """Return the period of a policy in words that follow `for`, such as `2555 days` or `ever`."""
    days = settings["keep_days"]
    return "ever" if days == UNLIMITED else f"{days} day{'' if days == 1 else 's'}"


def _counts_from_change(settings: Settings) -> bool:
    return settings.get("from") == "modified"
