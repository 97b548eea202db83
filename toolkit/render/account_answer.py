"""Render the settings that apply to an account as JSON."""

from collections.abc import Sequence

from toolkit.engine.account import AccountReport, ActivePeriod, CloudSettings
from toolkit.planning.account_settings import AccountDifference, AccountSetting, LayerShown
from toolkit.render.account_text import FIRST_LINE, HOLDS
from toolkit.render.answer import run_conditions_json
from toolkit.render.line import to_json
from toolkit.values import Body, Json, plain


def account_answer(report: AccountReport) -> Body:
    """Return the settings on each cloud. No name, reason, reply, forwarding target or sign-in is part of it."""
    return {
        **run_conditions_json(report.context, report.playbooks, report.tenants, report.exit),
        "notes": [FIRST_LINE, HOLDS],
        "account": report.address,
        "why": report.purpose.value,
        "at": report.at.isoformat(),
        "after_plan": report.has_plan,
        "clouds": [_cloud_json(cloud) for cloud in report.clouds],
    }


def _cloud_json(cloud: CloudSettings) -> Body:
    after, account = cloud.settings_after, cloud.account
    devices = account.devices if account else ()
    return {
        "provider": cloud.provider,
        "unreached": cloud.failure or None,
        "address": account.address if account else None,
        "unit": (account.unit or None) if account else None,
        "devices": [{"name": device.name, "platform": device.platform} for device in devices],
        "settings": [_setting_json(setting) for setting in cloud.settings],
        "settings_after_plan": None if after is None else [_setting_json(setting) for setting in after],
        "differences": [_difference_json(difference) for difference in cloud.differences],
        "periods": [_period_json(period) for period in cloud.periods],
        "unread": dict(cloud.unread_kinds),
        "not_read": to_json(cloud.not_read),
    }


def _setting_json(setting: AccountSetting) -> Body:
    return {
        "area": setting.area,
        "title": setting.title,
        "device": setting.device or None,
        "setting": setting.setting or None,
        "outcome": setting.outcome.value,
        "value": plain(setting.value),
        "winners": _layers_json(setting.winners),
        "losers": _layers_json(setting.losers),
        "reasons": list(setting.reasons),
        "where": setting.where or None,
    }


def _layers_json(layers: Sequence[LayerShown]) -> list[Json]:
    return [{"kind": layer.kind, "name": layer.name, "via": list(layer.via)} for layer in layers]


def _difference_json(difference: AccountDifference) -> Body:
    before, after = difference.before, difference.after
    return {
        "before": _setting_json(before) if before else None,
        "after": _setting_json(after) if after else None,
    }


def _period_json(period: ActivePeriod) -> Body:
    return {
        "name": period.name,
        "type": "pilot" if period.is_pilot else "exception",
        "control": period.control,
        "role": period.role,
        "begins": period.begins.isoformat() if period.begins else None,
        "ends": period.ends.isoformat(),
        "doubt": period.doubt or None,
    }
