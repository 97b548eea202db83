"""The Chrome Policy API: schemas, and policies of organisational units and groups.

Networks and files are not emulated.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors.emulator.data_files import change_texts, fill_names, read_data
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.chrome_policy import orgunits
from connectors.emulator.google_workspace.chrome_policy.checking import check_caller
from connectors.emulator.google_workspace.chrome_policy.stored import (
    APP_ID,
    POLICIES,
    SCHEMAS,
    UNITS,
    Field,
    PolicySchema,
    Target,
    Type,
    policy_body,
)
from connectors.emulator.google_workspace.values import customer_id, mapping, org_unit_id, sequence, text
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json


def _get_schema(call: MethodCall) -> Body:
    customer, _, name = call.text("name").partition("/policySchemas/")
    check_caller(call, customer)
    if name not in SCHEMAS:
        raise errors.not_found()
    return describe_schema(SCHEMAS[name], f"customers/{customer_id(call.tenant_id)}")


HANDLERS: Mapping[str, Handler] = {"chromepolicy.customers.policySchemas.get": _get_schema}


_SUPPORT = "https://support.google.com/chrome/a/answer/2657289?hl=en#"
_KEY_DESCRIPTIONS: Mapping[str, str] = {
    "app_id": 'Id of the app prefixed with one of "chrome:", "android:" or "web:", depending on the app type, such '
    'as "chrome:aapbdbdomjkkjkaonfhkkikfgjllcleb", "android:com.google.android.calendar" or "web:https://a.example".'
}


def describe_schema(schema: PolicySchema, customer: str) -> Body:
    own: dict[str, Json] = {
        "name": f"{customer}/policySchemas/{schema.name}",
        "policyDescription": schema.description,
        "definition": _describe_definition(schema),
        "fieldDescriptions": [_describe_field(schema, field) for field in schema.fields],
        "supportUri": _SUPPORT + schema.name.rpartition(".")[2],
        "schemaName": schema.name,
        "validTargetResources": ["ORG_UNIT", "GROUP"] if schema.groups else ["ORG_UNIT"],
        "policyApiLifecycle": {"policyApiLifecycleStage": "API_CURRENT"},
        "categoryTitle": schema.category,
        "supportedPlatforms": ["CHROME_OS"] if ".devices." in schema.name else ["CHROME_OS", "CHROME_BROWSER"],
    }
    if schema.keys:
        own["additionalTargetKeyNames"] = [
            {"key": key, "keyDescription": _KEY_DESCRIPTIONS[key]} for key in schema.keys
        ]
    if notices := [_describe_notice(field) for field in schema.fields if field.notice]:
        own["notices"] = notices
    return own


def _describe_definition(schema: PolicySchema) -> Body:
    fields = [_describe_message_field(number, field) for number, field in enumerate(schema.fields, start=1)]
    own: Body = {"name": schema.name.rpartition(".")[2], "field": fields}
    enumerations = {
        field.type_name: _describe_enumeration(field) for field in schema.fields if field.type is Type.CHOICE
    }
    definition: dict[str, Json] = {"messageType": [own, *_describe_messages(schema)]}
    return {**definition, **({"enumType": list(enumerations.values())} if enumerations else {})}


def _describe_messages(schema: PolicySchema) -> Iterator[Body]:
    for name, inside in sorted(
        {
            (schema_field.type_name, schema_field.inside)
            for schema_field in schema.fields
            if schema_field.type is Type.NUMBER
        }
    ):
        field: Body = {"name": inside, "number": 1, "label": "LABEL_OPTIONAL", "type": "TYPE_INT64"}
        yield {"name": name, "field": [field]}


def _describe_message_field(number: int, field: Field) -> Body:
    label = "LABEL_REPEATED" if field.repeated else "LABEL_OPTIONAL"
    named: dict[str, Json] = {"typeName": field.type_name} if field.type_name else {}
    return {"name": field.name, "number": number, "label": label, "type": field.type.value, **named}


def _describe_enumeration(field: Field) -> Body:
    values: list[Json] = [{"name": name, "number": number} for number, name in enumerate(field.choices, start=1)]
    return {"name": field.type_name, "value": values}


def _describe_field(schema: PolicySchema, field: Field) -> Body:
    description = field.description or schema.description
    own: dict[str, Json] = {
        "field": field.name,
        "description": description,
        "name": description,
        "fieldDescription": description,
        "fieldConstraints": _describe_constraints(field),
    }
    if field.choices:
        own["knownValueDescriptions"] = [{"value": choice, "description": choice} for choice in field.choices]
    if field.name in schema.default:
        own["defaultValue"] = schema.default[field.name]
    if field.name in schema.together:
        own["requiredItems"] = [{"requiredFields": [name for name in schema.together if name != field.name]}]
    return own


def _describe_constraints(field: Field) -> Body:
    if field.type is not Type.NUMBER:
        return {}
    least, most = field.range
    upper: dict[str, Json] = {"maximum": str(most)} if most is not None else {}
    return {"numericRangeConstraint": {"minimum": str(least), **upper}}


def _describe_notice(field: Field) -> Body:
    return {
        "field": field.name,
        "noticeValue": field.notice,
        "acknowledgementRequired": True,
        "noticeMessage": field.description,
    }


SERVICE = google_api("chrome policy", {**HANDLERS, **orgunits.HANDLERS})


def seed(school: School) -> Seed:
    """Return the objects of a new tenant that the Chrome Policy API reads."""
    return {POLICIES: dict(_seeded_policies(school))}


def _seeded_policies(school: School) -> Iterator[tuple[str, Body]]:
    rows = change_texts(read_data(Path(__file__).parent / "seed.json"), lambda text: fill_names(text, school))
    for row in map(mapping, sequence(rows)):
        schema, app = text(row["schema"]), text(row.get("app"))
        target = Target(UNITS + org_unit_id(school.tenant_id, text(row["unit"])), ((APP_ID, app),) if app else ())
        yield target.store_key(schema), policy_body(target, schema, mapping(row["value"]))
