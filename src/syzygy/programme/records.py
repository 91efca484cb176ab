"""The records of a programme file: frozen, every field typed, unknown fields refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

FIELDS = ("exploration", "materials", "satellites", "sensing", "debris")
FORMAT = "syzygy-programme/1"


def _refuse_repeats(names: list[str]) -> list[str]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PydanticCustomError(
            "repeated", "each name once, not twice: {names}", {"names": ", ".join(twice)}
        )
    return names


Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
Identifiers = Annotated[list[Identifier], AfterValidator(_refuse_repeats)]
Words = Annotated[str, Field(pattern=r"\S", max_length=2000)]
Title = Annotated[str, Field(pattern=r"\S", max_length=200)]
Address = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)]
FieldName = Literal["exploration", "materials", "satellites", "sensing", "debris"]
ContributionKind = Literal["facility", "data", "flight-hardware", "launch", "people", "software"]
Protection = Literal["open", "controlled", "restricted"]


class Record(BaseModel):
    """A frozen record that refuses unknown fields and silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Partner(Record):
    """One organisation of the programme."""

    id: Identifier
    name: Title
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    note: str = ""


class Section(Record):
    """One section of the agreement, mapped to one of the five fields of work."""

    id: Identifier
    title: Title
    field: FieldName


class Contribution(Record):
    """What one partner gives in kind, valued in the agreed barter unit.

    `to` names who benefits; empty means the other partners of the project in equal parts.
    """

    id: Identifier
    partner: Identifier
    kind: ContributionKind
    what: Words
    value: Annotated[int, Field(gt=0, le=1_000_000_000)]
    due: date
    to: Identifiers = []


class Access(Record):
    """A right of one partner to use intellectual property of another, `until` included.

    For ``implementation`` it may be used in projects of the programme, for ``exploitation`` outside them;
    neither includes the other.
    """

    partner: Identifier
    purpose: Literal["implementation", "exploitation"]
    granted: date
    until: date | None = None


class IntellectualProperty(Record):
    """Background (brought in) or foreground (made here), with owner shares that add up to one."""

    id: Identifier
    title: Title
    kind: Literal["background", "foreground"]
    owners: dict[str, Annotated[float, Field(gt=0, le=1)]]
    access: list[Access] = []


class Determination(Record):
    """The responsible officer's written decision that lets products of a restricted project leave."""

    officer: Title
    decided: date
    clause: Title


class Milestone(Record):
    """A dated event of a project."""

    title: Title
    due: date


class Project(Record):
    """One joint project: period, lead, contributions, rights, protection class and release ceiling.

    `release_to` is the ceiling: a study of this project may release to these partners at most.
    """

    id: Identifier
    title: Title
    section: Identifier
    lead: Identifier
    partners: Annotated[Identifiers, Field(min_length=1)]
    start: date
    end: date
    purpose: Words
    deliverables: Annotated[list[Title], Field(min_length=1)]
    depends_on: Identifiers = []
    needs_ip: Identifiers = []
    protection: Protection
    release_to: Identifiers = []
    determination: Determination | None = None
    milestones: list[Milestone] = []
    contribution: list[Contribution] = []
    ip: list[IntellectualProperty] = []


class Investment(Record):
    """A line of one partner's own plan, disclosed so that double investment can be found."""

    id: Identifier
    partner: Identifier
    section: Identifier
    title: Title
    purpose: Words
    deliverables: Annotated[list[Title], Field(min_length=1)]
    start: date
    end: date
    value: Annotated[int, Field(gt=0, le=1_000_000_000)]


class Study(Record):
    """A computation of the programme: its kind, owner, release rule and request.

    `release_to` defaults to nobody: the products stay with the owner.
    """

    id: Identifier
    kind: str
    title: Title
    project: Identifier
    owner: Identifier
    release_to: Identifiers = []
    request: dict[str, Any] = {}


class Fact(Record):
    """A public fact that the programme is modelled on, with its source."""

    what: Words
    when: Title
    source: Address


class Overview(Record):
    """Title, period and rules of the programme."""

    id: Identifier
    title: Title
    start: date
    end: date
    barter_unit: Title
    max_imbalance: Annotated[float, Field(ge=0, le=1)] = 0.1
    overlap_threshold: Annotated[float, Field(gt=0, lt=1)] = 0.35
    note: str = ""


class AlmanacChoice(Record):
    """What the programme fixes of the Almanac; the rest comes from the installed data sets.

    `space_weather` is a path relative to the programme file; `predictions` admits predicted Earth
    orientation and space weather, and labels the answers that use them.
    """

    space_weather: str = ""
    predictions: bool = False


class Programme(Record):
    """A whole programme file."""

    format: Literal["syzygy-programme/1"]
    programme: Overview
    almanac: AlmanacChoice = AlmanacChoice()
    partner: Annotated[list[Partner], Field(min_length=2)]
    section: Annotated[list[Section], Field(min_length=1)]
    project: Annotated[list[Project], Field(min_length=1)]
    investment: list[Investment] = []
    study: list[Study] = []
    fact: list[Fact] = []

    @property
    def partner_ids(self) -> tuple[str, ...]:
        """The partners in the order of the file."""
        return tuple(partner.id for partner in self.partner)

    def project_by_id(self, identifier: str) -> Project:
        """Return a project; the plan check has made sure that it exists."""
        return next(project for project in self.project if project.id == identifier)

    def section_by_id(self, identifier: str) -> Section:
        """Return a section; the plan check has made sure that it exists."""
        return next(section for section in self.section if section.id == identifier)
