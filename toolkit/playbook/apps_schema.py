"""The form of a file of apps: what may be written, and what each word means."""

from pydantic import BaseModel, ConfigDict, Field

from toolkit.catalogue.form import AppForm, MoreForm
from toolkit.playbook.playbook_schema import Slug


class AppsForm(BaseModel):
    """A file of apps and sites that the school adds to the catalogue."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    apps: Slug = Field(description="A short name, as in more-chat.")
    add: list[AppForm] | None = Field(default=None, description="Apps and sites that the catalogue does not have.")
    extend: list[MoreForm] | None = Field(default=None, description="What apps of the catalogue are made of too.")
