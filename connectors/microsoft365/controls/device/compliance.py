"""What a device must be like, as one compliance policy a platform; whether devices are so is measured by check."""

from collections.abc import Callable, Mapping

from connectors.microsoft365.controls.targets import assigned
from toolkit.controls.device.compliance import Compliance
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource
from toolkit.values import Json

_TITLES: Mapping[str, str] = {
    "windows": "Windows",
    "ios": "iPhone and iPad",
    "macos": "Mac",
    "android_work_profile": "Android work profile",
    "android_fully_managed": "Android fully managed",
}
EXCEPTS = PILOTS = True
_SORTS = 3  # of characters, where a platform counts them


def realise(wanted: Compliance, context: ControlContext) -> Realisation:
    """Ask the same of every platform, each in its own words."""
    policies = tuple(_policy(platform, wanted, context) for platform in wanted.platforms)
    if context.scope.departs_from:  # what holds for the whole tenant is the same for those excepted
        return Realisation(policies)
    without = Part(
        name="devices without a policy",
        level=Level.ENFORCED,
        covers="counts a device that no policy reaches as one that does not comply",
        limits=("it holds for the whole tenant",),
        resources=(
            Resource("compliance_settings", "organisation", {"secure_by_default": wanted.without_policy_fails}),
        ),
    )
    return Realisation((*policies, without))


def _policy(platform: str, wanted: Compliance, context: ControlContext) -> Part:
    minimum = wanted.minimum_os.get(platform)  # type: ignore[call-overload]  # a plain word is as good
    common: dict[str, Json] = {
        **({"os_minimum_version": minimum} if minimum else {}),
        "block_after_hours": wanted.grace_hours,
        **assigned(context),
    }
    return Part(
        name=_TITLES[platform],
        level=Level.ENFORCED,
        covers=f"says of every {_TITLES[platform]} device that is enrolled whether it complies",
        limits=("a device that does not comply keeps its access unless conditional access asks for compliance",),
        resources=(
            Resource(
                f"{platform}_compliance_policy",
                f"School, {context.audience.name}: {_TITLES[platform]}",
                {**_PLATFORMS[platform](wanted), **common},
            ),
        ),
        pilots=True,
    )


def _windows(wanted: Compliance) -> Mapping[str, Json]:
    return {
        "password_required": True,
        "password_block_simple": True,
        "password_minimum_length": wanted.password_length,
        "password_minutes_of_inactivity_before_lock": wanted.lock_minutes,
        **({"password_required_type": "alphanumeric"} if wanted.complex else {}),
        **({"password_minimum_character_set_count": _SORTS} if wanted.complex else {}),
        "storage_require_encryption": wanted.encryption,
    }


def _macos(wanted: Compliance) -> Mapping[str, Json]:
    return {**_windows(wanted), "system_integrity_protection_enabled": True}


def _ios(wanted: Compliance) -> Mapping[str, Json]:
    return {
        "passcode_required": True,
        "passcode_block_simple": True,
        "passcode_minimum_length": wanted.password_length,
        "passcode_minutes_of_inactivity_before_lock": wanted.lock_minutes,
        **({"passcode_required_type": "alphanumeric"} if wanted.complex else {}),
        **({"passcode_minimum_character_set_count": _SORTS} if wanted.complex else {}),
        "security_block_jailbroken_devices": True,
    }


def _android(wanted: Compliance) -> Mapping[str, Json]:
    return {
        "password_required": True,
        "password_required_type": "alphanumericWithSymbols" if wanted.complex else "numericComplex",
        "password_minimum_length": wanted.password_length,
        "password_minutes_of_inactivity_before_lock": wanted.lock_minutes,
        "storage_require_encryption": wanted.encryption,
        "security_block_jailbroken_devices": True,
    }


_PLATFORMS: Mapping[str, Callable[[Compliance], Mapping[str, Json]]] = {
    "windows": _windows,
    "ios": _ios,
    "macos": _macos,
    "android_work_profile": _android,
    "android_fully_managed": _android,
}
