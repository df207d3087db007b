"""Regions: language, country, money, taxes and formats that belong together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """A country as a market: how its papers write dates, numbers, phones and addresses."""

    code: str
    language: str
    country: str
    country_name: str
    locale: str
    currency: str
    signs: tuple[str, ...]
    taxes: tuple[str, ...]
    dates: tuple[str, ...]
    numbers: tuple[str, ...]
    address: tuple[str, ...]
    phones: tuple[str, ...]
    forms: tuple[str, ...]
    letter: bool = False
    weight: float = 1.0


_EN_GB = ("dd/mm/yyyy", "dd/mm/yy", "d MMMM yyyy", "dd-MMM-yyyy", "dd MMM yyyy", "d MMM yy",
          "dd.mm.yyyy", "yyyy-mm-dd", "dd-mm-yyyy", "MMMM d, yyyy", "d/m/yyyy", "dth MMMM yyyy")
_EN_US = ("mm/dd/yyyy", "mm/dd/yy", "MMMM d, yyyy", "MMM d, yyyy", "m/d/yyyy", "m/d/yy",
          "mm-dd-yyyy", "yyyy-mm-dd", "dd-MMM-yy", "MMM dd, yyyy", "dd-MMM-yyyy", "MM/dd/yyyy")
_DE = ("dd.mm.yyyy", "dd.mm.yyyy", "dd.mm.yyyy", "d.m.yyyy", "dd.mm.yy", "d. MMMM yyyy",
       "dd. MMMM yyyy", "yyyy-mm-dd", "dd/mm/yyyy", "d. MMM yyyy")
_FR = ("dd/mm/yyyy", "dd/mm/yyyy", "d MMMM yyyy", "dd/mm/yy", "dd.mm.yyyy", "dd-mm-yyyy",
       "yyyy-mm-dd", "d MMM yyyy")
_ES = ("dd/mm/yyyy", "dd/mm/yyyy", "dd-mm-yyyy", "d de MMMM de yyyy", "dd/mm/yy", "dd.mm.yyyy",
       "yyyy-mm-dd", "d MMM yyyy")
_NL = ("dd-mm-yyyy", "dd-mm-yyyy", "d MMMM yyyy", "dd/mm/yyyy", "d-m-yyyy", "dd-mm-yy",
       "dd.mm.yyyy", "yyyy-mm-dd")
_PL = ("dd.mm.yyyy", "yyyy-mm-dd", "dd-mm-yyyy", "d MMMM yyyy", "dd/mm/yyyy",
       "yyyy.mm.dd")
_DOT = ("1,234.50", "1,234.50", "1,234.50", "1234.50")
_COMMA = ("1.234,50", "1.234,50", "1.234,50", "1234,50", "1 234,50")
_SPACE = ("1 234,50", "1 234,50", "1234,50", "1.234,50")

REGIONS = (
    Region("US", "en", "US", "USA", "en_US", "USD", ("$", "US$", "USD"), ("0", "6.25", "7", "8.25", "8.875", "5.5"),
           _EN_US, _DOT, ("{street}", "{city}, {state} {zip}"),
           ("(999) 899-9999", "899-899-9999", "(899) 899-9999", "1-899-899-9999", "899.899.9999"),
           ("Inc.", "LLC", "Corp.", "Co.", "Inc", "Company", "Group", "& Sons", "L.L.C.", "Corporation"),
           letter=True, weight=24),
    Region("GB", "en", "GB", "United Kingdom", "en_GB", "GBP", ("£", "£", "GBP"), ("20", "20", "5", "0"),
           _EN_GB, _DOT, ("{street}", "{city}", "{zip}"),
           ("01899 899999", "020 8999 9999", "+44 1899 899999", "0800 899 999", "+44 (0)20 8999 9999"),
           ("Ltd", "Limited", "Ltd.", "PLC", "LLP", "& Co. Ltd", "(UK) Ltd", "& Sons Ltd"), weight=10),
    Region("AU", "en", "AU", "Australia", "en_AU", "AUD", ("$", "$", "AUD", "A$"), ("10",),
           _EN_GB, _DOT, ("{street}", "{city} {state} {zip}"),
           ("(02) 8999 9999", "1300 899 999", "04 8999 9999", "+61 3 8999 9999"),
           ("Pty Ltd", "Pty. Ltd.", "Pty Limited", "Australia Pty Ltd"), weight=3),
    Region("MY", "en", "MY", "Malaysia", "ms", "MYR", ("RM", "RM", "MYR"), ("6", "6", "0", "8"),
           ("dd/mm/yyyy", "dd-mm-yyyy", "dd/mm/yy", "d/m/yyyy", "dd MMM yyyy", "dd-MMM-yyyy", "yyyy-mm-dd", "dd-mm-yy", "dd.mm.yyyy"),
           _DOT, ("{street}", "{zip} {city}", "{state}"),
           ("03-8999 9999", "03-89999999", "07-899 9999", "+603-8999 9999", "012-899 9999", "04-899 9999"),
           ("Sdn Bhd", "SDN BHD", "Sdn. Bhd.", "(M) Sdn Bhd", "Enterprise", "Trading", "& Co", "S/B"), weight=6),
    Region("CA", "en", "CA", "Canada", "en_CA", "CAD", ("$", "CAD", "C$"), ("5", "13", "15"),
           _EN_US, _DOT, ("{street}", "{city}, {state} {zip}"),
           ("(899) 899-9999", "1-800-899-9999", "899-899-9999"),
           ("Inc.", "Ltd.", "Limited", "Corp."), letter=True, weight=2),
    Region("SG", "en", "SG", "Singapore", "en_SG", "SGD", ("S$", "$", "SGD"), ("7", "8", "9"),
           _EN_GB, _DOT, ("{street}", "Singapore {zip}"),
           ("+65 6899 9999", "6899 9999", "(65) 6899 9999"), ("Pte Ltd", "Pte. Ltd.", "LLP"), weight=1.5),
    Region("IE", "en", "IE", "Ireland", "en_IE", "EUR", ("€", "€", "EUR"), ("23", "13.5", "0"),
           _EN_GB, _DOT, ("{street}", "{city}", "Co. {state}"),
           ("+353 1 899 9999", "01 899 9999"), ("Ltd", "Limited", "DAC", "Teoranta"), weight=1.5),
    Region("DE", "de", "DE", "Deutschland", "de_DE", "EUR", ("€", "EUR", "€"), ("19", "19", "7", "16"),
           _DE, _COMMA, ("{street}", "{zip} {city}"),
           ("0899 / 899999", "+49 899 8999999", "0899-899999", "089/8999999", "+49 (0) 899 / 89 99 99", "0899 8999999"),
           ("GmbH", "GmbH & Co. KG", "AG", "e.K.", "KG", "UG (haftungsbeschränkt)", "OHG", "GbR", "SE", "Handels GmbH"), weight=16),
    Region("AT", "de", "AT", "Österreich", "de_AT", "EUR", ("€", "EUR"), ("20", "20", "10"),
           _DE, _COMMA, ("{street}", "{zip} {city}"),
           ("+43 1 899 99 99", "0899/89 99 99", "+43 (0)899 89999"),
           ("GmbH", "Ges.m.b.H.", "KG", "AG", "e.U."), weight=2),
    Region("CH", "de", "CH", "Schweiz", "de_CH", "CHF", ("CHF", "Fr.", "CHF"), ("7.7", "8.1", "2.5"),
           _DE, ("1'234.50", "1'234.50", "1234.50", "1’234.50"), ("{street}", "{zip} {city}"),
           ("+41 44 899 99 99", "044 899 99 99", "041 899 99 99"),
           ("AG", "GmbH", "& Co.", "SA"), weight=2.5),
    Region("FR", "fr", "FR", "France", "fr_FR", "EUR", ("€", "€", "EUR"), ("20", "20", "10", "5.5"),
           _FR, _SPACE, ("{street}", "{zip} {city}"),
           ("01 89 99 99 99", "+33 1 89 99 99 99", "04.89.99.99.99", "09 89 99 99 99"),
           ("SARL", "SAS", "SA", "EURL", "SASU", "SNC", "et Fils", "S.A.R.L."), weight=9),
    Region("BE", "fr", "BE", "Belgique", "fr_BE", "EUR", ("€", "EUR"), ("21", "6"),
           _FR, _COMMA, ("{street}", "{zip} {city}"),
           ("+32 2 899 99 99", "02/899.99.99"), ("SPRL", "SA", "SRL", "NV"), weight=1),
    Region("ES", "es", "ES", "España", "es_ES", "EUR", ("€", "€", "EUR"), ("21", "21", "10"),
           _ES, _COMMA, ("{street}", "{zip} {city}"),
           ("899 999 999", "+34 899 99 99 99", "91 899 99 99"),
           ("S.L.", "S.A.", "SL", "S.L.U.", "S.Coop."), weight=6),
    Region("IT", "it", "IT", "Italia", "it_IT", "EUR", ("€", "€", "EUR"), ("22", "22", "10", "4"),
           _ES[:3] + ("d MMMM yyyy", "dd/mm/yy", "dd.mm.yyyy"), _COMMA, ("{street}", "{zip} {city} ({state})"),
           ("02 8999 9999", "+39 02 899999", "0899/899999"),
           ("S.r.l.", "S.p.A.", "SRL", "S.n.c.", "S.a.s.", "& C."), weight=6),
    Region("NL", "nl", "NL", "Nederland", "nl_NL", "EUR", ("€", "€", "EUR"), ("21", "21", "9"),
           _NL, _COMMA, ("{street}", "{zip} {city}"),
           ("020-8999999", "+31 20 899 99 99", "0899 - 89 99 99"),
           ("B.V.", "BV", "V.O.F.", "N.V.", "& Zn."), weight=6),
    Region("PL", "pl", "PL", "Polska", "pl_PL", "PLN", ("zł", "PLN", "zł"), ("23", "23", "8", "5"),
           _PL, _SPACE, ("ul. {street}", "{zip} {city}"),
           ("22 899 99 99", "+48 899 999 999", "(12) 899-99-99", "899-999-999"),
           ("Sp. z o.o.", "sp. z o.o.", "S.A.", "Sp. j.", "sp. k.", "s.c."), weight=5),
    Region("PT", "pt", "PT", "Portugal", "pt_PT", "EUR", ("€", "EUR"), ("23", "23", "13", "6"),
           _ES, _COMMA, ("{street}", "{zip} {city}"),
           ("+351 218 999 999", "289 999 999"), ("Lda.", "Lda", "S.A.", "Unipessoal Lda."), weight=2.5),
    Region("BR", "pt", "BR", "Brasil", "pt_BR", "BRL", ("R$", "R$", "BRL"), ("18", "12", "0"),
           _ES, _COMMA, ("{street}", "{city} - {state}", "CEP {zip}"),
           ("(11) 8999-9999", "+55 21 8999-9999"), ("Ltda.", "S.A.", "ME", "Ltda"), weight=2),
)
