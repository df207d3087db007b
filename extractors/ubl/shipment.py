"""Goods on their way or received: despatch advice, receipt advice, waybill, bill of lading."""

from __future__ import annotations

from doctally.pages import Record
from extractors.forms import day, kept, quantity
from extractors.tree import Node
from extractors.ubl.lines import shipped_lines
from extractors.ubl.parties import address_of, customer, name_of, supplier

_WAYBILLS = ("Waybill", "BillOfLading")


def read_shipment(root: Node) -> Record:
    """Return the record of a shipment notice.

    The document's own number is ``document_number``, on waybills ``bill_of_lading_number`` too;
    a receipt advice names the delivery note that it answers.
    """
    number = root.get("ID")
    values = {
        "document_number": number,
        "issue_date": day(root.get("IssueDate")),
        "order_number": root.get("OrderReference/ID"),
        "sales_order_number": root.get("OrderReference/SalesOrderID"),
        "contract_number": root.get("ContractDocumentReference/ID"),
        "delivery_note_number": root.get("DespatchDocumentReference/ID"),
        "bill_of_lading_number": number if root.name in _WAYBILLS else "",
        **supplier(root, "SellerSupplierParty", "DespatchSupplierParty", "ConsignorParty"),
        **customer(root, "BuyerCustomerParty", "DeliveryCustomerParty"),
        **_places(root),
        **_transport(root),
    }
    lines = shipped_lines(root)
    if not values["order_number"]:
        orders = {line["order_number"] for line in lines if "order_number" in line}
        values["order_number"] = orders.pop() if len(orders) == 1 else ""
    return Record(
        document_type="shipment_notice",
        fields=kept(values, "shipment_notice"),
        line_items=lines,
        profile=root.get("CustomizationID", "UBLVersionID"),
    )


def _places(root: Node) -> dict[str, str]:
    """Return where the goods leave and where they go."""
    shipment = next(root.each("Shipment"), root)
    despatch = "Delivery/Despatch/"
    consignee = "Consignment/ConsigneeParty"
    ends = {
        "ship_from": ((root, "DespatchSupplierParty/Party"), (root, "ConsignorParty")),
        "ship_to": (
            (shipment, "Delivery/DeliveryParty"),
            (root, "DeliveryCustomerParty/Party"),
            (shipment, consignee),
        ),
    }
    values = {
        "ship_from_address": address_of(
            shipment, despatch + "DespatchAddress", "OriginAddress", despatch + "DespatchLocation"
        ),
        "ship_to_address": address_of(
            shipment, "Delivery/DeliveryAddress", "Delivery/DeliveryLocation/Address"
        ),
    }
    for end, parties in ends.items():
        for owner, path in parties:
            for party in owner.each(path):
                found = {"name": name_of(party), "address": address_of(party, "PostalAddress")}
                for name, value in found.items():
                    if not values.get(f"{end}_{name}"):
                        values[f"{end}_{name}"] = value
    return values


def _transport(root: Node) -> dict[str, str]:
    """Return carrier, dates, weight and count of packages."""
    shipment = next(root.each("Shipment"), root)
    carriers = (
        (root, "CarrierParty"),
        (shipment, "Consignment/CarrierParty"),
        (shipment, "ShipmentStage/CarrierParty"),
        (shipment, "Delivery/CarrierParty"),
    )
    names = (name_of(party) for owner, path in carriers for party in owner.each(path))
    estimated, requested = "Delivery/EstimatedDeliveryPeriod/", "Delivery/RequestedDeliveryPeriod/"
    received = next((line.get("ReceivedDate") for line in root.each("ReceiptLine")), "")
    return {
        "carrier": next((name for name in names if name), ""),
        "tracking_number": shipment.get("Delivery/TrackingID") or root.get("CarrierAssignedID"),
        "ship_date": day(
            shipment.get("Delivery/Despatch/ActualDespatchDate", "ShipmentStage/LoadingDate")
        ),
        "delivery_date": day(shipment.get("Delivery/ActualDeliveryDate") or received),
        "expected_delivery_date": day(
            shipment.get(
                estimated + "EndDate",
                estimated + "StartDate",
                requested + "EndDate",
                requested + "StartDate",
            )
        ),
        "package_count": quantity(shipment.get("TotalTransportHandlingUnitQuantity")),
        "gross_weight": quantity(shipment.get("GrossWeightMeasure")),
    }
