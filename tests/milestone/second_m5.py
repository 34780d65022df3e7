"""Black-box acceptance checks for M5: X-Request-ID on every answer.

Copied into the implementation's tests/ folder and run there; judges behaviour over HTTP only.
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.clock import utc_now
from app.main import create_app
from app.settings import Settings

Factory = Callable[..., dict[str, Any]]

KEY = "black-box-key-0123"
NAME = "X-Request-ID"
MADE_UP = re.compile(r"[0-9a-f]{32}")

# Each of these is prepared by the fixture `call`: name, and the status it is answered with today.
ANSWERS = {
    "health": 200,
    "list": 200,
    "read": 200,
    "created": 201,
    "patched": 200,
    "received": 201,
    "ordered": 201,
    "deleted": 204,
    "redirected": 307,
    "no key": 401,
    "wrong key": 401,
    "no such row": 404,
    "no such path": 404,
    "wrong method": 405,
    "head": 405,
    "options": 405,
    "taken": 409,
    "out of stock": 409,
    "invalid body": 422,
    "broken json": 422,
    "invalid id": 422,
    "invalid query": 422,
}


@pytest.fixture
def call(
    client: TestClient, auth_headers: dict[str, str], make_category: Factory, make_product: Factory
) -> Callable[..., Any]:
    """Make the call of that name in ANSWERS, with an id if one is given."""
    empty = make_category("Empty")["id"]
    product = make_product(sku="TAKEN", stock=1)
    path = f"/products/{product['id']}"
    body = {"name": "New", "sku": "NEW", "price": "1", "category_id": empty}
    order = {"customer": "Ada", "lines": [{"product_id": product["id"], "quantity": 1}]}
    calls: dict[str, tuple[str, str, dict[str, Any]]] = {
        "health": ("GET", "/health", {}),
        "list": ("GET", "/products", {}),
        "read": ("GET", path, {}),
        "created": ("POST", "/products", {"json": body}),
        "patched": ("PATCH", path, {"json": {"name": "Other"}}),
        "received": ("POST", f"{path}/stock/receive", {"json": {"quantity": 1}}),
        "ordered": ("POST", "/orders", {"json": order}),
        "deleted": ("DELETE", f"/categories/{empty}", {}),
        "redirected": ("GET", "/products/", {"follow_redirects": False}),
        "no key": ("POST", "/products", {"json": body, "headers": {}}),
        "wrong key": ("POST", "/products", {"json": body, "headers": {"X-API-Key": "wrong"}}),
        "no such row": ("GET", "/products/987654", {}),
        "no such path": ("GET", "/nowhere", {}),
        "wrong method": ("PUT", "/health", {}),
        "head": ("HEAD", "/health", {}),
        "options": ("OPTIONS", "/health", {}),
        "taken": ("POST", "/products", {"json": body | {"sku": "TAKEN"}}),
        "out of stock": (
            "POST",
            f"{path}/stock/adjust",
            {"json": {"quantity": -2, "note": "Loss"}},
        ),
        "invalid body": ("POST", "/products", {"json": {"colour": "red"}}),
        "broken json": ("POST", "/products", {"content": b"{"}),
        "invalid id": ("GET", "/products/zero", {}),
        "invalid query": ("GET", "/products?limit=0", {}),
    }

    def apply(name: str, request_id: str | bytes | None = None) -> Any:
        method, url, options = calls[name]
        headers: dict[Any, Any] = options.pop("headers", auth_headers)
        if request_id is not None:
            raw = request_id if isinstance(request_id, bytes) else request_id.encode()
            pairs = [*headers.items(), (NAME, raw)]
            headers = {key.encode(): value if isinstance(value, bytes) else value.encode()
                       for key, value in pairs}
        response = client.request(method, url, headers=headers, **options)
        assert response.status_code == ANSWERS[name], response.text
        return response

    return apply


def id_of(response: Any) -> str:
    """The one X-Request-ID of an answer."""
    values = response.headers.get_list(NAME)
    assert len(values) == 1, values
    value: str = values[0]
    return value


def id_for(client: TestClient, request_id: str) -> str:
    response = client.get("/health", headers={NAME: request_id})
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    return id_of(response)


def broken_app() -> FastAPI:
    """A service with a route that fails, and with a clock that fails."""
    app = create_app(Settings(api_key=SecretStr(KEY), database_url="sqlite://"))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret")

    def no_time() -> None:
        raise RuntimeError("a secret")

    app.dependency_overrides[utc_now] = no_time
    return app


# "Every answer of the API, errors included, should carry a header X-Request-ID." and "without one
# ... the service makes up an id of 32 lower-case hexadecimal characters"
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_carries_a_made_up_id(call: Callable[..., Any], name: str) -> None:
    assert MADE_UP.fullmatch(id_of(call(name)))


# "When the caller sends an X-Request-ID of 1 to 64 characters, only letters, digits and hyphens,
# the answer carries the same one" - every answer, errors included.
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_carries_the_id_of_the_caller(call: Callable[..., Any], name: str) -> None:
    assert id_of(call(name, "Call-4711-aBc")) == "Call-4711-aBc"


# "A refused id never fails the request." - it is answered as ever, with an id made up.
@pytest.mark.parametrize("name", ANSWERS)
def test_refused_id_never_fails_the_request(call: Callable[..., Any], name: str) -> None:
    assert MADE_UP.fullmatch(id_of(call(name, "no good!")))


# "Every answer of the API, errors included" - an unexpected failure is answered as well.
@pytest.mark.parametrize(("sent", "kept"), [(None, False), ("Call-1", True), ("no good!", False)])
@pytest.mark.parametrize(("method", "path"), [("GET", "/broken"), ("POST", "/categories")])
def test_unexpected_failure_carries_an_id(
    method: str, path: str, sent: str | None, kept: bool
) -> None:
    headers = {"X-API-Key": KEY} | ({} if sent is None else {NAME: sent})
    with TestClient(broken_app(), raise_server_exceptions=False) as client:
        response = client.request(method, path, json={"name": "Tools"}, headers=headers)

    assert response.status_code == 500
    if kept:
        assert id_of(response) == sent
    else:
        assert MADE_UP.fullmatch(id_of(response))
    # "Nothing else about the answers changes."
    message = "Something went wrong on our side."
    assert response.json() == {"error": {"code": "internal_error", "message": message}}


# "an X-Request-ID of 1 to 64 characters, only letters, digits and hyphens, the answer carries the
# same one"
@pytest.mark.parametrize(
    "request_id",
    [
        "a",
        "Z",
        "0",
        "-",
        "---",
        "-a-",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "abcdefghijklmnopqrstuvwxyz",
        "0123456789",
        "MiXeD-CaSe-09",
        "6f1c2a9e-1111-4222-8333-ABCDEF012345",
        "F" * 32,
        "x" * 63,
        "x" * 64,
    ],
)
def test_good_id_comes_back_unchanged(client: TestClient, request_id: str) -> None:
    assert id_for(client, request_id) == request_id


# The same id sent twice is the same id twice, whatever was sent between.
def test_good_id_comes_back_every_time(client: TestClient) -> None:
    sent = ["one", "two", "one", "one", "two"]

    assert [id_for(client, request_id) for request_id in sent] == sent


# "without one, or with any other, the service makes up an id of 32 lower-case hexadecimal
# characters"
@pytest.mark.parametrize(
    "request_id",
    [
        "",
        "x" * 65,
        "x" * 1000,
        "a b",
        "a_b",
        "a.b",
        "a/b",
        "a:b",
        "a,b",
        "a;b",
        "a+b",
        "a=b",
        "a@b",
        "a\tb",
        "{6f1c2a9e}",
        "<script>",
        "%41",
        "good-until-here!",
        "!bad-until-here",
    ],
)
def test_any_other_id_is_replaced_by_a_made_up_one(client: TestClient, request_id: str) -> None:
    assert MADE_UP.fullmatch(id_for(client, request_id))


# "A refused id never fails the request." - not even one of bytes outside ASCII. Whether an accented
# letter is a letter the request leaves open, so only signs are insisted on as refused.
@pytest.mark.parametrize("raw", [b"a\xa7b", b"\xa9", b"a\xb7b", b"\xbf" * 70])
def test_signs_outside_ascii_are_replaced(client: TestClient, raw: bytes) -> None:
    response = client.get("/health", headers={NAME.encode(): raw})

    assert response.status_code == 200
    assert MADE_UP.fullmatch(id_of(response))


@pytest.mark.parametrize("raw", [b"caf\xe9", b"\xff\xfe", "né".encode(), "号".encode(), b"\x80"])
def test_bytes_outside_ascii_never_fail_the_request(client: TestClient, raw: bytes) -> None:
    response = client.get("/health", headers={NAME.encode(): raw})

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert id_of(response)


# "A refused id never fails the request." - what is asked for is done.
def test_write_with_a_refused_id_is_carried_out(
    client: TestClient, auth_headers: dict[str, str]
) -> None:
    headers = auth_headers | {NAME: "no good!"}
    response = client.post("/categories", json={"name": "Tools"}, headers=headers)

    assert response.status_code == 201
    assert MADE_UP.fullmatch(id_of(response))
    assert client.get("/categories").json()["items"] == [response.json()]


# "a different one for every request"
def test_made_up_ids_are_all_different(client: TestClient) -> None:
    calls = [{}, {NAME: "no good!"}, {NAME: "x" * 65}, {NAME: ""}]
    ids = [id_of(client.get("/health", headers=headers)) for _ in range(50) for headers in calls]
    ids += [id_of(client.get("/nowhere")) for _ in range(50)]

    assert len(set(ids)) == 250
    assert all(MADE_UP.fullmatch(item) for item in ids)


# "a different one for every request" - also those of another service or after a restart.
def test_made_up_ids_differ_between_services_and_starts() -> None:
    apps = [
        create_app(Settings(api_key=SecretStr(KEY), database_url="sqlite://")) for _ in range(2)
    ]
    ids = []
    for app in (*apps, *apps):
        with TestClient(app) as client:
            ids += [id_of(client.get("/health")) for _ in range(5)]

    assert len(set(ids)) == 20


# "a different one for every request" - an id sent before is not handed to the next caller.
def test_id_of_one_caller_is_not_given_to_the_next(client: TestClient) -> None:
    given = "0123456789abcdef" * 2
    assert id_for(client, given) == given

    following = id_of(client.get("/health"))

    assert MADE_UP.fullmatch(following)
    assert following != given


# "the answer carries the same one" - its own, when many callers ask at once.
def test_concurrent_calls_keep_their_ids_apart(client: TestClient) -> None:
    sent = [f"caller-{number}" for number in range(120)]

    def ask(request_id: str) -> str:
        return id_of(client.get("/nowhere", headers={NAME: request_id}))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, sent)) == sent


# "a header X-Request-ID" - header names know no case.
@pytest.mark.parametrize("name", ["x-request-id", "X-REQUEST-ID", "X-Request-Id"])
def test_case_of_the_header_name_does_not_matter(client: TestClient, name: str) -> None:
    assert id_of(client.get("/health", headers={name: "Call-1"})) == "Call-1"


# "Nothing else about the answers changes." - status (checked by `call`), headers and body.
@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("sent", [None, "Call-1", "no good!"])
def test_nothing_else_about_the_answers_changes(
    call: Callable[..., Any], name: str, sent: str | None
) -> None:
    response = call(name, sent)
    expected = {"content-length", "content-type"}
    if ANSWERS[name] == 405:
        expected.add("allow")
        assert response.headers["allow"] == "GET"
    if name == "redirected":
        expected = {"content-length", "location"}
        assert response.headers["location"].endswith("/products")
    if name == "deleted":
        expected = {"content-type"}

    assert set(response.headers) - {NAME.lower()} == expected
    if "content-type" in expected:
        assert response.headers["content-type"] == "application/json"
    if response.status_code >= 400 and name != "head":
        error = response.json()["error"]
        assert response.json() == {"error": {"code": error["code"], "message": error["message"]}}
        assert "id" not in error
    if name == "deleted":
        assert response.content == b""


# The same for the words of the errors.
def test_errors_read_as_before(call: Callable[..., Any]) -> None:
    codes = {
        "no key": "invalid_api_key",
        "no such row": "product_not_found",
        "no such path": "not_found",
        "wrong method": "method_not_allowed",
        "taken": "product_exists",
        "out of stock": "insufficient_stock",
        "invalid body": "validation_error",
        "broken json": "validation_error",
        "invalid query": "validation_error",
    }
    assert {name: call(name).json()["error"]["code"] for name in codes} == codes
