"""Work out the values of the settings that reach an account, from the layers that a connector describes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from toolkit.records import dataclass
from toolkit.sdk.account_settings import Combination, LayeredSettings, SettingLayer
from toolkit.values import Value


class SettingOutcome(StrEnum):
    """The outcome for a setting."""

    VALUE = "value"
    CANCELLED = "cancelled"  # layers with different values cancel each other, so no layer applies
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class LayerShown:
    """A layer as it is shown: an object, and the group or unit that leads to the account."""

    kind: str
    name: str
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSetting:
    """The value of a setting for an account or one of its devices, with the layers that won and lost."""

    area: str
    title: str
    device: str
    setting: str  # "" for an object whose settings are not shown one by one
    outcome: SettingOutcome
    value: Value = None
    winners: tuple[LayerShown, ...] = ()
    losers: tuple[LayerShown, ...] = ()
    reasons: tuple[str, ...] = ()
    where: str = ""
    rule: str = ""  # the name of the object, if every object of its kind applies

    @property
    def key(self) -> tuple[str, ...]:
        """Return the parts by which the same setting is found again after a plan."""
        return (self.area, self.title, self.device, self.setting, self.rule)


def settle_settings(layered: Iterable[LayeredSettings]) -> tuple[AccountSetting, ...]:
    """Return the value of every setting in some layers."""
    return tuple(setting for settings in layered for setting in _settle(settings))


def _settle(layered: LayeredSettings) -> Iterator[AccountSetting]:
    layers = [layer for layer in layered.layers if layer.reaches.value is not False]
    if layered.doubt:
        yield _make_unknown(layered, "", layers, (layered.doubt,))
    elif layers:
        match layered.combination:
            case Combination.FIRST:
                yield from _settle_by_first(layered, layers)
            case Combination.ALL:
                yield from _list_all(layered, layers)
            case Combination.EQUAL | Combination.STRICTEST:
                yield from _settle_together(layered, layers)


def _settle_by_first(layered: LayeredSettings, layers: Sequence[SettingLayer]) -> Iterator[AccountSetting]:
    """Yield the settings of the first layer. If it is unknown whether that layer reaches the account, so are they."""
    first, rest = layers[0], layers[1:]
    if first.reaches.value is None:
        yield _make_unknown(layered, "", layers, first.reaches.reasons)
        return
    losers = tuple(_show(layer) for layer in rest)
    for name, value in _set_values(first) or [("", None)]:
        yield _make_setting(layered, name, value, [first], losers)


def _list_all(layered: LayeredSettings, layers: Sequence[SettingLayer]) -> Iterator[AccountSetting]:
    for layer in layers:
        if layer.reaches.value is None:
            yield replace(_make_unknown(layered, "", [layer], layer.reaches.reasons), rule=layer.name)
            continue
        for name, value in _set_values(layer) or [("", None)]:
            yield replace(_make_setting(layered, name, value, [layer]), rule=layer.name)


def _settle_together(layered: LayeredSettings, layers: Sequence[SettingLayer]) -> Iterator[AccountSetting]:
    for name in dict.fromkeys(name for layer in layers for name, _ in _set_values(layer)):
        setting = [layer for layer in layers if layer.settings.get(name) is not None]
        values = [layer.settings[name] for layer in setting]
        doubtful = [layer for layer in setting if layer.reaches.value is None]
        if doubtful:
            yield _make_unknown(layered, name, setting, doubtful[0].reaches.reasons)
        elif all(value == values[0] for value in values):
            yield _make_setting(layered, name, values[0], setting)
        elif layered.combination is Combination.EQUAL:
            yield AccountSetting(
                area=layered.area, title=layered.title, device=layered.device, setting=name,
                outcome=SettingOutcome.CANCELLED, losers=tuple(map(_show, setting)), where=layered.where,
            )  # fmt: skip
        else:
            yield _settle_strictest(layered, name, setting)


def _settle_strictest(layered: LayeredSettings, name: str, layers: Sequence[SettingLayer]) -> AccountSetting:
    value = layered.strictest(name, [layer.settings[name] for layer in layers])
    if value is None:
        return _make_unknown(layered, name, layers, ("no rule says which of the values is stricter",))
    winners = [layer for layer in layers if layer.settings[name] == value]
    losers = tuple(_show(layer) for layer in layers if layer not in winners)
    return _make_setting(layered, name, value, winners, losers)


def _set_values(layer: SettingLayer) -> list[tuple[str, Value]]:
    return [(name, value) for name, value in layer.settings.items() if value is not None]


def _make_setting(
    layered: LayeredSettings,
    setting: str,
    value: Value,
    winners: Sequence[SettingLayer],
    losers: tuple[LayerShown, ...] = (),
) -> AccountSetting:
    return AccountSetting(
        area=layered.area, title=layered.title, device=layered.device, setting=setting, outcome=SettingOutcome.VALUE,
        value=value, winners=tuple(map(_show, winners)), losers=losers,
    )  # fmt: skip


def _make_unknown(
    layered: LayeredSettings, setting: str, layers: Sequence[SettingLayer], reasons: tuple[str, ...]
) -> AccountSetting:
    return AccountSetting(
        area=layered.area, title=layered.title, device=layered.device, setting=setting,
        outcome=SettingOutcome.CANNOT_TELL,
        losers=tuple(map(_show, layers)), reasons=reasons, where=layered.where,
    )  # fmt: skip


def _show(layer: SettingLayer) -> LayerShown:
    return LayerShown(layer.kind, layer.name, layer.reaches.reasons if layer.reaches.value else ())


@dataclass(frozen=True, slots=True)
class AccountDifference:
    """A setting that a plan would change for an account. One side is None if the setting is only there or only gone."""

    before: AccountSetting | None
    after: AccountSetting | None


def differing_settings(
    before: Sequence[AccountSetting], after: Sequence[AccountSetting]
) -> tuple[AccountDifference, ...]:
    """Return the settings whose outcome, value or winning layer differs."""
    first, second = ({setting.key: setting for setting in settings} for settings in (before, after))
    pairs = [(first.get(key), second.get(key)) for key in dict.fromkeys((*first, *second))]
    return tuple(AccountDifference(old, new) for old, new in pairs if _effect(old) != _effect(new))


def _effect(setting: AccountSetting | None) -> object:
    return None if setting is None else (setting.outcome, setting.value, [layer.name for layer in setting.winners])
