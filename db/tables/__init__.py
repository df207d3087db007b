"""Every table; importing this package is what fills ``Base.metadata``."""

from db.tables.base import Base
from db.tables.deliveries import DeliveryRow, DeliveryState
from db.tables.documents import ArrivalRow, DocumentRow, PageRow, TransitionRow
from db.tables.learning import BankVersionRow, CorrectionRow, ExampleRow
from db.tables.partners import MatchRow, SupplierRow
from db.tables.values import FieldValueRow, FindingRow, LineItemRow

__all__ = [
    "ArrivalRow",
    "BankVersionRow",
    "Base",
    "CorrectionRow",
    "DeliveryRow",
    "DeliveryState",
    "DocumentRow",
    "ExampleRow",
    "FieldValueRow",
    "FindingRow",
    "LineItemRow",
    "MatchRow",
    "PageRow",
    "SupplierRow",
    "TransitionRow",
]
