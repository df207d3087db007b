"""Goods as two firms write them: one item, worded, coded and measured by buyer and by supplier.

Written without a look at how matching compares texts, so that its figures mean something: parts in
another order, abbreviations, slips of the pen, words left out or added, now and then another
language; codes of the supplier, of the buyer, or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from synth.dice import Dice

CENT = Decimal("0.01")

_NOUNS = {
    "hardware": "hex bolt|Sechskantschraube;wood screw|Holzschraube;flat washer|Unterlegscheibe;"
    "hex nut|Sechskantmutter;threaded rod|Gewindestange;wall plug|Dübel;hinge|Scharnier;"
    "angle bracket|Winkel;cable tie|Kabelbinder;rivet|Niete",
    "office": "copy paper|Kopierpapier;ballpoint pen|Kugelschreiber;ring binder|Ordner;"
    "sticky notes|Haftnotizen;envelope|Briefumschlag;toner cartridge|Tonerkartusche;"
    "desk lamp|Schreibtischlampe;stapler|Heftgerät;whiteboard marker|Boardmarker;"
    "index divider|Register",
    "electrical": "installation cable|Mantelleitung;junction box|Abzweigdose;circuit breaker|"
    "Leitungsschutzschalter;LED panel|LED-Panel;socket outlet|Steckdose;cable gland|"
    "Kabelverschraubung;conduit|Leerrohr;terminal block|Reihenklemme;motion sensor|"
    "Bewegungsmelder;power supply|Netzteil",
    "plumbing": "ball valve|Kugelhahn;copper pipe|Kupferrohr;pipe elbow|Rohrbogen;"
    "press fitting|Pressfitting;shut-off valve|Absperrventil;hose|Schlauch;"
    "expansion vessel|Ausdehnungsgefäß;circulation pump|Umwälzpumpe;gasket|Dichtung;"
    "pipe clamp|Rohrschelle",
    "catering": "ground coffee|Kaffee gemahlen;olive oil|Olivenöl;basmati rice|Basmatireis;"
    "mineral water|Mineralwasser;tomato sauce|Tomatensauce;brown sugar|Rohrzucker;"
    "paper napkin|Papierserviette;green tea|Grüner Tee;wheat flour|Weizenmehl;"
    "dark chocolate|Zartbitterschokolade",
    "medical": "nitrile glove|Nitrilhandschuh;face mask|Mundschutz;gauze bandage|Mullbinde;"
    "syringe|Spritze;disinfectant|Desinfektionsmittel;examination couch roll|Ärzterolle;"
    "infusion set|Infusionsbesteck;scalpel|Skalpell;wound dressing|Wundauflage;"
    "cannula|Kanüle",
    "it": "network switch|Netzwerk-Switch;patch cable|Patchkabel;docking station|"
    "Dockingstation;laser printer|Laserdrucker;wireless keyboard|Funktastatur;"
    "monitor arm|Monitorarm;memory module|Arbeitsspeicher;solid state drive|SSD-Laufwerk;"
    "webcam|Webcam;USB hub|USB-Hub",
    "packing": "corrugated box|Wellpappkarton;stretch film|Stretchfolie;adhesive tape|Klebeband;"
    "bubble wrap|Luftpolsterfolie;shipping label|Versandetikett;edge protector|"
    "Kantenschutz;strapping band|Umreifungsband;euro pallet|Europalette;"
    "poly bag|Flachbeutel;void fill paper|Füllpapier",
}
_MATERIALS = (
    "stainless steel|st. steel|SS|Edelstahl;galvanised|galv.|zinc pl.|verzinkt;brass|br.|Messing;"
    "white|wht|weiß;black|blk|schwarz;blue|bl.|blau;heavy duty|HD|h/duty|extra stark;"
    "plastic|plast.|PVC|Kunststoff;organic|bio|org.;premium|prem.|Premium;recycled|recycl.|rec.;standard|std|Std."
)
BRANDS = (
    "Nordwerk",
    "Velta",
    "Kaspar",
    "Tyrell",
    "Ombra",
    "Fenwick",
    "Quarz",
    "Lumex",
    "Brixton",
    "Solano",
    "Metrix",
    "Havel",
    "Orsted",
    "Pinto",
    "Zelos",
    "Arvid",
)
SPECS = (
    "M8 x 30 mm",
    "M6 x 20 mm",
    "M10 x 80 mm",
    "5 x 60 mm",
    "3.5 x 35 mm",
    "A4 80 g",
    "A3 100 g",
    "28 mm",
    "15 mm",
    "1/2 inch",
    "3/4 inch",
    "3 x 1.5 mm",
    "5 x 2.5 mm",
    "16 A",
    "10 A",
    "24 port",
    "48 port",
    "2 m",
    "5 m",
    "0.5 l",
    "1.5 l",
    "500 g",
    "1 kg",
    "250 ml",
    "size M",
    "size L",
    "size XL",
    "10 ml",
    "20 ml",
    "600 x 400 mm",
    "300 x 200 mm",
    "50 mm x 66 m",
    "27 inch",
    "16 GB",
    "32 GB",
    "1 TB",
    "500 GB",
    "230 V",
    "12 V",
    "IP65",
    "type C",
    "RAL 9005",
    "RAL 7016",
)
_SHORT = {
    "adhesive": "adh.", "cable": "cbl", "corrugated": "corr.", "cartridge": "cart.",
    "ground": "grd",
    "installation": "inst.", "stainless": "stainl.", "examination": "exam.", "network": "netw.",
    "bracket": "brkt", "threaded": "thr.", "circuit": "circ.", "envelope": "env.", "paper": "pap.",
    "wireless": "wl", "disinfectant": "disinf.", "valve": "vlv", "pipe": "pp.", "screw": "scr.",
    "module": "mod.", "expansion": "exp.", "mineral": "min.", "drive": "drv", "protector": "prot.",
}  # fmt: skip
_EXTRA = (
    "as per quotation", "acc. to drawing 4-112", "new edition", "loose", "with accessories",
    "Lot 22871", "made in EU", "incl. CE", "origin DE", "former no. 88120", "HS 7318159",
)  # fmt: skip
_RATES = (Decimal(19), Decimal(19), Decimal(19), Decimal(7))
_BASES = {
    "piece": ("pcs", "pc", "each", "EA", "Stk", "St.", "C62", "ea.", "unit"),
    "kg": ("kg", "KGM", "kgs"),
    "m": ("m", "mtr", "MTR"),
    "l": ("l", "ltr", "LTR"),
    "h": ("h", "hrs", "hours", "Std", "HUR"),
}
_BOXES = ("box of {n}", "Karton {n} St.", "{n}er Karton", "ctn/{n}", "case ({n})", "pack of {n}",
          "VE {n}", "PK{n}", "box {n} pcs", "Box à {n}")  # fmt: skip
_BARE = ("box", "ctn", "Karton", "case", "VE", "pack")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is sold; ``price`` is net per base unit, exact cents."""

    noun: str
    material: str
    brand: str
    spec: str
    kind: str
    price: Decimal
    pack: int
    rate: Decimal
    supplier_code: str
    buyer_code: str


@dataclass(frozen=True, slots=True)
class Measured:
    """How a quantity is printed: the unit, and how many base units it is."""

    unit: str
    factor: Decimal


def catalogue(dice: Dice, *, count: int) -> tuple[Item, ...]:
    """Return a supplier's goods, no two of them the same; some differ in one size only."""
    trade = dice.pick(tuple(_NOUNS))
    nouns = dice.sample(_NOUNS[trade].split(";"), 10)
    found: dict[tuple[str, str, str], Item] = {}
    while len(found) < count:
        noun = dice.pick(nouns)
        like = [item for item in found.values() if item.noun == noun]
        old = dice.pick(like) if like and dice.chance(0.4) else None
        material = old.material if old else dice.pick(_MATERIALS.split(";"))
        brand = old.brand if old else dice.pick(BRANDS)
        spec = dice.pick(SPECS)
        kind = dice.choices(("piece", "kg", "m", "l"), (84, 6, 6, 4))[0]
        price = Decimal(int(10 ** (dice.random() * 4 + 1))) / 100
        key = (noun, material, spec)
        found.setdefault(
            key,
            Item(
                noun,
                material,
                brand,
                spec,
                kind,
                price,
                dice.pick((6, 10, 12, 12, 20, 24, 25, 50, 100)),
                dice.pick(_RATES),
                dice.shape(dice.pick(("AA-9999", "999999", "A99-999", "9999.99", "XX9999X"))),
                dice.shape(dice.pick(("99999", "M999999", "9-9999"))),
            ),
        )
    return tuple(found.values())


def worded(dice: Dice, item: Item, *, buyer: bool) -> str:
    """Return the item in the words of one side."""
    english, _, german = item.noun.partition("|")
    foreign = dice.chance(0.03)
    noun = german if foreign and german else english
    material = dice.pick(item.material.split("|")) if not buyer else item.material.split("|")[0]
    parts = [_shortened(dice, noun) if not buyer and dice.chance(0.35) else noun]
    if dice.chance(0.85):
        parts.append(material)
    if dice.chance(0.93):
        parts.append(_sized(dice, item.spec))
    if dice.chance(0.6 if buyer else 0.7):
        parts.append(item.brand)
    if dice.chance(0.35):
        dice.shuffle(parts)
    text = dice.pick((" ", " ", ", ", " - ")).join(parts)
    if dice.chance(0.15):
        text += " " + dice.pick(_EXTRA)
    text = " ".join(_slip(dice, word) for word in text.split())
    return text.upper() if not buyer and dice.chance(0.3) else text


def _sized(dice: Dice, spec: str) -> str:
    match dice.randint(0, 3):
        case 0:
            return spec.replace(" x ", "x").replace(" mm", "mm").replace(" g", "g")
        case 1:
            return spec.replace(" x ", " × ").replace(".", ",")
        case 2:
            return spec.replace(" mm", "")
    return spec


def _shortened(dice: Dice, noun: str) -> str:
    return " ".join(
        _SHORT.get(word, word[: dice.randint(3, 5)] + "." if len(word) > 6 else word)
        for word in noun.split()
    )


def _slip(dice: Dice, word: str) -> str:
    if len(word) < 5 or not word.isalpha() or not dice.chance(0.05):
        return word
    place = dice.randint(1, len(word) - 2)
    match dice.randint(0, 2):
        case 0:
            return word[:place] + word[place + 1 :]
        case 1:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + word[place] + word[place:]


def habit(dice: Dice) -> str:
    """Return whose codes a deal's papers print: the supplier's, each its own, one side's, none."""
    return dice.choices(("same", "own", "one", "none"), (48, 12, 22, 18))[0]


def coded(dice: Dice, item: Item, way: str) -> tuple[str, str]:
    """Return the codes on the order and on the supplier's papers; now and then one is missing."""
    if dice.chance(0.1):
        return "", dice.pick(("", item.supplier_code))
    match way:
        case "same":
            loose = item.supplier_code.replace("-", dice.pick(("-", " ", "", ".")))
            return item.supplier_code, loose
        case "own":
            return item.buyer_code, item.supplier_code
        case "one":
            return ("", item.supplier_code) if dice.chance(0.6) else (item.buyer_code, "")
    return "", ""


def measured(dice: Dice, item: Item) -> Measured:
    """Return the plain unit of an item in some spelling."""
    return Measured(dice.pick(_BASES[item.kind]), Decimal(1))


def packed(dice: Dice, item: Item, quantity: Decimal, *, priced: bool) -> Measured | None:
    """Return another unit for a quantity that it divides evenly, None where there is none.

    Only where a price stands beside it may a package go without its size: from an order without
    it nobody could tell what a delivery of single pieces is.
    """
    if item.kind == "kg" and quantity >= 50:
        return Measured(dice.pick(("t", "to", "TNE")), Decimal(1000))
    if item.kind != "piece":
        return None
    if quantity % item.pack == 0:
        bare = priced and dice.chance(0.25)
        unit = dice.pick(_BARE) if bare else dice.pick(_BOXES).format(n=item.pack)
        return Measured(unit, Decimal(item.pack))
    return Measured(dice.pick(("dz", "dozen")), Decimal(12)) if quantity % 12 == 0 else None
