"""An ERP import in one file of plain Python: receives doctally's webhook, books each bill once.

    DOCTALLY_WEBHOOK_SECRET=... python examples/erp_import.py 8765 erp.db

and for doctally DOCTALLY_WEBHOOK_URL=http://127.0.0.1:8765/ DOCTALLY_WEBHOOK_PRIVATE=true with the
same secret. Replace ``book`` by what your system wants. The points that matter: check the
signature over the raw bytes, remember ``webhook-id`` in the transaction that books, answer 200
only afterwards, 400 for what will never fit and 503 for what may fit later.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SKEW_S = 300
TABLES = """
CREATE TABLE IF NOT EXISTS messages (webhook_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS bills (
    id INTEGER PRIMARY KEY, vendor TEXT, number TEXT, issued TEXT, due TEXT,
    currency TEXT, net TEXT, tax TEXT, gross TEXT, purchase_order TEXT, source INTEGER);
CREATE TABLE IF NOT EXISTS bill_lines (
    bill INTEGER REFERENCES bills, line INTEGER, text TEXT, quantity TEXT, price TEXT, net TEXT);
"""


def verified(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Tell whether the message is doctally's and fresh (Standard Webhooks)."""
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > SKEW_S:
        return False
    raw = secret.removeprefix("whsec_")
    key = base64.b64decode(raw) if raw != secret else secret.encode()
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    ours = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(f"v1,{ours}", one) for one in given)


def book(erp: sqlite3.Connection, message: dict) -> None:
    """Book an invoice as a bill; other documents are only noted."""
    found = message["data"]
    if found["document_type"] != "invoice":
        return
    value = {name: cell["value"] for name, cell in found["fields"].items()}
    names = ("supplier_name", "document_number", "issue_date", "due_date", "currency")
    names += ("total_net", "total_tax", "total_gross", "order_number")
    row = erp.execute(
        "INSERT INTO bills (vendor, number, issued, due, currency, net, tax, gross,"
        " purchase_order, source) VALUES (?,?,?,?,?,?,?,?,?,?)",
        [*(value.get(name) for name in names), found["document_id"]],
    )
    for line, cells in enumerate(found["line_items"], start=1):
        parts = (cells.get(n, {}).get("value") for n in LINE)
        erp.execute("INSERT INTO bill_lines VALUES (?,?,?,?,?,?)", [row.lastrowid, line, *parts])


LINE = ("description", "quantity", "unit_price", "amount_net")


class Receiver(BaseHTTPRequestHandler):
    """Answers doctally's posts."""

    secret = ""
    database = ""

    def do_POST(self) -> None:
        """Check, book once, answer."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not verified(headers, body, self.secret):
            return self._answer(401, "signature or time is wrong")
        erp = sqlite3.connect(self.database)
        try:
            with erp:  # one transaction: booked and remembered, or neither
                known = "INSERT OR IGNORE INTO messages VALUES (?)"
                if erp.execute(known, [headers["webhook-id"]]).rowcount:
                    book(erp, json.loads(body))
        except sqlite3.OperationalError as error:
            return self._answer(503, str(error))
        except (KeyError, ValueError, sqlite3.Error) as error:
            return self._answer(400, f"cannot be booked: {error}")
        finally:
            erp.close()
        return self._answer(200, "booked")

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("content-type", "text/plain")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, form: str, *given: object) -> None:
        """Keep the terminal for what matters."""


def serve(port: int, database: str, secret: str) -> ThreadingHTTPServer:
    """Return a server that is ready to ``serve_forever``; port 0 takes a free one."""
    with sqlite3.connect(database) as erp:
        erp.executescript(TABLES)
    handler = type("Bound", (Receiver,), {"secret": secret, "database": database})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


if __name__ == "__main__":
    server = serve(int(sys.argv[1]), sys.argv[2], os.environ["DOCTALLY_WEBHOOK_SECRET"])
    print(f"listening on http://127.0.0.1:{server.server_port}/")
    server.serve_forever()
