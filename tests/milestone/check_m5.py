"""M5, by behaviour alone: an id for every answer."""

import re

import pytest
from app.db import get_session
from fastapi.testclient import TestClient

MADE = re.compile(r"[0-9a-f]{32}")
HEADER = "X-Request-ID"


def the_id(response):
    values = response.headers.get_list(HEADER)
    assert len(values) == 1, values
    return values[0]


# Every answer carries the header; without one the service makes up 32 lower-case hexadecimal characters.
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/products", 200),
        ("GET", "/categories", 200),
        ("GET", "/orders", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/docs", 200),
        ("GET", "/products/999", 404),
        ("GET", "/nowhere", 404),
        ("PUT", "/health", 405),
        ("GET", "/products?limit=0", 422),
        ("POST", "/categories", 401),
    ],
)
def test_every_answer_carries_one(client, method, path, status):
    response = client.request(method, path)
    assert response.status_code == status
    assert MADE.fullmatch(the_id(response))
    assert the_id(client.request(method, path, headers={HEADER: "abc-123"})) == "abc-123"


def test_writes_carry_one_too(client, auth_headers):
    made = client.post("/categories", json={"name": "Paint"}, headers=auth_headers | {HEADER: "w-1"})
    assert (made.status_code, the_id(made)) == (201, "w-1")
    assert the_id(client.post("/categories", json={"name": "Paint"}, headers=auth_headers | {HEADER: "w-2"})) == "w-2"
    gone = client.delete(f"/categories/{made.json()['id']}", headers=auth_headers)
    assert gone.status_code == 204
    assert MADE.fullmatch(the_id(gone))


# An unexpected failure is an error too.
@pytest.mark.parametrize("sent", [None, "boom-1"])
def test_an_unexpected_failure_carries_one(app, client, sent):
    def boom():
        raise RuntimeError

    app.dependency_overrides[get_session] = boom
    try:
        quiet = TestClient(app, raise_server_exceptions=False)
        response = quiet.get("/categories", headers={} if sent is None else {HEADER: sent})
    finally:
        del app.dependency_overrides[get_session]
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_error"
    assert MADE.fullmatch(the_id(response)) if sent is None else the_id(response) == sent


# 1 to 64 letters, digits and hyphens: the answer carries the same one.
@pytest.mark.parametrize("good", ["a", "Z9-", "-", "x" * 64, "0" * 32, "ABC"])
def test_a_good_one_comes_back(client, good):
    assert the_id(client.get("/health", headers={HEADER: good})) == good


# With any other the service makes one up, and the request does not fail.
@pytest.mark.parametrize("bad", ["x" * 65, "a b", "a_b", "a.b", "a/b", "", "a;b", b"caf\xe9", b"\xc3\xa9", b"a\xb2"])
def test_any_other_is_replaced(client, bad):
    response = client.get("/health", headers=[(b"X-Request-ID", bad if isinstance(bad, bytes) else bad.encode())])
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert MADE.fullmatch(the_id(response))


# A different one for every request.
def test_made_ones_differ(client):
    assert len({the_id(client.get("/health")) for _ in range(50)}) == 50


# Nothing else about the answers changes.
def test_nothing_else_changes(client):
    response = client.put("/health")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert response.json()["error"]["code"] == "method_not_allowed"
    assert set(client.get("/health").headers) == {"content-length", "content-type", HEADER.lower()}
