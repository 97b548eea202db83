"""Lists the recipients of a school's data: the hosts, DNS servers, mailboxes and services that toolkit contacts."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from toolkit.controls.replies import OutOfOffice
from toolkit.controls.sender_authentication import Authentication
from toolkit.playbook.entries import ControlEntry, Playbooks
from toolkit.records import dataclass
from toolkit.school.notices import ALIVE, Channel
from toolkit.sdk.dns import VARIABLE
from toolkit.sdk.providers import cloud_titles

_NAMES = (
    "DOMAIN (TXT and MX)",
    "_dmarc.DOMAIN",
    "_mta-sts.DOMAIN",
    "_smtp._tls.DOMAIN",
    "the names of the DKIM keys below _domainkey.DOMAIN",
    "mta-sts.DOMAIN",
    "the names that the SPF record includes",
)
"""The names that `mail.authentication` looks up for each mail domain."""

_CHECKS_DNS = "toolkit check, policy, audit export and look"
_JOBS = "toolkit drift --notify, due --notify and notify test"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient of data, the data, and the commands that send the data."""

    name: str
    data: str
    commands: str


def recipients_of(playbooks: Playbooks, entries: Sequence[ControlEntry]) -> Iterator[Recipient]:
    """Yield everyone to whom toolkit sends data for a school. `entries` are the controls in use."""
    school, titles = playbooks.school, cloud_titles()
    for cloud in school.tenants:
        hosts = ", ".join(_host_text(host) for host in cloud_hosts()[cloud])
        yield Recipient(
            f"{titles[cloud]}: {hosts}",
            "requests for settings and accounts, changes of settings, and the sign-in of toolkit's own account",
            "every command that reads or changes the tenants",
        )
    if any(isinstance(entry.settings, Authentication) for entry in entries):
        yield from _dns_recipients()
    for channel in school.notices.channels if school.notices else ():
        yield Recipient(
            _channel_text(channel, titles),
            "settings, rules and groups that differ, with dates and commands to run. No one is named as author. The "
            "name of a mailbox, group or rule can contain a person's name",
            _JOBS,
        )
    if school.alive:
        yield Recipient(
            f"the service at the URL in {ALIVE.variable}",
            "a call without content. {job} in the URL becomes the name of the job",
            _JOBS,
        )
    if school.report_readers:
        names = " and ".join(channel.to for channel in school.report_readers)
        yield Recipient(
            f"{names}, by mail through {titles[school.report_readers[0].provider]}",
            "a report for governors",
            "toolkit audit export --mail and report release --mail",
        )
    if any(isinstance(entry.settings, OutOfOffice) and entry.settings.act == "remind" for entry in entries):
        yield Recipient(
            "staff without an automatic reply, by mail through the school's tenant",
            "a reminder with the dates of their own absence",
            "toolkit apply and due",
        )
    yield Recipient(
        "the database in TOOLKIT_LEDGER, if the school sets it", "the ledger", "every command that writes the ledger"
    )


@cache
def cloud_hosts() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the hosts that toolkit contacts, by cloud."""
    from ruamel.yaml import YAML

    text = files(__package__ or "toolkit.dpo").joinpath("hosts.yaml").read_text(encoding="utf-8")
    hosts: Mapping[str, Sequence[Mapping[str, Any]]] = YAML(typ="safe", pure=True).load(text)
    return hosts


def _host_text(host: Mapping[str, Any]) -> str:
    below = " and hosts below it" if host.get("below") else ""
    only = f", only with {host['by']}" if host.get("by") else ""
    return f"{host['host']}{below} ({host['for']}{only})"


def _dns_recipients() -> Iterator[Recipient]:
    commands = f"{_CHECKS_DNS}. plan, apply, drift and due only while a domain does not sign with DKIM yet"
    yield Recipient(
        f"the DNS servers of this computer, or the servers in {VARIABLE}",
        f"for each mail domain: {', '.join(_NAMES)}. No name of a person",
        commands,
    )
    yield Recipient(
        "the web server mta-sts.DOMAIN of each mail domain",
        "a request for the file mta-sts.txt, without any other content",
        _CHECKS_DNS,
    )


def _channel_text(channel: Channel, titles: Mapping[str, str]) -> str:
    if channel.by_mail:
        return (
            f"{channel.to}, by mail from {channel.sender} through {titles[channel.provider]} (channel {channel.name})"
        )
    return f"the service at the URL in {channel.variable} (channel {channel.name})"
