"""Scans a tenant with ScubaGoggles in the scanner's own Python, and prints one JSON object.

The scanner decides which data it reads, with which requests, and how it judges the responses. Only its OPA is replaced
by regorus.
"""

import json
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import regorus  # type: ignore[import-not-found]
import scubagoggles  # type: ignore[import-not-found]
from dns.nameserver import Do53Nameserver
from scubagoggles.orchestrator import Orchestrator  # type: ignore[import-not-found]
from scubagoggles.provider import Provider  # type: ignore[import-not-found]
from scubagoggles.reporter.md_parser import MarkdownParser  # type: ignore[import-not-found]
from scubagoggles.reporter.reporter import Reporter  # type: ignore[import-not-found]
from scubagoggles.scuba_constants import OAUTH_SCOPES  # type: ignore[import-not-found]

_HOME = Path(scubagoggles.__file__).parent
_BASELINES = Orchestrator.gws_products()["gws_baselines"]
_EXPIRED = {"token": "", "expiry": "2001-01-01T00:00:00Z"}


def _read_tenant(directory: Path) -> dict[str, Any]:
    """Read the tenant as an administrator who has signed in before, with the DNS server in the variable DNS."""
    client = json.loads(os.environ["CLIENT"])
    (directory / "credentials.json").write_text("{}")
    (directory / "token.json").write_text(json.dumps({**client, **_EXPIRED, "scopes": list(OAUTH_SCOPES)}))
    host, _, port = os.environ["DNS"].rpartition(":")
    servers = [Do53Nameserver(host, int(port))]
    with Provider("my_customer", directory / "credentials.json", dns_resolvers=servers, skip_doh=True) as provider:
        provided: dict[str, Any] = provider.call_gws_providers(list(_BASELINES), True)
    parser = MarkdownParser(_HOME / "baselines")
    parser.parse_baselines(set(_BASELINES))
    versions = {"baseline_suffix": parser.default_version, "baseline_versions": parser.policy_version_map}
    return {**provided, **versions, "break_glass_accounts": [], "imap_exclusions": [], "sites_exclusions": []}


def _judge(product: str, provided: str) -> list[dict[str, Any]]:
    engine = regorus.Engine()
    for name in ("Utils", product.capitalize()):
        engine.add_policy(name, _with_full_names((_HOME / "rego" / f"{name}.rego").read_text()))
    engine.set_input_json(provided)
    rows: list[dict[str, Any]] = json.loads(engine.eval_rule_as_json(f"data.{product}.tests"))
    return rows


def _with_full_names(rego: str) -> str:
    """Return rules with the full names of imported functions, because regorus does not look them up."""
    functions = re.findall(r"^import data\.utils\.(\w+)$", rego, re.MULTILINE)
    text = re.sub(r"^import data\..*\n", "", rego, flags=re.MULTILINE)
    for function in functions:
        text = re.sub(rf"(?<![\w.]){function}(?=\()", f"data.utils.{function}", text)
    return re.sub(r"(?<![\w.])utils\.", "data.utils.", text)


def main() -> None:
    """Print the verdict on each id, and by unit the apps in which a rule stops personal data."""
    provided = _read_tenant(Path(sys.argv[1]))
    calls = ("successful_calls", "unsuccessful_calls", "missing_policies")
    reporter = SimpleNamespace(**{f"_{name}": set(provided[name]) for name in calls})
    written = json.dumps(provided)
    rows = [row for product in _BASELINES for row in _judge(product, written)]
    verdicts = {
        row["PolicyId"]: "Error" if Reporter._get_failed_prereqs(reporter, row) else Reporter._get_test_result(row)
        for row in rows
    }
    stopped = {unit: policies["dlp_pii"] for unit, policies in provided["policies"].items() if "dlp_pii" in policies}
    sys.stdout.write(json.dumps({"verdicts": verdicts, "stopped": stopped}))


if __name__ == "__main__":
    main()
