"""Every table; importing this package is what fills ``Base.metadata``."""

from db.tables.alerts import AlertRow
from db.tables.base import Base
from db.tables.deliveries import DeliveryRow, DeliveryState
from db.tables.documents import ArrivalRow, DocumentRow, PageRow, TransitionRow
from db.tables.events import EventRow
from db.tables.learning import BankVersionRow, CorrectionRow, ExampleRow
from db.tables.matching import (
    MatchFirmRow,
    MatchLinkRow,
    MatchNameRow,
    MatchPaperRow,
    MatchReasonRow,
    MatchWordRow,
    OpenLineRow,
)
from db.tables.partners import MatchRow, SupplierKeyRow, SupplierRow
from db.tables.people import AttemptRow, SessionRow, TokenRow, UserRow
from db.tables.review import AuditRow, DraftRow, HoldRow, RevisionRow
from db.tables.values import FieldValueRow, FindingRow, LineItemRow

__all__ = [
    "AlertRow",
    "ArrivalRow",
    "AttemptRow",
    "AuditRow",
    "BankVersionRow",
    "Base",
    "CorrectionRow",
    "DeliveryRow",
    "DeliveryState",
    "DocumentRow",
    "DraftRow",
    "EventRow",
    "ExampleRow",
    "FieldValueRow",
    "FindingRow",
    "HoldRow",
    "LineItemRow",
    "MatchFirmRow",
    "MatchLinkRow",
    "MatchNameRow",
    "MatchPaperRow",
    "MatchReasonRow",
    "MatchRow",
    "MatchWordRow",
    "OpenLineRow",
    "PageRow",
    "RevisionRow",
    "SessionRow",
    "SupplierKeyRow",
    "SupplierRow",
    "TokenRow",
    "TransitionRow",
    "UserRow",
]
