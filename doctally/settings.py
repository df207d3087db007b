"""The one settings object, from ``DOCTALLY_*`` variables, ``*_FILE`` secrets and doctally.toml."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from doctally.errors import ConfigurationError


class Settings(BaseSettings):
    """How this installation runs; every value can be set as ``DOCTALLY_<NAME>``."""

    model_config = SettingsConfigDict(
        env_prefix="DOCTALLY_", toml_file="doctally.toml", extra="forbid", frozen=True
    )

    home: Path = Field(Path("workspace"), description="folder of inbox/, processed/, the database")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite under home")
    backbone: str = Field("packaged", description="'packaged', or a Hugging Face name or path")
    bank: Path | None = Field(None, description="prompt bank folder; none: the packaged bank")
    writer: str = Field(
        "plain", description="what writes: 'plain' sentences, the 'packaged' model, a name or path"
    )
    writing: Path | None = Field(
        None, description="folder of the writer's prompts; none: the packaged ones"
    )
    threads: int = Field(0, ge=0, description="model threads; 0: this process's cores, at most 16")
    precision: Literal["float32", "bfloat16", "int8"] = Field(
        "float32", description="of the frozen backbone's numbers: float32, bfloat16 or int8"
    )
    device: str = Field("cpu", description="where the backbone computes: cpu, cuda, cuda:1, ...")
    model_url: str = Field("", description="model server that reads for us; empty: our own model")
    model_token: SecretStr = Field(SecretStr(""), description="its token, on both sides")
    model_host: str = Field("127.0.0.1", description="address `serve-model` binds to")
    model_port: int = Field(4400, ge=1, le=65535, description="port of `serve-model`")
    workers: int = Field(
        1, ge=1, le=64, description="processes of a machine at one home; several need PostgreSQL"
    )
    batch_size: int = Field(32, ge=1, le=1000, description="documents per batch")
    readers: int = Field(0, ge=0, description="reading processes; 0: the machine's cores")
    read_timeout_s: float = Field(300.0, gt=0, description="longest time to read one file")
    max_file_mb: int = Field(100, ge=1, description="larger files are refused")
    max_pages: int = Field(300, ge=1, description="pages read of one document; more are noted")
    max_pixels: int = Field(120_000_000, ge=1, description="larger images are refused")
    reader_memory_mb: int = Field(4000, ge=0, description="memory of a reading process; 0: any")
    max_parts: int = Field(1000, ge=1, description="documents taken out of one file")
    max_unpacked_mb: int = Field(500, ge=1, description="size of all that is taken out of one file")
    max_depth: int = Field(5, ge=1, description="how deep files may lie inside each other")
    split_stacks: bool = Field(True, description="cut PDFs that hold several documents")
    accept_confidence: float = Field(0.7, ge=0, le=1, description="below: the value needs review")
    settle_s: float = Field(2.0, ge=0, description="a file is complete when unchanged this long")
    scan_s: float = Field(15.0, gt=0, description="seconds between scans of the inbox")
    matching: bool = Field(True, description="match orders, deliveries and bills with each other")
    tolerances: Path | None = Field(None, description="file of tolerances; none: the strict ones")
    categories: Path | None = Field(
        None, description="file of spend categories (TOML or CSV); none: the default list"
    )
    keep_failed_days: int = Field(
        0, ge=0, description="failed documents older than this go every night; 0: never"
    )
    keep_days: dict[str, Annotated[int, Field(ge=1)]] = Field(
        {}, description='days to keep ended documents, by type: {"receipt": 3650}; else for ever'
    )
    webhook_url: str = Field("", description="accepted documents are posted there; empty: nowhere")
    webhook_secret: SecretStr = Field(SecretStr(""), description="signs what is posted")
    webhook_private: bool = Field(False, description="the webhook may be inside your network")
    webhook_timeout_s: float = Field(30.0, gt=0, description="longest wait for its answer")
    poll: bool = Field(False, description="watch by polling (network shares)")
    imap_host: str = Field("", description="mail server whose messages are taken; empty: none")
    imap_port: int = Field(993, ge=1, le=65535, description="port of the mail server")
    imap_tls: Literal["tls", "starttls", "none"] = Field(
        "tls", description="its encryption: tls, starttls or none"
    )
    imap_user: str = Field("", description="user of the mailbox")
    imap_password: SecretStr = Field(SecretStr(""), description="its password (use _FILE)")
    imap_folder: str = Field("INBOX", description="folder whose messages are taken")
    imap_done_folder: str = Field("", description="where they are moved to; empty: only flagged")
    mailbox_s: float = Field(120.0, gt=0, description="seconds between looks into the mailbox")
    store_url: str = Field(
        "", description="bucket or folder whose files are taken: s3://bucket/in; empty: none"
    )
    store_done_url: str = Field(
        "", description="where they are moved to; empty: beside it, its name with -taken"
    )
    store_s: float = Field(60.0, gt=0, description="seconds between looks into the store")
    log_format: Literal["text", "json"] = Field(
        "text", description="json: one JSON object a line, with document and run"
    )
    traces_url: str = Field("", description="OpenTelemetry collector (OTLP over HTTP); empty: none")
    host: str = Field("127.0.0.1", description="address the Prefect server binds to")
    port: int = Field(4200, ge=1, le=65535, description="port of the Prefect server and UI")
    review: bool = Field(True, description="`doctally up` serves the review page as well")
    review_host: str = Field("127.0.0.1", description="address the review page binds to")
    review_port: int = Field(4300, ge=1, le=65535, description="port of the review page")
    review_names: str = Field(
        "", description="further host names of the review page, separated by commas"
    )
    review_limit: int = Field(
        50, ge=0, description="a longer review queue is told to Prefect's events; 0: never"
    )
    notify_block: str = Field(
        "", description="Prefect notification blocks told of it: smtp-email/office,slack-webhook/us"
    )
    review_url: str = Field("", description="its address as browsers know it; empty: host and port")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources, strongest first: arguments, environment, TOML file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def review_address(self) -> str:
        """Return the address under which browsers find the review page."""
        local = self.review_host in {"0.0.0.0", "::", ""}  # noqa: S104
        host = "127.0.0.1" if local else self.review_host
        named = f"[{host}]" if ":" in host else host
        return self.review_url.rstrip("/") or f"http://{named}:{self.review_port}"

    @property
    def taught_categories(self) -> Path:
        """Return the file of what people's corrections have taught of spend categories."""
        return self.home / "categories.safetensors"

    @property
    def notify_blocks(self) -> tuple[str, ...]:
        """Return the notification blocks that people are told through."""
        return tuple(filter(None, (one.strip() for one in self.notify_block.split(","))))

    @property
    def url(self) -> str:
        """Return the database URL, by default a SQLite file under ``home``."""
        return self.database_url or f"sqlite:///{(self.home / 'doctally.db').resolve()}"


def load_settings(**overrides: Any) -> Settings:
    """Return the settings; ``DOCTALLY_X_FILE`` gives the value of X from a file (secrets).

    Raises ConfigurationError naming each setting that does not fit.
    """
    secrets: dict[str, Any] = {}
    for name in Settings.model_fields:
        path = os.environ.get(f"DOCTALLY_{name.upper()}_FILE")
        if path:
            try:
                secrets[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigurationError(f"DOCTALLY_{name.upper()}_FILE: {error}") from error
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**{**secrets, **given})
    except ValidationError as error:
        lines = "; ".join(
            f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()
        )
        raise ConfigurationError(f"settings: {lines}") from error
