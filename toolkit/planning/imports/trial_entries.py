"""Try playbook entries: whether a kind accepts them, and whether they match the observed object."""

from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from toolkit.planning.contribution import describe_invalid_settings
from toolkit.sdk.spec import Spec
from toolkit.values import Json, Settings, satisfied

NOT_ASKED = "a playbook cannot express its value"


def is_accepted_entry(spec: type[Spec], entry: Mapping[str, Json], observed: Settings) -> bool:
    desired = parse_entry(spec, entry)
    return desired is not None and all(
        satisfied(desired[path], observed.get(path)) for path in entry if path in desired
    )


def matches_object(spec: type[Spec], entry: Mapping[str, Json], observed: Settings) -> bool:
    return parse_entry(spec, entry) is not None and not differing_settings(spec, entry, observed)


def differing_settings(spec: type[Spec], entry: Mapping[str, Json], observed: Settings) -> Iterable[str]:
    """Return the names of the settings in which an observed object differs from a playbook entry.

    Settings that the entry implies are compared too.
    """
    desired = parse_entry(spec, entry) or {}
    return [path for path, value in desired.items() if not satisfied(value, observed.get(path))]


def parse_entry(spec: type[Spec], entry: Mapping[str, Json]) -> Settings | None:
    try:
        return spec.desired(entry)
    except (ValidationError, ValueError, TypeError, ArithmeticError):
        return None


def explain_failed_entry(
    spec: type[Spec], entry: Mapping[str, Json], observed: Settings, reasons_by_setting: Mapping[str, str]
) -> str:
    """Return why an entry with these settings would be invalid or would differ from the observed object.

    Return "" if the entry matches.
    """
    if wrong := _explain_incompatible_settings(spec, entry):
        return f"{NOT_ASKED} ({wrong})"
    differing = list(differing_settings(spec, entry, observed))
    reasons = dict.fromkeys(reasons_by_setting[path] for path in differing if path in reasons_by_setting)
    return "; ".join(reasons) or (f"{NOT_ASKED} ({', '.join(differing)})" if differing else "")


def _explain_incompatible_settings(spec: type[Spec], entry: Mapping[str, Json]) -> str:
    """Return why a kind does not accept these settings together, or "" if the kind accepts them."""
    try:
        spec.desired(entry)
    except ValidationError as invalid:
        return "; ".join(describe_invalid_settings(invalid))
    except (ValueError, TypeError, ArithmeticError) as wrong:
        return str(wrong)
    return ""
