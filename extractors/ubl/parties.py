"""The parties of a UBL document: names, addresses, numbers."""

from __future__ import annotations

from collections.abc import Callable

from extractors.tree import Node


def supplier(root: Node, *roles: str) -> dict[str, str]:
    """Return the supplier's values, from the first of the roles that is there."""
    return _first(root, roles, _supplier)


def customer(root: Node, *roles: str) -> dict[str, str]:
    """Return the customer's values, from the first of the roles that is there."""
    return _first(root, roles, _customer)


def _first(
    root: Node, roles: tuple[str, ...], read: Callable[[Node], dict[str, str]]
) -> dict[str, str]:
    """Return the first party that is named; what it lacks from later ones of the same name."""
    values: dict[str, str] = {}
    for role in roles:
        for owner in root.each(role):
            found = {name: value for name, value in read(owner).items() if value}
            named = [n for n in values.keys() & found.keys() if n.endswith("_name")]
            if all(values[name] == found[name] for name in named):
                values = {**found, **values}
    return values


def _supplier(owner: Node) -> dict[str, str]:
    party = next(owner.each("Party"), owner)
    return {
        "supplier_name": name_of(party),  # BT-27
        "supplier_address": address_of(party, "PostalAddress"),
        "supplier_tax_id": party.get("PartyTaxScheme/CompanyID"),  # BT-31
        "supplier_registration_id": party.get("PartyLegalEntity/CompanyID"),  # BT-30
        "supplier_email": party.get("Contact/ElectronicMail"),  # BT-43
        "supplier_phone": party.get("Contact/Telephone"),  # BT-42
    }


def _customer(owner: Node) -> dict[str, str]:
    party = next(owner.each("Party"), owner)
    return {
        "customer_name": name_of(party),  # BT-44
        "customer_address": address_of(party, "PostalAddress"),
        "customer_tax_id": party.get("PartyTaxScheme/CompanyID"),  # BT-48
        "customer_number": owner.get("SupplierAssignedAccountID")
        or party.get("PartyIdentification/ID"),  # BT-46
    }


def name_of(party: Node) -> str:
    """Return the registered name, or else the trading name or the person's."""
    person = "Person/"
    names = (person + "FirstName", person + "FamilyName")
    return party.get(
        "PartyLegalEntity/RegistrationName", "PartyName/Name", "RegistrationName"
    ) or " ".join(part for part in (party.get(name) for name in names) if part)


def address_of(owner: Node, *paths: str) -> str:
    """Return street and town of the first address at one of the paths, without the country."""
    for path in paths:
        for place in owner.each(path):
            street = " ".join(
                part for part in (place.get("StreetName"), place.get("BuildingNumber")) if part
            )
            town = " ".join(
                part for part in (place.get("PostalZone"), place.get("CityName")) if part
            )
            lines = [street, place.get("AdditionalStreetName"), place.get("AddressLine/Line"), town]
            if found := ", ".join(line for line in lines if line):
                return found
    return ""
