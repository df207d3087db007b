"""A real IMAP server for the tests: Dovecot, ours alone, on a free port, gone with the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from ports import free_port

PASSWORD = "a-secret"
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {where}/run
state_dir = {where}/state
log_path = {where}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{where}/mail/%n
first_valid_uid = 1
first_valid_gid = 0
mail_uid = {uid}
mail_gid = {gid}
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={where}/mail/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class MailServer:
    """A running server; every user has the same password."""

    port: int
    log: Path

    def settings(self, user: str = "accounts") -> dict[str, object]:
        """Return the settings that name this server."""
        return {
            "imap_host": "127.0.0.1",
            "imap_port": self.port,
            "imap_tls": "none",
            "imap_user": user,
            "imap_password": PASSWORD,
        }


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Give a server; skips with the reason where Dovecot is missing, on CI it fails."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        why = "no IMAP server is installed (Debian: apt-get install dovecot-imapd)"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    user = pwd.getpwnam("dovecot") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    where = Path(tempfile.mkdtemp(prefix="dtim"))
    where.chmod(0o755)
    for name in ("run", "state", "mail"):
        (where / name).mkdir()
    if os.getuid() == 0:
        os.chown(where / "mail", user.pw_uid, user.pw_gid)
    port = free_port()
    config = where / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            where=where,
            user=user.pw_name,
            group=subprocess.run(
                ["id", "-gn", user.pw_name], capture_output=True, text=True, check=True
            ).stdout.strip(),
            uid=user.pw_uid,
            gid=user.pw_gid,
            password=PASSWORD,
            port=port,
        )
    )
    server = subprocess.Popen([program, "-F", "-c", config], stderr=subprocess.PIPE)
    try:
        _wait(port, server, where / "log")
        yield MailServer(port, where / "log")
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(where, ignore_errors=True)


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            told = log.read_text() if log.exists() else ""
            raise RuntimeError(f"the mail server ended: {server.stderr.read()!r} {told}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the mail server does not answer")
