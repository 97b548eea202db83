"""Write the first files of a trust: trust.yaml with comments, and a folder for the rules of all schools."""

from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML

from toolkit.errors import UsageError
from toolkit.messages import quoted
from toolkit.playbook.files import TRUST_FILE
from toolkit.playbook.playbook_schema import check_one_line
from toolkit.playbook.school_id import new_school_id

_TRUST = """\
# The trust, its tenants and its schools. docs/trust.md explains each key.
trust: {name}
format: 1
id: {id} # in the mark of each object that toolkit creates. Do not change it
tenants:
  main: # one ledger and one set of credentials, on one cloud or both
    microsoft365: {{tenant_id: emulated, domain: trust.example}}
    # google_workspace: {{customer_id: emulated, domain: trust.example}}
    # env: secrets/main.env # a file with the tenant's TOOLKIT_ settings that only its owner can read
base: base/ # the rules for all schools
mode: check # compare and report. enforce: compare and write
protected: {{accounts: []}} # break-glass accounts
decides: # the trust decides every control that is not listed
  school: []
  school_may_tighten: []
schools:
  OAK: # the short name, which --school takes
    name: Oak Primary School
    domains: [oak.example]
    microsoft365: {{everyone: oak-all@trust.example, staff: oak-staff@trust.example, pupils: oak-pupils@trust.example}}
    # google_workspace: {{unit: /Oak}} # and /Oak/Staff, /Oak/Pupils and /Oak/Devices
    # folder: schools/oak # only for a school that differs
  HQ: {{name: Central team, central: true, microsoft365: {{everyone: hq-all@trust.example}}}}
# people: home.csv # the home of each person in two schools: address, school
# waves: [[HQ], [OAK]] # the schools that get a change first, second and so on
"""
_RULES = """\
playbook: rules
title: Rules for every school of the trust
owner: Chief Executive
controls:
  - mail.external_tag: {for: everyone}
"""


def write_trust(directory: Path, name: str) -> Path:
    """Write trust.yaml and the folder `base` into a folder, and return the path of trust.yaml.

    Raise UsageError if the folder has a trust or a school already, or if the name is not one line.
    """
    try:
        check_one_line(name)
    except ValueError as error:
        raise UsageError(f"--trust: {error}") from error
    file, rules = directory / TRUST_FILE, directory / "base" / "10-rules.yaml"
    for path in (file, rules, directory / "playbooks"):
        if path.exists():
            raise UsageError(f"{path} exists, and init never overwrites a file. Choose another folder")
    try:
        rules.parent.mkdir(parents=True, exist_ok=True)
        rules.write_text(_RULES, encoding="utf-8")
        file.write_text(_TRUST.format(name=_quote_name(name), id=new_school_id()), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{quoted(str(directory))} cannot be written: {error.strerror}") from error
    return file


def write_trust_of_schools(directory: Path, name: str, folders: Sequence[Path]) -> tuple[Path, Sequence[Path]]:
    """Write trust.yaml for the schools in some folders, and copy the playbooks that all of them have to `base`.

    Return the path of trust.yaml, and the playbooks that were not copied because they differ or a school lacks them. A
    school that shares a tenant gets a group to fill in, because its file does not name the group of everyone. Raise
    UsageError as `write_trust` does.
    """
    from toolkit.trust.from_schools import read_schools

    found_schools = read_schools(folders)
    file = write_trust(directory, name)
    head = {"trust": name, "format": 1, "id": new_school_id(), "base": "base/", "mode": "check"}
    yaml = YAML()
    yaml.width = 120
    with file.open("w", encoding="utf-8") as opened:
        opened.write("# Check each school. Write the group of everyone in place of each fill-in.\n")
        yaml.dump({**head, **found_schools.keys}, opened)
    if found_schools.shared:
        (directory / "base" / "10-rules.yaml").unlink()
    for path, content in found_schools.shared.items():
        copy = directory / "base" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    return file, found_schools.own_files


def _quote_name(name: str) -> str:
    """Return a name as a YAML text, in quotes so that no character has another meaning."""
    return "'" + name.replace("'", "''") + "'"
