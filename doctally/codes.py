"""The stable codes of findings: how much each matters, what it means, what a person can do.

The one table from which findings take their severity and docs/findings.md its rows. Codes never
change their meaning; a code that is no longer given is removed, never used again. Readers add
codes of their own for what they notice in a file (``doctally.pages.Notice``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from doctally.results import Finding, Severity


@dataclass(frozen=True, slots=True)
class Code:
    """A code's severity, meaning and advice, each in one sentence."""

    severity: Severity
    meaning: str
    advice: str


_INFO, _REVIEW, _REJECT = Severity.INFO, Severity.REVIEW, Severity.REJECT

CODES: Mapping[str, Code] = {
    "schema_invalid": Code(
        _REJECT,
        "A value is not in the normal form of its field, or there is no such field.",
        "Correct the value; nothing can be booked from it as it is.",
    ),
    "field_not_of_type": Code(
        _INFO,
        "The document carries values that its type has no field for; they are not stored in it.",
        "Nothing, unless the document type is wrong.",
    ),
    "route_uncertain": Code(
        _REVIEW,
        "The document type is not certain enough.",
        "Confirm or change the document type.",
    ),
    "low_confidence": Code(
        _REVIEW,
        "Header values are less certain than `accept_confidence`.",
        "Compare the named fields with the page.",
    ),
    "required_missing": Code(
        _REVIEW,
        "A value that the type needs to be booked was not found.",
        "Fill in the named fields, or change the document type.",
    ),
    "total_missing": Code(
        _REVIEW,
        "No total, net total or amount due was found.",
        "Fill in the total.",
    ),
    "totals_mismatch": Code(
        _REVIEW,
        "Net and tax (with shipping and discount) do not give the gross total.",
        "Compare the three totals with the page.",
    ),
    "lines_mismatch": Code(
        _REVIEW,
        "The line amounts do not add up to the net or gross total.",
        "Look for lines that are missing, or subtotals taken for lines.",
    ),
    "charges_not_listed": Code(
        _INFO,
        "A structured document's net total (XML, EDI) holds charges beside its lines, or a "
        "receipt's total up to 15 % of service.",
        "Nothing; the surplus is a charge that doctally has no field for.",
    ),
    "line_amount_mismatch": Code(
        _REVIEW,
        "Quantity times price less discount is not the line's amount.",
        "Compare the named lines with the page.",
    ),
    "amount_due_mismatch": Code(
        _REVIEW,
        "The amount due is not the gross total less what is paid.",
        "Compare total, payment and amount due with the page.",
    ),
    "negative_total": Code(
        _REVIEW,
        "An invoice, receipt or order has a negative total.",
        "It is probably a credit note: change the type, or correct the sign.",
    ),
    "due_before_issue": Code(
        _REVIEW,
        "The due date is before the date of the document.",
        "Compare both dates with the page.",
    ),
    "date_in_future": Code(
        _REVIEW,
        "The document or event is dated after tomorrow.",
        "Compare the date with the page (day and month exchanged?).",
    ),
    "date_long_ago": Code(
        _REVIEW,
        "The document is dated more than ten years ago.",
        "Compare the year with the page.",
    ),
    "service_period_reversed": Code(
        _REVIEW,
        "The service period ends before it starts.",
        "Compare both dates with the page.",
    ),
    "delivery_before_order": Code(
        _REVIEW,
        "Delivery or service lies long before the order.",
        "Compare the dates with the page.",
    ),
    "delivery_before_shipment": Code(
        _REVIEW,
        "The goods arrive before they are shipped.",
        "Compare the dates with the page.",
    ),
    "currency_unknown": Code(
        _REVIEW,
        "The currency is no ISO 4217 code.",
        "Choose the currency.",
    ),
    "tax_id_checksum": Code(
        _REVIEW,
        "The tax id has the form of its country but a wrong check digit.",
        "Compare it with the page; if it stands there so, ask the supplier.",
    ),
    "iban_checksum": Code(
        _REVIEW,
        "The IBAN has a wrong length or check digits.",
        "Compare it with the page; do not pay to it before it is right.",
    ),
    "bic_invalid": Code(
        _INFO,
        "The BIC has not the form of ISO 9362.",
        "Compare it with the page; within SEPA the IBAN is enough.",
    ),
    "gtin_checksum": Code(
        _INFO,
        "An item code named or shaped like a GTIN has a wrong check digit.",
        "Compare it with the page if lines are matched by GTIN.",
    ),
    "gln_checksum": Code(
        _INFO,
        "A number named GLN has a wrong check digit.",
        "Compare it with the page.",
    ),
    "sscc_checksum": Code(
        _INFO,
        "A tracking number shaped like an SSCC has a wrong check digit.",
        "Compare it with the page if shipments are matched by SSCC.",
    ),
    "page_differs_from_xml": Code(
        _REVIEW,
        "The page of an e-invoice does not print the number, total or IBAN that its XML carries.",
        "Compare both; do not pay before the sender, reached by a known number, says which holds.",
    ),
    "bank_account_changed": Code(
        _REJECT,
        "A known supplier names a bank account that is not on its record.",
        "Do not pay. Ask the supplier under a number you know; then put the account on its record.",
    ),
    "duplicate_number": Code(
        _REVIEW,
        "Another document has the same supplier, type and number but other content.",
        "Decide which of the two is booked; the other is a copy or a correction.",
    ),
}


def finding(code: str, message: str, *fields: str) -> Finding:
    """Return a finding with the severity of its code; ``fields`` names what it concerns."""
    return Finding(code, CODES[code].severity, message, fields)
