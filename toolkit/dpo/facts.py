"""Collects the facts for a data protection pack: controls in use, permissions, and the data that toolkit may read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from toolkit.controls.control import controls
from toolkit.controls.replies import OutOfOffice
from toolkit.controls.sender_authentication import Authentication
from toolkit.dpo.recipients import Recipient, recipients_of
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.engine.doctor.required_permissions import NeededPermissions, work_out_permissions
from toolkit.holds.register import FILE
from toolkit.planning.expand import expand
from toolkit.planning.needs import PermissionReason
from toolkit.playbook.entries import ControlEntry, Playbooks
from toolkit.records import dataclass
from toolkit.sdk.connector import Identity
from toolkit.sdk.part import Level
from toolkit.sdk.permission import Permission
from toolkit.sdk.providers import cloud_titles
from toolkit.sdk.resource import Mode, Origin

_SCOPES = "https://www.googleapis.com/auth/"
_NO_WORDS: Mapping[str, Any] = {
    "can": "see the vendor's page, because toolkit has no description",
    "cannot": "not known",
    "stolen": "not known",
    "data": (),
}


_BY_COMMAND = {"data.hold": "toolkit hold", "data.ediscovery": "toolkit hold", "device.lost_wipe": "toolkit device"}
"""The command that makes a control's changes, for controls that a run never changes."""


@dataclass(frozen=True, slots=True)
class PermissionWords:
    """A permission of an identity in plain words, with the controls and commands that need the permission."""

    cloud: str
    identity: Identity
    name: str
    narrower: str
    can: str
    cannot: str
    stolen: str
    data: Sequence[str]
    needed_by: tuple[str, ...]
    writes: bool


@dataclass(frozen=True, slots=True)
class ControlInUse:
    """A control in the playbooks, with its audience and whether toolkit writes settings for the control."""

    name: str
    title: str
    audience: str
    writes: bool
    origin: str

    @property
    def may(self) -> str:
        """Return a text that says whether toolkit only reads or also writes for the control."""
        command = _BY_COMMAND.get(self.name)
        acts = "read and write" if self.writes else "read"
        return f"{acts}, and write with {command}" if command else acts


@dataclass(frozen=True, slots=True)
class TrustFacts:
    """The schools of a trust, and the tenants that several of them share."""

    schools: tuple[str, ...]  # their names
    shared_tenants: tuple[str, ...]  # each tenant with its cloud and the names of its schools
    shares_google: bool  # several schools share a Google customer


@dataclass(frozen=True, slots=True)
class DpoFacts:
    """All facts about a school for its data protection pack."""

    school: str
    domains: tuple[str, ...]
    clouds: tuple[str, ...]
    audiences: tuple[str, ...]
    approvers: tuple[str, ...]
    controls: tuple[ControlInUse, ...]
    permissions: tuple[PermissionWords, ...]
    channels: tuple[str, ...]  # the channels that get notices
    calendars: bool  # whether toolkit reads absences from calendars
    absences: bool  # whether toolkit also reads absences from a file
    holds: bool  # whether there is a register of holds
    watched: bool  # whether a watching service is called after scheduled jobs
    dns: bool  # whether toolkit looks up the mail domains in the DNS
    recipients: tuple[Recipient, ...]  # everyone to whom toolkit sends data
    trust: TrustFacts | None = None  # None for a lone school

    @property
    def data_types(self) -> tuple[str, ...]:
        """Return the types of personal data that the school's permissions let toolkit read, without duplicates."""
        return self.data_types_of(self.clouds)

    def data_types_of(self, clouds: Sequence[str]) -> tuple[str, ...]:
        """Return the types of personal data that the permissions for the given clouds let toolkit read."""
        return tuple(
            sorted({kind for permission in self.permissions if permission.cloud in clouds for kind in permission.data})
        )

    def permissions_by_identity(self) -> Mapping[tuple[str, str], Sequence[PermissionWords]]:
        keys = dict.fromkeys((permission.cloud, str(permission.identity)) for permission in self.permissions)
        return {
            key: [permission for permission in self.permissions if (permission.cloud, str(permission.identity)) == key]
            for key in keys
        }


@cache
def permission_words() -> Mapping[str, Mapping[str, Any]]:
    """Return the description of each permission by name. Google scope names leave out the URL prefix."""
    from ruamel.yaml import YAML

    text = files(__package__ or "toolkit.dpo").joinpath("permission_words.yaml").read_text(encoding="utf-8")
    words: Mapping[str, Mapping[str, Any]] = YAML(typ="safe", pure=True).load(text)
    return words


def facts_of(playbooks: Playbooks) -> DpoFacts:
    """Collect the facts from the playbooks without reading a tenant. Raise PlaybookError for an invalid playbook."""
    school = playbooks.school
    entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls if entry.mode is not Mode.OFF]
    all_controls, settable = controls(), _names_of_writing_controls(playbooks)

    def audience_of(entry: ControlEntry) -> str:
        """Return the audience of a control, which is the same role in each school of a trust."""
        role = entry.settings.audience
        return _audience_text(playbooks.slices.roles.get(role or "", role))

    return DpoFacts(
        school=school.name,
        domains=school.domains,
        clouds=tuple(cloud_titles()[name] for name in school.tenants),
        audiences=tuple(dict.fromkeys(audience_of(written) for written in entries if written.settings.audience)),
        approvers=school.approvers,
        controls=tuple(
            dict.fromkeys(
                ControlInUse(
                    entry.name,
                    all_controls[entry.name].title,
                    audience_of(entry),
                    entry.mode is Mode.ENFORCE and entry.name in settable,
                    _relative_origin(entry.origin, playbooks.root),
                )
                for entry in entries
            )
        ),
        permissions=tuple(_permissions_in_use(playbooks)),
        channels=tuple(channel.name for channel in (school.notices.channels if school.notices else ())),
        calendars=any(isinstance(entry.settings, OutOfOffice) for entry in entries),
        absences=any(isinstance(entry.settings, OutOfOffice) and entry.settings.absences for entry in entries),
        holds=(playbooks.root / FILE).exists(),
        watched=school.alive,
        dns=any(isinstance(entry.settings, Authentication) for entry in entries),
        recipients=tuple(recipients_of(playbooks, entries)),
    )


def _relative_origin(origin: Origin, root: Path) -> str:
    """Return the file and line relative to the playbooks' folder, so that the pack is the same on every computer."""
    path = Path(origin.path)
    return str(replace(origin, path=str(path.relative_to(root))) if path.is_relative_to(root) else origin)


def _names_of_writing_controls(playbooks: Playbooks) -> frozenset[str]:
    """Return the controls for which toolkit writes to a cloud."""
    expansion = expand(playbooks, cloud_catalogues(list(playbooks.school.tenants)), controls())
    return frozenset(
        control.control
        for control in expansion.controls
        if any(part.level is Level.ENFORCED for part in control.realisation.parts)
    )


def _audience_text(role: str | None) -> str:
    return (role or "the whole tenant").replace("_", " ")


def _permissions_in_use(playbooks: Playbooks) -> Iterator[PermissionWords]:
    needs_by_identity = work_out_permissions(playbooks, list(Identity))
    read = {
        (identity_needs.provider, name)
        for identity_needs in needs_by_identity
        if identity_needs.identity is Identity.READ
        for name in identity_needs.permissions
    }
    for needed in needs_by_identity:
        for need in needed.needs:
            yield _to_permission_words(needed, need.permission, _reason_names(need.reasons), read)
        for command, more in needed.command_permissions.items():
            for permission in more:
                yield _to_permission_words(needed, permission, (f"only {command}",), read)


def _reason_names(reasons: Sequence[PermissionReason]) -> tuple[str, ...]:
    """Return the names of the controls in these reasons, without duplicates.

    Controls that share an object share a reason.
    """
    return tuple(dict.fromkeys(name for reason in reasons for name in reason.controls or (reason.what,)))


def _to_permission_words(
    needed: NeededPermissions,
    permission: Permission,
    reasons: tuple[str, ...],
    read: Collection[tuple[str, Permission]],
) -> PermissionWords:
    only_writes = needed.identity is Identity.WRITE and (needed.provider, permission) not in read
    return PermissionWords(
        cloud=cloud_titles()[needed.provider],
        identity=needed.identity or Identity.WRITE,
        name=permission.name,
        narrower=", ".join(part.role for part in permission.instead if part.role != permission.name),
        needed_by=reasons,
        writes=permission.writes or only_writes,
        **permission_words().get(permission.name.removeprefix(_SCOPES), _NO_WORDS),
    )
