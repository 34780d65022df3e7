import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr, ValidationError

from app.main import create_app
from app.settings import Settings


def test_health_needs_no_key(client: TestClient) -> None:
    response = client.get("/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("key", [None, b"wrong", b"caf\xe9"])
def test_every_write_needs_the_api_key(client: TestClient, key: bytes | None) -> None:
    headers = {} if key is None else {b"X-API-Key": key}
    paths = client.get("/openapi.json").json()["paths"]
    writes = [(method, path) for path in paths for method in paths[path] if method != "get"]

    for method, path in writes:
        response = client.request(method, re.sub(r"{\w+}", "1", path), headers=headers)

        assert response.status_code == 401, (method, path)
        assert response.json()["error"]["code"] == "invalid_api_key"


def test_framework_errors_have_the_error_shape(
    client: TestClient, refused: Callable[..., tuple[int, str]]
) -> None:
    assert refused("GET", "/nowhere") == (404, "not_found")
    assert refused("PUT", "/health") == (405, "method_not_allowed")
    assert client.put("/health").headers["allow"] == "GET"


def test_invalid_body_names_each_wrong_field(
    client: TestClient, auth_headers: dict[str, str]
) -> None:
    body = {"name": " ", "price": "-1", "category_id": 1, "colour": "red"}

    response = client.post("/products", json=body, headers=auth_headers)

    assert response.status_code == 422
    error = response.json()["error"]
    assert error["code"] == "validation_error"
    for field in ("body.sku", "body.name", "body.price", "body.colour"):
        assert field in error["message"]


@pytest.mark.parametrize(
    "path", [f"/products/{2**63}", "/orders/0", "/products?limit=0", "/orders?limit=101"]
)
def test_ids_and_pages_have_bounds(refused: Callable[..., tuple[int, str]], path: str) -> None:
    assert refused("GET", path) == (422, "validation_error")


def test_unexpected_failure_hides_its_details() -> None:
    app = create_app(Settings(api_key=SecretStr("long-enough"), database_url="sqlite://"))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret")

    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/broken")

    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_error"
    assert "a secret" not in response.text


def test_openapi_knows_the_version_and_the_error_shape(
    client: TestClient, pytestconfig: pytest.Config
) -> None:
    project = tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text())
    document = client.get("/openapi.json").json()

    assert document["info"]["version"] == project["project"]["version"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_settings_come_from_the_environment_and_a_key_is_required(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, auth_headers: dict[str, str]
) -> None:
    monkeypatch.delenv("STOCKROOM_API_KEY", raising=False)
    monkeypatch.setenv("STOCKROOM_DATABASE_URL", f"sqlite:///{tmp_path / 'shop.db'}")
    with pytest.raises(ValidationError, match="api_key"):
        create_app()

    monkeypatch.setenv("STOCKROOM_API_KEY", auth_headers["X-API-Key"])
    with TestClient(create_app()) as client:
        client.post("/categories", json={"name": "Tools"}, headers=auth_headers)
    with TestClient(create_app()) as client:
        assert client.get("/categories").json()["total"] == 1
