"""Render the settings that apply to an account as text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from zoneinfo import ZoneInfo

from toolkit.engine.account import AccountReport, ActivePeriod, CloudSettings
from toolkit.planning.account_settings import AccountDifference, AccountSetting, LayerShown, SettingOutcome
from toolkit.render.line import Line, Tone
from toolkit.sdk.account_settings import VENDORS_OWN
from toolkit.values import AtLeast, Value, entries

FIRST_LINE = "Settings that apply to this account. Nothing about what the person does."
HOLDS = "Legal holds are not shown here."
_SHOWN_ENTRIES, _SHOWN_SETTINGS = 3, 6


def account_lines(report: AccountReport, *, verbose: bool, sought: str = "") -> Iterator[Line]:
    """Yield the settings on each cloud, the layers that won and lost, and everything that is unknown.

    With a `sought` text, show only settings that contain this text, and unknown settings.
    """
    yield Line(FIRST_LINE, essential=True)
    yield Line(HOLDS, essential=True)
    zone = ZoneInfo(report.playbooks.school.time_zone)
    moment = report.at.astimezone(zone)
    yield Line(f"Rules that reach {report.address}, {moment:%-d %B %Y, %H:%M}.")
    if report.at != report.context.now and not report.has_plan:
        yield Line(
            "The values are the present ones. Only exceptions and pilots are for this time. With --after-plan, the "
            "values are for this time too.",
            Tone.QUIET,
        )
    for cloud in report.clouds:
        yield Line()
        yield Line(cloud.title, Tone.HEADING, essential=True)
        yield from _cloud_lines(report, cloud, zone, verbose=verbose, sought=sought.casefold())


def _cloud_lines(
    report: AccountReport, cloud: CloudSettings, zone: ZoneInfo, *, verbose: bool, sought: str
) -> Iterator[Line]:
    if cloud.failure:
        yield Line(f"  Cannot tell: {cloud.title} could not be read: {cloud.failure}", Tone.WARNING, essential=True)
        return
    if cloud.account is None:
        yield Line("  No account with this address.", essential=True)
        return
    if cloud.account.unit:
        yield Line(f"  In the unit {cloud.account.unit}.")
    if report.has_plan:
        yield from _difference_lines(cloud)
    yield from (_period_line(period, zone) for period in cloud.periods)
    shown = [_only_sought(setting, sought) for setting in cloud.result_settings if _contains(setting, sought)]
    if sought and not shown:
        yield Line(f"  No setting that toolkit reads contains {sought}.", essential=True)
    for area in dict.fromkeys(setting.area for setting in shown):
        yield from _area_lines(area, [row for row in shown if row.area == area], verbose=verbose)
    for kind, reason in cloud.unread_kinds.items():
        yield Line(f"  Could not be read: {kind}: {reason}", Tone.WARNING, essential=True)
    if cloud.not_read:
        places = "; ".join(f"{part.what} ({part.where})" for part in cloud.not_read)
        yield Line(f"  toolkit does not read: {places}.", Tone.QUIET)


def _contains(setting: AccountSetting, sought: str) -> bool:
    if setting.outcome is SettingOutcome.CANNOT_TELL:
        return True
    layers = (layer.name for layer in (*setting.winners, *setting.losers))
    words = (setting.title, setting.setting, *_value_texts(setting.value), *layers)
    return any(_is_about(word, sought) for word in words)


def _is_about(word: str, sought: str) -> bool:
    """Return whether a word contains a text, or names a site above it, as whatsapp.com is above web.whatsapp.com."""
    site = word.casefold().removeprefix("*").strip(".")
    return sought in word.casefold() or ("." in site and sought.endswith(f".{site}"))


def _only_sought(setting: AccountSetting, sought: str) -> AccountSetting:
    """Return a setting with only those entries of its list that contain the text, if some do."""
    if not sought or not isinstance(setting.value, tuple):
        return setting
    matching = tuple(entry for entry in setting.value if _is_about(entry, sought))
    return replace(setting, value=matching) if matching else setting


def _value_texts(value: Value) -> Sequence[str]:
    return [str(entry) for entry in entries(value)] if isinstance(value, tuple | AtLeast) else [str(value)]


def _difference_lines(cloud: CloudSettings) -> Iterator[Line]:
    differences = cloud.differences
    if not differences:
        yield Line("  The plan changes nothing for this account.", essential=True)
        return
    yield Line("  The plan changes for this account:", Tone.CHANGED, essential=True)
    for difference in differences:
        yield Line(f"    {_describe_difference(difference)}", Tone.CHANGED, essential=True)
    yield Line("  After the plan:", Tone.HEADING)


def _describe_difference(difference: AccountDifference) -> str:
    shown = difference.after or difference.before
    assert shown
    place = f" on {shown.device}" if shown.device else ""
    name = " ".join(filter(None, (shown.title, shown.rule, _plain_name(shown.setting))))
    return f"{name}{place}: {_outcome(difference.before)} -> {_outcome(difference.after)}"


def _outcome(setting: AccountSetting | None) -> str:
    if setting is None:
        return "not set"
    match setting.outcome:
        case SettingOutcome.CANCELLED:
            return "no policy applies"
        case SettingOutcome.CANNOT_TELL:
            return "cannot tell"
    if not setting.setting:
        return "reaches the account"
    if setting.rule:
        return _describe_value(setting.value, verbose=False)
    return f"{_describe_value(setting.value, verbose=False)} ({_names(setting.winners)})"


def _period_line(period: ActivePeriod, zone: ZoneInfo) -> Line:
    ends = period.ends.astimezone(zone)
    subject = "Pilot" if period.is_pilot else "Exception"
    doubt = f" It is unknown whether the account has it: {period.doubt}." if period.doubt else ""
    text = f"  {subject} {period.name} for {period.control}, until {ends:%-d %B %Y, %H:%M}.{doubt}"
    return Line(text, Tone.CHANGED, essential=True)


def _area_lines(area: str, settings: Sequence[AccountSetting], *, verbose: bool) -> Iterator[Line]:
    vendors = [setting for setting in settings if not verbose and _is_vendors_own(setting)]
    rest = [setting for setting in settings if setting not in vendors]
    yield Line(f"  {area}", Tone.HEADING)
    subjects = groupby(rest, key=lambda setting: (setting.title, setting.outcome, setting.winners, setting.losers))
    for (title, outcome, winners, losers), rows in subjects:
        same = list(rows)
        yield from _subject_lines(title, outcome, winners, losers, same, verbose=verbose)
    if vendors:
        number = len({setting.title for setting in vendors})
        yield Line(f"    {number} settings have the provider's own value. They are shown with --verbose.", Tone.QUIET)


def _is_vendors_own(setting: AccountSetting) -> bool:
    return any(VENDORS_OWN in layer.via for layer in setting.winners)


def _subject_lines(
    title: str,
    outcome: SettingOutcome,
    winners: tuple[LayerShown, ...],
    losers: tuple[LayerShown, ...],
    settings: Sequence[AccountSetting],
    *,
    verbose: bool,
) -> Iterator[Line]:
    if outcome is SettingOutcome.CANNOT_TELL:
        reasons = "; ".join(dict.fromkeys(reason for setting in settings for reason in setting.reasons))
        where = f" Look in {settings[0].where}." if settings[0].where else ""
        about = f" (may come from {_names(losers)})" if losers else ""
        yield Line(f"    {title}{about}: cannot tell, because {reasons}.{where}", Tone.WARNING, essential=True)
        return
    if outcome is SettingOutcome.CANCELLED:
        named = ", ".join(setting.setting for setting in settings)
        yield Line(
            f"    {title}: {named} is not set, because {_names(losers)} differ and cancel each other.",
            Tone.WARNING, essential=True,
        )  # fmt: skip
        return
    yield Line(f"    {title}: {_names(winners)}{_ways(winners)}")
    shown = [setting for setting in settings if setting.setting]
    most = len(shown) if verbose or losers else _SHOWN_SETTINGS
    for setting in shown[:most]:
        yield Line(f"      {_plain_name(setting.setting)}: {_describe_value(setting.value, verbose=verbose)}")
    if len(shown) > most:
        yield Line(f"      and {len(shown) - most} more with --verbose", Tone.QUIET)
    for loser in losers:
        yield Line(f"      instead of {loser.name}{_ways((loser,))}", Tone.QUIET)


def _names(layers: Sequence[LayerShown]) -> str:
    return " and ".join(dict.fromkeys(layer.name for layer in layers))


def _ways(layers: Sequence[LayerShown]) -> str:
    ways = ", ".join(dict.fromkeys(way for layer in layers for way in layer.via))
    return f" ({ways})" if ways else ""


def _plain_name(setting: str) -> str:
    """Return the last part of the name of a setting in the settings catalogue, and any other name unchanged."""
    return setting.removeprefix("settings.").rpartition(" > ")[2]


def _describe_value(value: Value, *, verbose: bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | AtLeast):
        listed = [str(entry) for entry in entries(value)]
        if verbose or len(listed) <= _SHOWN_ENTRIES:
            return ", ".join(listed) or "none"
        return f"{len(listed)} entries: {', '.join(listed[:_SHOWN_ENTRIES])}, ..."
    return str(value)
