"""Types of settings of configurations that several controls may ask for: of two wishes the stricter counts."""

from typing import Annotated, TypeAlias

from pydantic import Field

from toolkit.sdk.form import NUMBER
from toolkit.sdk.spec import Join, Setting

LengthAtLeast: TypeAlias = Annotated[int | None, Field(ge=4, le=16), Setting(NUMBER, join=Join.HIGHEST)]
AppleLengthAtLeast: TypeAlias = Annotated[int | None, Field(ge=4, le=14), Setting(NUMBER, join=Join.HIGHEST)]
SortsOfCharacters: TypeAlias = Annotated[int | None, Field(ge=1, le=4), Setting(NUMBER, join=Join.HIGHEST)]
CharactersAtLeast: TypeAlias = Annotated[int | None, Field(ge=1, le=16), Setting(NUMBER, join=Join.HIGHEST)]
RememberedAtLeast: TypeAlias = Annotated[int | None, Field(ge=1, le=24), Setting(NUMBER, join=Join.HIGHEST)]
MinutesAtMost: TypeAlias = Annotated[int | None, Field(ge=1), Setting(NUMBER, join=Join.LOWEST)]
DaysAtMost: TypeAlias = Annotated[int | None, Field(ge=1, le=730), Setting(NUMBER, join=Join.LOWEST)]
DaysOfAYearAtMost: TypeAlias = Annotated[int | None, Field(ge=1, le=365), Setting(NUMBER, join=Join.LOWEST)]
