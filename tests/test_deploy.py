"""What is in deploy/ fits the program: settings, packages, and no more rights than needed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from doctally.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
KUBERNETES = list(yaml.safe_load_all((DEPLOY / "kubernetes/doctally.yaml").read_text()))
MODEL = list(yaml.safe_load_all((DEPLOY / "kubernetes/model.yaml").read_text()))
COMPOSE = yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text())


def pods() -> Iterator[Any]:
    every = (*KUBERNETES, *MODEL)
    yield from (o["spec"]["template"]["spec"] for o in every if o["kind"] == "Deployment")


def test_every_variable_is_a_setting() -> None:
    known = {f"DOCTALLY_{name.upper()}" for name in Settings.model_fields}
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    named = {n for path in files for n in re.findall(r"\bDOCTALLY_[A-Z_]+", path.read_text())}
    assert len(named) >= 4
    assert {name.removesuffix("_FILE") for name in named} - known == set()


def test_the_image_holds_every_package() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = told["tool"]["setuptools"]["packages"]["find"]["include"]
    copied = (DEPLOY / "docker/Dockerfile").read_text()
    let_in = (DEPLOY / "docker/Dockerfile.dockerignore").read_text().split()
    for name in (one.removesuffix("*") for one in packages):
        assert f"COPY {name} {name}" in copied
        assert f"!{name}" in let_in


def test_nothing_in_a_container_may_more_than_it_needs() -> None:
    assert re.search(r"^USER 10001$", (DEPLOY / "docker/Dockerfile").read_text(), re.MULTILINE)
    found = list(pods())
    assert len(found) == 3
    for pod in found:
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert rights["readOnlyRootFilesystem"] and not rights["allowPrivilegeEscalation"]
            assert container["resources"]["limits"]["memory"]
    for name in ("runner", "review", "model"):
        service = COMPOSE["services"][name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", sorted(COMPOSE["services"]))
def test_compose_opens_no_port_beyond_the_machine(name: str) -> None:
    ports = COMPOSE["services"][name].get("ports", [])
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_model_server_needs_a_token_and_cannot_write_to_the_home() -> None:
    service = COMPOSE["services"]["model"]
    assert service["profiles"] and "ports" not in service
    assert service["volumes"] == ["home:/home/doctally/workspace:ro"]
    assert "model-token" in service["secrets"]
    [pod] = [o["spec"]["template"]["spec"] for o in MODEL if o["kind"] == "Deployment"]
    [container] = pod["containers"]
    assert {"DOCTALLY_MODEL_TOKEN_FILE"} <= {one["name"] for one in container["env"]}
    assert next(m for m in container["volumeMounts"] if m["name"] == "home")["readOnly"]
    assert [one["kind"] for one in MODEL] == ["Deployment", "Service", "NetworkPolicy"]


def test_no_secret_stands_in_a_manifest() -> None:
    [secret] = [one for one in KUBERNETES if one["kind"] == "Secret"]
    assert not re.search(r"://[^/@]*:[^@]+@", secret["stringData"]["database-url"])
    text = (DEPLOY / "docker/compose.yaml").read_text()
    assert not re.search(r"PASSWORD:", text)
