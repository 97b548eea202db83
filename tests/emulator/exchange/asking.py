"""The Exchange service for tests: cmdlets in, rows or refusals out."""

from dataclasses import dataclass
from typing import Any, cast

import requests

from tests.emulated import Tenant


@dataclass(frozen=True)
class Exchange:
    """The Exchange service of a tenant, used by one application."""

    tenant: Tenant
    application: str = "writer"

    @property
    def path(self) -> str:
        return f"/adminapi/beta/{self.tenant.tenant_id}"

    def send(self, body: object, path: str = "/InvokeCommand", **headers: str) -> requests.Response:
        return self.tenant.exchange(f"{self.path}{path}", application=self.application, body=body, **headers)

    def run(self, cmdlet: str, **parameters: object) -> requests.Response:
        return self.send({"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}})

    def rows(self, cmdlet: str, **parameters: object) -> list[dict[str, Any]]:
        answer = self.run(cmdlet, **parameters)
        assert answer.ok, answer.text
        return cast("list[dict[str, Any]]", answer.json()["value"])

    def one(self, cmdlet: str, **parameters: object) -> dict[str, Any]:
        (row,) = self.rows(cmdlet, **parameters)
        return row

    def refused(self, cmdlet: str, **parameters: object) -> str:
        """Run a cmdlet that must be refused with 400, and return the text of the refusal."""
        answer = self.run(cmdlet, **parameters)
        assert answer.status_code == 400, f"{answer.status_code} {answer.text}"
        return words(answer)

    def rule(self, name: str, **parameters: object) -> dict[str, Any]:
        """Create a transport rule, which by default stops the processing of further rules."""
        return self.one("New-TransportRule", **{"Name": name, "StopRuleProcessing": True, **parameters})

    def order(self) -> list[str]:
        return [row["Name"] for row in self.rows("Get-TransportRule")]


def words(answer: requests.Response) -> str:
    """Return the text of an error from the property in which Exchange clients look for it."""
    error = answer.json()["error"]
    inner = error.get("innererror", {}).get("internalexception", {}).get("message", "was thrown")
    if "was thrown" not in inner:
        return str(inner)
    details = error.get("details")
    return str(details[0]["message"].rpartition("|")[2] if details else error["message"])
