"""Compares the accounts that may sign in with the tenant's domains, and the restricted units with the Chromebooks."""

from collections.abc import Iterable

from connectors.google_workspace.kinds.chrome_policy.reading import place_of, states
from connectors.google_workspace.kinds.chrome_policy.state import State
from connectors.google_workspace.kinds.chrome_policy.table import split_name
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.device_protection import SigninRestriction
from toolkit.errors import answered
from toolkit.sdk import (
    CheckOccasion,
    Finding,
    Measurement,
    ReasonCode,
    Status,
    Things,
    check_subject,
    same_words,
    text,
    texts,
)

DOMAINS, OTHERS, UNITS = "domains that may sign in", "others on the list of sign-ins", "Chromebooks outside the units"
_LEFT_OUT = ReasonCode(
    "domains_left_out",
    admin="{short} of {all} verified domains of the tenant are not on the list, so people in these domains cannot sign "
    "in: {which}. Add the domains under `also`",
    governor="people of {short} of the school's {all} domains could not sign in to Chromebooks",
)
_ALL_IN = ReasonCode(
    "domains_let_in",
    admin="all {all} verified domains of the tenant are on the list",
    governor="people of all {all} of the school's domains can sign in",
)
_UNRECORDED = ReasonCode(
    "sign_ins_of_others",
    admin="{short} entries on the list of allowed sign-ins are not in the playbook: {which}. "
    "Remove them in the admin console, or add them under `also`",
    governor="{short} accounts or domains that the school has not recorded may sign in to Chromebooks",
)
_NO_OTHERS = same_words("no_sign_ins_of_others", "no other entry is on the list of allowed sign-ins")
_OUTSIDE = ReasonCode(
    "chromebooks_outside_units",
    admin="{short} of {all} Chromebooks in service are in units that the restriction does not reach: {which}",
    governor="{short} of {all} Chromebooks are not covered by the rules about who may sign in",
    lacking="{short} of {all} Chromebooks {short:is|are} not covered by the rules about who may sign in",
)
_INSIDE = same_words(
    "chromebooks_inside_units", "all {all} Chromebooks in service are in units that the restriction reaches"
)

needs = leave(
    "chromepolicy.customers.policies.resolve",
    "directory.orgunits.list",
    "directory.domains.list",
    "directory.chromeosdevices.list",
)


def check(settings: SigninRestriction, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Check that all domains of the tenant may sign in, that no one else may, and that all Chromebooks are covered."""
    allowed = settings.allowed_sign_ins(context.school.domains)
    yield check_subject(DOMAINS, lambda: _compare_domains(allowed, via))
    yield check_subject(OTHERS, lambda: _check_unrecorded_entries(settings, allowed, via))
    yield check_subject(UNITS, lambda: _compare_units(settings, via))


class AllowedDomains(Measurement):
    """The number of the tenant's domains, and the number of domains whose people may not sign in."""

    domains: int
    missing: int


class AllowedEntries(Measurement):
    """The number of entries on the list of allowed sign-ins, and of entries that the playbook does not name."""

    entries: int
    others: int


class ChromebooksOutside(Measurement):
    """The number of Chromebooks in service, and the number outside the restricted units."""

    chromebooks: int
    outside: int


def _compare_domains(allowed: Iterable[str], via: GoogleWorkspace) -> Finding:
    domains, allowed_entries = via.domains(), set(allowed)
    missing = sorted(domain for domain in domains if f"*@{domain}" not in allowed_entries)
    measurement = AllowedDomains(domains=len(domains), missing=len(missing))
    if not missing:
        return Finding(DOMAINS, Status.PASS, _ALL_IN(all=Things(len(domains))), measurement=measurement)
    counts = {"short": Things(len(missing)), "all": Things(len(domains))}
    return Finding(DOMAINS, Status.FAIL, _LEFT_OUT(**counts, which=", ".join(missing)), measurement=measurement)


def _check_unrecorded_entries(settings: SigninRestriction, allowed: Iterable[str], via: GoogleWorkspace) -> Finding:
    places = [place_of(via, split_name(f"devices.SignInRestriction @ {unit}")) for unit in settings.device_units]
    entries: set[str] = set()
    for state in states(via, places).values():
        current: State = answered(state)
        entries |= {entry.casefold() for entry in texts(current.value.get("userAllowlist"))}
    unrecorded = sorted(entries - set(allowed))
    measurement = AllowedEntries(entries=len(entries), others=len(unrecorded))
    if not unrecorded:
        return Finding(OTHERS, Status.PASS, _NO_OTHERS(), measurement=measurement)
    reason = _UNRECORDED(short=Things(len(unrecorded)), which=", ".join(unrecorded))
    return Finding(OTHERS, Status.FAIL, reason, measurement=measurement)


def _compare_units(settings: SigninRestriction, via: GoogleWorkspace) -> Finding:
    units = [text(row.get("orgUnitPath")) for row in via.device_lists.chromeos() if row.get("status") == "ACTIVE"]
    covered = [unit.rstrip("/") for unit in settings.device_units]
    outside = [unit for unit in units if not any(f"{unit}/".startswith(f"{path}/") for path in covered)]
    counts, measurement = {"all": Things(len(units))}, ChromebooksOutside(chromebooks=len(units), outside=len(outside))
    if not outside:
        return Finding(UNITS, Status.PASS, _INSIDE(**counts), measurement=measurement)
    reason = _OUTSIDE(short=Things(len(outside)), **counts, which=", ".join(sorted(set(outside))))
    return Finding(UNITS, Status.FAIL, reason, measurement=measurement)
