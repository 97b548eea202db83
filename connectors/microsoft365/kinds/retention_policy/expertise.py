"""What a records manager knows about changing a retention policy."""

from collections.abc import Iterator, Mapping

from connectors.microsoft365.kinds.retention_policy.places import ALL, EXCEPTIONS, PLACES, covers
from connectors.microsoft365.kinds.retention_policy.policy import UNLIMITED
from toolkit.sdk import Targets
from toolkit.values import Settings, entries

_NAME = 64
_KEEPING = frozenset({"keep", "keep_and_delete"})
_DELETING = frozenset({"delete", "keep_and_delete"})


def check_name(name: str) -> str | None:
    """Say what the service would not accept in a name."""
    return f"{name[:20]!r}... has {len(name)} characters; {_NAME} are allowed" if len(name) > _NAME else None


JOBS = frozenset({"keep_records", "delete_records"})


def jobs(settings: Settings) -> Iterator[str]:
    """Name what a policy does, for however long."""
    yield from ["keep_records"] if keeps(settings) else []
    yield from ["delete_records"] if deletes(settings) else []


def reaches(_name: str, settings: Settings) -> Targets:
    """Return whose things a policy keeps or deletes; a site can be anybody's and counts as everyone's."""
    named = {entry for place in PLACES for entry in entries(settings.get(place))}
    if not named or ALL in named or any("@" not in entry for entry in named):
        return Targets(everyone=True, whole_tenant=True)
    return Targets(people=frozenset(named))


def does_same_job(observed: Settings, desired: Settings) -> bool:
    """Say whether a policy is for every place that another one with its job is for."""
    named = [place for place in PLACES if desired.get(place)]
    return bool(named) and all(covers(observed, place, desired) for place in named)


def weaker(before: Settings | None, after: Settings | None) -> str | None:
    """Say what would be kept for less long or no more, or what would be deleted sooner or for the first time."""
    return less_kept(before, after) or _more_deleted(before, after)


def less_kept(before: Settings | None, after: Settings | None) -> str | None:
    """Say what would be kept for less long or no more."""
    if before is None or not keeps(before):
        return None
    if after is None or not keeps(after):
        return f"what it keeps for {period(before)} would no longer be kept"
    if lasts(after) < lasts(before):
        return f"it would keep for {period(after)} instead of {period(before)}"
    if _from_change(before) and not _from_change(after):
        return "it would keep from when something was made, and not from when it was last changed"
    return _narrower(before, after, "keep")


def _more_deleted(before: Settings | None, after: Settings | None) -> str | None:
    if after is None or not deletes(after):
        return None
    if before is None or not deletes(before):
        return f"it would {_deletion(after)}; today it deletes nothing"
    if lasts(after) < lasts(before):
        return f"it would {_deletion(after)}; today it does so after {period(before)}"
    if _from_change(before) and not _from_change(after):
        return "it would delete counting from when something was made, and not from when it was last changed"
    # What it deletes now must be no less than what it would delete then.
    wider = _narrower(after, before, "")
    return "it would delete more than it does today" if wider else None


THINGS: Mapping[str, str] = {
    "mail": "mail",
    "files": "files in OneDrive",
    "sites": "files in SharePoint",
    "groups": "mail and files of groups",
    "teams_chats": "chat messages",
    "teams_channels": "channel messages",
}
"""What a policy keeps or deletes at each place, in words."""

_WHOSE: Mapping[str, tuple[str, str, str]] = {
    "mail": ("every mailbox", "mailbox", "mailboxes"),
    "files": ("every OneDrive", "OneDrive", "OneDrives"),
    "sites": ("every site", "site", "sites"),
    "groups": ("every group", "group", "groups"),
    "teams_chats": ("everyone's chats", "person's chats", "people's chats"),
    "teams_channels": ("every team", "team", "teams"),
}
"""Whose things they are at each place: everyone's, one's, and several's."""
UNLESS = "unless another policy or a hold keeps it"


def _deletion(settings: Settings) -> str:
    """Say what is deleted, where, and what stops that."""
    named = {place: entries(settings.get(place)) for place in PLACES if settings.get(place)}
    where = [
        _WHOSE[place][0] if ALL in entry else f"{len(entry)} {_WHOSE[place][1 if len(entry) == 1 else 2]}"
        for place, entry in named.items()
    ]
    things = " and ".join(THINGS[place] for place in named)
    return f"permanently delete {things} older than {period(settings)}, in {' and '.join(where)}, {UNLESS}"


def keeps_longer(other: Settings, settings: Settings, place: str) -> bool:
    """Return whether another policy keeps all of a place for as long as one deletes there, so that nothing goes sooner.

    Of several policies the longest that keeps counts.
    """
    whole = covers(other, place, settings) and not other.get("only_matching")
    spares = entries(other.get(f"{place}_except"))
    same_clock = _from_change(other) or not _from_change(settings)
    return keeps(other) and whole and not spares and same_clock and lasts(other) >= lasts(settings)


def _narrower(before: Settings, after: Settings, does: str) -> str | None:
    for place in PLACES:
        if not covers(after, place, before):
            return f"it would {does} less of {place} than it does today"
    for place in EXCEPTIONS:
        if not covers(before, place, after):
            return f"{place} would leave out more than it does today"
    query = after.get("only_matching")
    if query is not None and query != before.get("only_matching"):
        return f"it would {does} nothing but what a query finds"
    return None


def keeps(settings: Settings) -> bool:
    """Return whether a policy keeps anything."""
    return _works(settings) and settings.get("action") in _KEEPING


def deletes(settings: Settings) -> bool:
    """Say whether a policy deletes anything one day."""
    return _works(settings) and settings.get("action") in _DELETING and settings["keep_days"] != UNLIMITED


def _works(settings: Settings) -> bool:
    return settings.get("enabled") is not False and settings.get("keep_days") is not None


def lasts(settings: Settings) -> float:
    """Return for how many days it keeps, or after how many it deletes."""
    days = settings["keep_days"]
    return float("inf") if days == UNLIMITED else float(str(days))


def period(settings: Settings) -> str:
    """Say for how long, in words."""
    days = settings["keep_days"]
    return "ever" if days == UNLIMITED else f"{days} day{'' if days == 1 else 's'}"


def _from_change(settings: Settings) -> bool:
    return settings.get("from") == "modified"
