"""Hand-over as UBL 2.1: accepted invoices, credit notes and orders as XML for other systems.

Plain UBL, without the rules of a profile (EN 16931, Peppol): what a document does not tell, such
as the tax category, is not made up. ``extractors.ubl`` reads the same values back.
"""

from __future__ import annotations

from doctally.ubl.write import as_ubl

__all__ = ["as_ubl"]
