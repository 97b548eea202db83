"""Refusals that a test asks for by the service's own code."""

import pytest

from tests.emulated import Tenant


@pytest.mark.parametrize(("fault", "status"), [("rejected", 412), ("rejected_after", 409)])
def test_graph_refuses_with_the_code_that_was_asked_for(tenant: Tenant, fault: str, status: int) -> None:
    tenant.fault(fault, "GET /users*", status=status, reason="Directory_ConcurrencyViolation", seconds=2)

    answer = tenant.graph("/v1.0/users")

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == "Directory_ConcurrencyViolation"
    assert answer.headers["Retry-After"] == "2"


def test_exchange_refuses_with_the_code_that_was_asked_for(tenant: Tenant) -> None:
    tenant.fault("rejected", "Get-Mailbox", status=400, reason="BadRequest")
    body = {"CmdletInput": {"CmdletName": "Get-Mailbox", "Parameters": {}}}

    answer = tenant.exchange(f"/adminapi/beta/{tenant.tenant_id}/InvokeCommand", body=body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_entra_refuses_with_the_error_that_was_asked_for(tenant: Tenant) -> None:
    tenant.fault("rejected", "POST /{tenant}/oauth2/v2.0/token", status=400, reason="interaction_required")

    answer = tenant.sign_in({"grant_type": "client_credentials", **tenant.applications["reader"]})

    assert (answer.status_code, answer.json()["error"]) == (400, "interaction_required")
