"""policySchemas.get: a schema as a protobuf descriptor, with a description of every field."""

from collections.abc import Iterator, Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.chrome_policy.checking import check_caller
from connectors.emulator.google_workspace.chrome_policy.stored import SCHEMAS, Field, PolicySchema, Type
from connectors.emulator.google_workspace.values import customer_id
from connectors.emulator.store import Body, Json


def _get(asked: MethodCall) -> Body:
    customer, _, name = asked.text("name").partition("/policySchemas/")
    check_caller(asked, customer)
    if name not in SCHEMAS:
        raise errors.not_found()
    return shown(SCHEMAS[name], f"customers/{customer_id(asked.tenant_id)}")


HANDLERS: Mapping[str, Handler] = {"chromepolicy.customers.policySchemas.get": _get}


_SUPPORT = "https://support.google.com/chrome/a/answer/2657289?hl=en#"
_KEY_DESCRIPTIONS: Mapping[str, str] = {
    "app_id": 'Id of the app prefixed with one of "chrome:", "android:" or "web:", depending on the app type, such '
    'as "chrome:aapbdbdomjkkjkaonfhkkikfgjllcleb", "android:com.google.android.calendar" or "web:https://a.example".'
}


def shown(schema: PolicySchema, customer: str) -> Body:
    own: dict[str, Json] = {
        "name": f"{customer}/policySchemas/{schema.name}",
        "policyDescription": schema.description,
        "definition": _definition(schema),
        "fieldDescriptions": [_described(schema, one) for one in schema.fields],
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
    if notices := [_notice(one) for one in schema.fields if one.notice]:
        own["notices"] = notices
    return own


def _definition(schema: PolicySchema) -> Body:
    fields = [_field(number, one) for number, one in enumerate(schema.fields, start=1)]
    own: Body = {"name": schema.name.rpartition(".")[2], "field": fields}
    enumerations = {one.type_name: _enumeration(one) for one in schema.fields if one.type is Type.CHOICE}
    definition: dict[str, Json] = {"messageType": [own, *_messages(schema)]}
    return {**definition, **({"enumType": list(enumerations.values())} if enumerations else {})}


def _messages(schema: PolicySchema) -> Iterator[Body]:
    for name, inside in sorted({(one.type_name, one.inside) for one in schema.fields if one.type is Type.NUMBER}):
        field: Body = {"name": inside, "number": 1, "label": "LABEL_OPTIONAL", "type": "TYPE_INT64"}
        yield {"name": name, "field": [field]}


def _field(number: int, field: Field) -> Body:
    label = "LABEL_REPEATED" if field.repeated else "LABEL_OPTIONAL"
    named: dict[str, Json] = {"typeName": field.type_name} if field.type_name else {}
    return {"name": field.name, "number": number, "label": label, "type": field.type.value, **named}


def _enumeration(field: Field) -> Body:
    values: list[Json] = [{"name": name, "number": number} for number, name in enumerate(field.choices, start=1)]
    return {"name": field.type_name, "value": values}


def _described(schema: PolicySchema, field: Field) -> Body:
    description = field.description or schema.description
    own: dict[str, Json] = {
        "field": field.name,
        "description": description,
        "name": description,
        "fieldDescription": description,
        "fieldConstraints": _constraints(field),
    }
    if field.choices:
        own["knownValueDescriptions"] = [{"value": one, "description": one} for one in field.choices]
    if field.name in schema.default:
        own["defaultValue"] = schema.default[field.name]
    if field.name in schema.together:
        own["requiredItems"] = [{"requiredFields": [one for one in schema.together if one != field.name]}]
    return own


def _constraints(field: Field) -> Body:
    if field.type is not Type.NUMBER:
        return {}
    least, most = field.range
    upper: dict[str, Json] = {"maximum": str(most)} if most is not None else {}
    return {"numericRangeConstraint": {"minimum": str(least), **upper}}


def _notice(field: Field) -> Body:
    return {
        "field": field.name,
        "noticeValue": field.notice,
        "acknowledgementRequired": True,
        "noticeMessage": field.description,
    }
