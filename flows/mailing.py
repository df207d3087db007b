"""Notifications by e-mail, through any SMTP server: a notification block that Prefect lacks.

Our server knows the block because it imports this module; ``offer`` shows its form in the UI.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Literal

from prefect.blocks.abstract import NotificationBlock, NotificationError
from prefect.client.orchestration import PrefectClient
from pydantic import Field, SecretStr


class SmtpEmail(NotificationBlock):
    """Sends notifications as plain text through a mail server (SMTP)."""

    _block_type_name = "SMTP Email"
    _block_type_slug = "smtp-email"
    _description = "Sends notifications as e-mail through a mail server (SMTP)."

    host: str = Field(description="The mail server's name or address.")
    port: int = Field(default=587, ge=1, le=65535, description="587 STARTTLS, 465 TLS, 25 none.")
    encryption: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection is encrypted."
    )
    user: str = Field(default="", description="User of the mail server; empty: no log-in.")
    password: SecretStr = Field(default=SecretStr(""), description="The user's password.")
    sender: str = Field(description="Address that the mail comes from.")
    receivers: list[str] = Field(min_length=1, description="Addresses that it goes to.")
    timeout_s: float = Field(default=30.0, gt=0, description="Longest wait for the server.")

    async def notify(self, body: str, subject: str | None = None) -> None:
        """Send a mail; raises NotificationError if the server takes it for no receiver."""
        try:
            await asyncio.to_thread(self._send, self._letter(body, subject or ""))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            told = f"{self.host}:{self.port}: {error}"
            self.logger.error("no mail could be sent: %s", told)
            if self._raise_on_failure:
                raise NotificationError(log=told) from error

    def _letter(self, body: str, subject: str) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = self.sender
        letter["To"] = ", ".join(self.receivers)
        letter["Subject"] = " ".join(subject.split())  # one line: nothing becomes a header
        letter["Date"] = formatdate()
        letter["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(body)
        return letter

    def _send(self, letter: EmailMessage) -> None:
        trusted = ssl.create_default_context()
        server: smtplib.SMTP
        if self.encryption == "tls":
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=trusted)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        with server:
            if self.encryption == "starttls":
                server.starttls(context=trusted)
            if self.user:
                server.login(self.user, self.password.get_secret_value())
            refused = server.send_message(letter)
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)


async def offer(client: PrefectClient) -> None:
    """Show the block among those that the server's UI can make."""
    await SmtpEmail.register_type_and_schema(client=client)
