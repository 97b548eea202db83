"""What outside benchmarks look for is met on the emulated tenants by the playbooks of tests/samples/benchmarks."""

import tomllib
from collections import Counter
from pathlib import Path

from tests.contract.benchmark_ids import BENCHMARKS, CONSOLE, MET, NEW_TENANT, SAMPLE, Scan, bind, ids
from tests.door import SAMPLES, Door
from tests.facts.tables import read_rows
from tests.schools import few_people

pytestmark = few_people

CONSOLE_SETTINGS = (
    Path(__file__).parents[2] / "connectors/google_workspace/kinds/policy_setting" / "console_settings.toml"
)
OF_DATA = (
    "data.dlp", "data.encrypt_mail", "data.external_sharing", "data.app_consent", "data.audit_log", "alerts.security"
)  # fmt: skip
PACKS = Path(__file__).parents[2] / "toolkit" / "starter"


def _met(door: Door) -> frozenset[str]:
    scan = Scan(door.tenant)
    return frozenset(names for names, is_met in MET.items() if is_met(scan))


def test_the_benchmarks_are_met_and_a_second_apply_finds_nothing_to_do(bare_door: Door) -> None:
    """Read the tenants as a scanner would, before and after: what the playbooks meet was not met in the new tenant."""
    bind(bare_door)
    before = _met(bare_door)

    first, again = bare_door.toolkit("apply", "--yes"), bare_door.toolkit("apply", "--yes", "--json")
    drift, checked = bare_door.toolkit("drift"), bare_door.toolkit("check", "--only", "mail.authentication")

    assert (first.exit, again.exit, drift.exit, checked.exit) == (0, 0, 0, 0), first.out + first.err
    assert again.json["changes"] == []
    assert before == NEW_TENANT
    assert _met(bare_door) == frozenset(MET)


def test_the_sample_meets_more_than_a_new_tenant_and_loses_nothing_of_it(applied_door: Door) -> None:
    assert _met(applied_door) >= NEW_TENANT | SAMPLE


def test_each_id_is_met_or_has_a_reason_and_what_the_console_holds_is_read() -> None:
    table = tomllib.loads((CONSOLE_SETTINGS).read_text())

    assert [one for one, times in Counter(ids()).items() if times > 1] == []
    assert sorted(set(CONSOLE) - set(table)) == []


def test_the_table_has_each_id_of_the_controls_of_mail_and_data() -> None:
    benchmarks = {row["control"]: row["benchmarks"] for row in read_rows("policy_controls")}
    served = {name: cell for name, cell in benchmarks.items() if name.startswith("mail.") or name in OF_DATA}
    published = {benchmark for cell in served.values() for benchmark in cell.split("; ") if benchmark}

    assert set(OF_DATA) <= served.keys()
    assert len(published) > 100
    assert sorted(published - set(ids())) == []


def test_no_folder_of_the_product_holds_the_benchmarks() -> None:
    """`apply playbooks/` reads every folder below it, and no starter pack may bring them to a school."""
    titles = [path.read_text().partition("title:")[2].partition("\n")[0] for path in BENCHMARKS.glob("[1-9]*.yaml")]
    product = "".join(path.read_text() for root in (SAMPLES, PACKS) for path in root.rglob("*.yaml"))

    assert len(titles) == 4
    assert not [title for title in titles if title in product]
