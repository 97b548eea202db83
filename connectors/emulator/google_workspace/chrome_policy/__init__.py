"""The Chrome Policy API: schemas, and policies of organisational units and groups; networks and files are left out."""

from collections.abc import Iterator
from pathlib import Path

from connectors.emulator.data_files import each_text, fill, read_data
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.chrome_policy import orgunits, policy_schemas
from connectors.emulator.google_workspace.chrome_policy.stored import APP_ID, POLICIES, UNITS, Target, policy
from connectors.emulator.google_workspace.values import mapping, org_unit_id, sequence, text
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body

SERVICE = google_api("chrome policy", {**policy_schemas.HANDLERS, **orgunits.HANDLERS})


def seed(school: School) -> Seed:
    """Make the collection that the Chrome Policy API reads."""
    return {POLICIES: dict(_policies(school))}


def _policies(school: School) -> Iterator[tuple[str, Body]]:
    rows = each_text(read_data(Path(__file__).parent / "seed.json"), lambda text: fill(text, school))
    for row in map(mapping, sequence(rows)):
        schema, app = text(row["schema"]), text(row.get("app"))
        target = Target(UNITS + org_unit_id(school.tenant_id, text(row["unit"])), ((APP_ID, app),) if app else ())
        yield target.stored(schema), policy(target, schema, mapping(row["value"]))
