"""The way to Security & Compliance: its region is found when it is needed, once, and trusted only as a region."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant
from tests.microsoft365.connected import DOMAIN, connect
from toolkit.errors import BadAnswer, Conflict, Refused, ServiceError, Unavailable, WriteInReadOnlyRun
from toolkit.values import Body

BANNER = "GET EXOBanner"
GET, SET = "Get-RetentionCompliancePolicy", "Set-RetentionCompliancePolicy"
SEEDED = "Staff mail 7 years"


def _names(connection: Microsoft365) -> list[str]:
    return [str(row["Name"]) for row in connection.compliance.get(GET)]


def test_nothing_is_asked_before_it_is_used(connection: Microsoft365, tenant: Tenant) -> None:
    assert (connection.requests(), tenant.requests()) == (0, [])


def test_the_region_is_asked_for_once(connection: Microsoft365, tenant: Tenant) -> None:
    assert [_names(connection), _names(connection)] == [[SEEDED], [SEEDED]]
    assert tenant.operations() == [DOMAIN, BANNER, GET, GET]
    assert connection.requests() == 4


def test_threads_that_need_it_at_once_ask_for_the_region_once(connection: Microsoft365, tenant: Tenant) -> None:
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda _: _names(connection), range(4)))

    assert seen == [[SEEDED]] * 4
    assert tenant.operations().count(BANNER) == 1


def test_a_region_that_is_shown_as_another_host_is_understood(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.put("compliance.region", "region", {"host": "eur01b.admin.protection.outlook.com:446"})

    assert _names(connection) == [SEEDED]


@pytest.mark.parametrize(
    "host",
    ["login.example", "ps.compliance.protection.outlook.com", "eur01b.ps.compliance.protection.outlook.com.example"],
    ids=["elsewhere", "no region", "a look-alike of a region"],
)
def test_no_token_is_sent_where_the_redirect_leads_unless_that_is_a_region(
    connection: Microsoft365, tenant: Tenant, host: str
) -> None:
    tenant.put("compliance.region", "region", {"host": host})

    with pytest.raises(BadAnswer, match="is not the address of a region of Security & Compliance"):
        _names(connection)

    assert tenant.operations() == [DOMAIN, BANNER]


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "dropped", "expired_token"])
def test_what_fails_in_passing_is_asked_again(connection: Microsoft365, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, BANNER, **({"seconds": 0.05} if fault == "throttled" else {}))

    assert _names(connection) == [SEEDED]


@pytest.mark.parametrize(
    ("operation", "role"), [(BANNER, "Global Reader"), (GET, "Global Reader"), (SET, "Compliance Administrator")]
)
def test_a_refusal_names_the_role_that_is_missing(
    connection: Microsoft365, tenant: Tenant, operation: str, role: str
) -> None:
    tenant.fault("refused", operation)

    with pytest.raises(Refused, match=f"needs {role} .* and Exchange.ManageAsApp"):
        connection.compliance.change(SET, {"Identity": _names(connection)[0], "Comment": "changed"})


def test_a_region_that_nobody_tells_leaves_everything_unknown(tenant: Tenant) -> None:
    tenant.fault("unavailable", BANNER, times=1000)
    connection = connect(tenant, variables={"TOOLKIT_PATIENCE": "0.2"})

    with pytest.raises(Unavailable, match="EXOBanner"):
        _names(connection)

    connection.close()


def test_a_region_is_asked_for_again_after_it_could_not_be_found(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("refused", BANNER)

    with pytest.raises(Refused):
        _names(connection)

    assert _names(connection) == [SEEDED]


def test_an_app_of_exchange_and_security_is_told_what_it_lacks(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.grant("writer", directory_roles=["Exchange Administrator", "Security Reader"])

    with pytest.raises(Refused, match="Global Reader"):
        _names(connection)


def test_a_run_that_reads_sends_no_write(reading: Microsoft365, tenant: Tenant) -> None:
    with pytest.raises(WriteInReadOnlyRun):
        reading.compliance.change(SET, {"Identity": SEEDED, "Enabled": False})

    assert SET not in tenant.operations()


def test_the_identity_that_only_reads_may_read(reading: Microsoft365) -> None:
    assert _names(reading) == [SEEDED]


@pytest.mark.parametrize(
    ("cmdlet", "sent", "said"),
    [
        (SET, {"Identity": SEEDED, "AddExchangeLocation": "head@example-primary.example"}, "All can't be combined"),
        (SET, {"Identity": SEEDED, "Bogus": 1}, "Bogus"),
        (SET, {"Identity": "Nobody's", "Enabled": True}, "Nobody's"),
        ("New-ComplianceTag", {"Name": "x"}, "the service does not offer this cmdlet"),
    ],
)
def test_what_the_service_says_no_to_comes_in_its_own_words(
    connection: Microsoft365, cmdlet: str, sent: Body, said: str
) -> None:
    with pytest.raises(ServiceError, match=said):
        connection.compliance.change(cmdlet, sent)


def test_a_name_that_is_taken_is_a_conflict(connection: Microsoft365) -> None:
    again: Body = {"Name": SEEDED, "ExchangeLocation": "All"}

    with pytest.raises(Conflict, match="already a compliance policy"):
        connection.compliance.create("New-RetentionCompliancePolicy", again, lambda: None)
