"""Render the objects of a tenant as JSON."""

from toolkit.engine.imports.imported import SECRET_SETTING
from toolkit.engine.read_objects import ObjectsReport
from toolkit.ledger.redact import REDACTED
from toolkit.render.answer import run_conditions_json
from toolkit.render.skipped_answer import identity_json, unread_objects_json
from toolkit.render.values_text import OWN
from toolkit.sdk.lending import is_temporary_setting
from toolkit.sdk.resource import Observed
from toolkit.sdk.temporary_setting import AUTOMATIC_REPLY
from toolkit.values import Body, plain


def tenant_objects_json(report: ObjectsReport) -> Body:
    """Return the objects of a tenant with their settings as JSON, without secrets.

    For an automatic reply, the message text and the person's id are left out.
    """
    return {
        **run_conditions_json(report.context, report.playbooks, report.tenants, report.exit),
        "objects": {kind: [_object_json(observed) for observed in objects] for kind, objects in report.objects.items()},
        "unknown": unread_objects_json(report.unknown),
        "unavailable": [{"kind": kind, "reason": reason} for kind, reason in report.unavailable.items()],
    }


def _object_json(observed: Observed) -> Body:
    lent = is_temporary_setting(observed.address)
    hidden = {path for path in observed.settings if SECRET_SETTING.fullmatch(path)}
    own = {path for path in observed.settings if lent and path not in AUTOMATIC_REPLY.schedule}
    shown = {path: plain(value) for path, value in observed.settings.items()}
    shown |= {path: REDACTED for path in hidden if shown[path]} | {path: OWN for path in own if shown[path]}
    return {
        **identity_json(observed.address),
        "id": None if lent else observed.remote.id,
        "settings": shown,
        "unknown_properties": [unknown.path for unknown in observed.unknown],
    }
