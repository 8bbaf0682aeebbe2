"""Every table, bottom layer first. Django finds them here."""

from fieldstone.server.ledger.models import Entry, Tally, Task
from fieldstone.server.people.models import (
    CalendarFeed,
    ConsortiumMember,
    Membership,
    Organization,
    PrintedCode,
    User,
)

from fieldstone.server.reference.models import (  # isort: skip
    Area,
    CipSoc,
    County,
    CountyArea,
    Element,
    Framework,
    FrameworkItem,
    FrameworkLink,
    Institution,
    InstitutionFlag,
    Occupation,
    PlacePage,
    Projection,
    Rating,
    Release,
    RemoteWork,
    SearchText,
    TaskStatement,
    TechnologySkill,
    Wage,
)
from fieldstone.server.connections.models import App, Code, Connection, Token  # isort: skip
from fieldstone.server.catalog.models import MicroCredential, Program, Version  # isort: skip
from fieldstone.server.evidence.models import Answer, Artifact, Blob, Enrollment, KeptCopy, Submission  # isort: skip
from fieldstone.server.calibration.models import Calibration, Exemplar, ExemplarScore  # isort: skip
from fieldstone.server.workplace.models import (  # isort: skip
    FeedbackForm,
    FormVersion,
    HoursEntry,
    Placement,
    SupervisorLink,
    SupervisorReview,
)
from fieldstone.server.assessment.models import Appeal, Conflict, Phrase, Review, Score, Seat  # isort: skip
from fieldstone.server.awards.models import (  # isort: skip
    Award,
    Copy,
    HostedAssertion,
    SignedDocument,
    SignedRecord,
    SigningKey,
    StatusList,
    StatusSlot,
)
from fieldstone.server.backpack.models import Batch, BatchRow, Brought, BroughtFile, Pickup  # isort: skip
from fieldstone.server.wallets.models import Exchange, Reply, Request, Shown  # isort: skip
from fieldstone.server.delivery.models import (  # isort: skip
    SpentNonce,
    WalletDelivery,
    WalletGrant,
    WalletOffer,
    WalletRequest,
    WalletToken,
)
from fieldstone.server.pathways.models import (  # isort: skip
    Aim,
    Nearness,
    Nudge,
    Pursuit,
    Region,
    Stack,
    StackComponent,
    StackVersion,
    Survey,
)
from fieldstone.server.recognition.models import Claim, Promise  # isort: skip
from fieldstone.server.study.models import Cohort, CohortMember  # isort: skip

__all__ = [
    "Aim", "Answer", "App", "Appeal", "Area", "Artifact", "Award", "Batch", "BatchRow", "Blob", "Brought",
    "BroughtFile", "CalendarFeed", "Calibration", "CipSoc", "Claim", "Code", "Cohort", "CohortMember", "Conflict",
    "Connection", "ConsortiumMember", "Copy", "County", "CountyArea", "Element", "Enrollment", "Entry", "Exchange",
    "Exemplar", "ExemplarScore", "FeedbackForm", "FormVersion", "Framework", "FrameworkItem", "FrameworkLink",
    "HostedAssertion", "HoursEntry", "Institution", "InstitutionFlag", "KeptCopy", "Membership", "MicroCredential",
    "Nearness", "Nudge", "Occupation", "Organization", "Phrase", "Pickup", "PlacePage", "Placement", "PrintedCode",
    "Program", "Projection", "Promise", "Pursuit", "Rating", "Region", "Release", "RemoteWork", "Reply", "Request",
    "Review", "Score", "SearchText", "Seat", "Shown", "SignedDocument", "SignedRecord", "SigningKey", "SpentNonce",
    "Stack", "StackComponent", "StackVersion", "StatusList", "StatusSlot", "Submission", "SupervisorLink",
    "SupervisorReview", "Survey", "Tally", "Task", "TaskStatement", "TechnologySkill", "Token", "User", "Version",
    "Wage", "WalletDelivery", "WalletGrant", "WalletOffer", "WalletRequest", "WalletToken",
]  # fmt: skip
