"""DKIM keys of a domain. New-DkimSigningConfig creates keys.

Set-DkimSigningConfig enables keys only if the DNS points to them. The pages of the cmdlets are
https://learn.microsoft.com/powershell/module/exchangepowershell/new-dkimsigningconfig and set-dkimsigningconfig.
"""

from collections.abc import Mapping
from uuid import uuid4

from connectors.emulator.domain_names import RECORDS, dkim_target
from connectors.emulator.microsoft365.exchange.cmdlet import (
    NAMES,
    Outcome,
    Put,
    Request,
    Run,
    apply_parameters,
    find_object,
)
from connectors.emulator.microsoft365.exchange.formats import to_moment
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.store import Body, Json

CONFIGS = "exchange.dkimSigningConfigs"
_SELECTORS = (1, 2)


def _create_keys(request: Request) -> Outcome:
    domains = request.all("exchange.acceptedDomains")
    domain = str(find_object(domains, request.text("DomainName"), NAMES)["DomainName"])
    if any(config["Domain"] == domain for config in request.all(CONFIGS)):
        raise Refused(f"The DKIM signing config for {domain} already exists.")
    initial = next(str(accepted["DomainName"]) for accepted in domains if accepted["InitialDomain"])
    size = request.parameters.get("KeySize") or 1024
    guid = str(uuid4())
    config: dict[str, Json] = {
        "Name": domain, "Domain": domain, "Enabled": False, "Status": "CnameMissing", "Guid": guid, "IsValid": True,
        "IsDefault": False, "KeyCreationTime": to_moment(request.now), "RotateOnDate": to_moment(request.now),
        "SelectorBeforeRotateOnDate": "selector2", "SelectorAfterRotateOnDate": "selector1",
        **{f"Selector{n}CNAME": dkim_target(n, domain.lower(), initial) for n in _SELECTORS},
        **{f"Selector{n}KeySize": size for n in _SELECTORS},
    }  # fmt: skip
    after = _with_state(request, config, enabled=request.parameters.get("Enabled") is True)
    return Outcome([{**after, "Identity": domain}], writes=[Put(CONFIGS, guid, after)])


def _change_keys(request: Request) -> Outcome:
    before = find_object(request.all(CONFIGS), request.text("Identity"), (*NAMES, "Domain"))
    after = apply_parameters(before, request.parameters)
    return Outcome(
        writes=[Put(CONFIGS, str(before["Guid"]), _with_state(request, after, enabled=after["Enabled"] is True))]
    )


def _with_state(request: Request, config: Body, *, enabled: bool) -> Body:
    if enabled and (missing := _missing_record(request, config)):
        kind = "Microsoft.Exchange.Management.Tasks.ValidationException"
        raise Refused(f"CNAME record does not exist for this config. Please publish first: {missing}", kind)
    return {**config, "Enabled": enabled, "Status": "Valid" if enabled else config["Status"]}


def _missing_record(request: Request, config: Body) -> str:
    """Return the first required record that is missing from the DNS, or "" if none is missing."""
    for number in _SELECTORS:
        name = f"selector{number}._domainkey.{config['Domain']}".lower()
        target = config[f"Selector{number}CNAME"]
        record = request.store.get(request.tenant_id, RECORDS, name) or {}
        if record.get("CNAME") != target:
            return f"{name} CNAME {target}"
    return ""


RUNS: Mapping[str, Run] = {"New-DkimSigningConfig": _create_keys, "Set-DkimSigningConfig": _change_keys}
