"""M3, by behaviour alone: the reference of an order."""

import pytest


@pytest.fixture
def place(client, auth_headers, make_product):
    product = make_product(stock=500)["id"]

    def go(**fields):
        body = {"customer": "Ada", "lines": [{"product_id": product, "quantity": 1}]} | fields
        return client.post("/orders", json=body, headers=auth_headers)

    go.product = product
    return go


def placed(response):
    assert response.status_code == 201, response.text
    return response.json()


# It must be shown wherever an order is shown.
def test_it_is_shown_wherever_an_order_is_shown(client, place, send):
    first, second = placed(place(reference="PO 17-a")), placed(place(reference="B2"))
    assert first["reference"] == "PO 17-a"
    assert client.get(f"/orders/{first['id']}").json()["reference"] == "PO 17-a"
    assert [row["reference"] for row in client.get("/orders").json()["items"]] == ["PO 17-a", "B2"]
    assert send("POST", f"/orders/{first['id']}/pay")["reference"] == "PO 17-a"
    assert send("POST", f"/orders/{second['id']}/cancel")["reference"] == "B2"
    assert client.get(f"/orders/{second['id']}").json()["reference"] == "B2"


# An order placed with no reference, or with null for it, shows null, and any number may be without one.
def test_orders_may_be_without_one(client, place):
    answers = [placed(place()), placed(place(reference=None)), placed(place()), placed(place(reference=None))]
    assert [answer["reference"] for answer in answers] == [None] * 4
    assert [row["reference"] for row in client.get("/orders").json()["items"]] == [None] * 4


# Whitespace at both ends is dropped and every run of whitespace inside becomes one space; case as typed.
@pytest.mark.parametrize(
    ("typed", "kept"),
    [("  PO 1 ", "PO 1"), ("PO \t\n  1", "PO 1"), ("aBc-9", "aBc-9"), ("x" * 40, "x" * 40), (f" {'x ' * 20}y  "[:39], None), ("7", "7")],
)
def test_it_is_tidied_and_keeps_its_case(place, typed, kept):
    kept = " ".join(typed.split()) if kept is None else kept
    assert placed(place(reference=typed))["reference"] == kept


# Length counts after tidying.
def test_the_length_is_that_of_the_tidied_text(place):
    assert placed(place(reference="  " + "x" * 40 + "  "))["reference"] == "x" * 40


# Anything else, including a value that is not text, is refused with 422 and validation_error.
@pytest.mark.parametrize("bad", ["", "   ", "x" * 41, "PO_1", "PO/1", "PO.1", "é1", "Ａ1", "١", "ﬀ", "PO\u00001", 17, True, 1.5, ["a"], {"a": 1}])
def test_anything_else_is_refused(client, place, bad):
    response = place(reference=bad)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "validation_error")
    assert client.get("/orders").json()["total"] == 0
    assert client.get(f"/products/{place.product}").json()["stock"] == 500


# Two orders that are pending or paid may not have the same reference; case is no difference; nothing happens then.
@pytest.mark.parametrize("again", ["PO 1", "po 1", " Po   1 "])
@pytest.mark.parametrize("paid", [False, True])
def test_a_second_one_is_refused_and_nothing_happens(client, place, send, again, paid):
    first = placed(place(reference="PO 1"))
    if paid:
        send("POST", f"/orders/{first['id']}/pay")
    before = client.get(f"/products/{place.product}/stock/movements").json()
    response = place(reference=again)
    assert response.status_code == 409, response.text
    error = response.json()["error"]
    assert response.json() == {"error": {"code": error["code"], "message": error["message"]}}
    assert error["code"] and error["message"]
    assert client.get("/orders").json()["total"] == 1
    assert client.get(f"/products/{place.product}").json()["stock"] == 499
    assert client.get(f"/products/{place.product}/stock/movements").json() == before


# A cancelled order keeps showing its reference but no longer blocks it.
def test_a_cancelled_order_frees_its_reference(client, place, send):
    first = placed(place(reference="PO 1"))
    send("POST", f"/orders/{first['id']}/cancel")
    second = placed(place(reference="po 1"))
    assert client.get(f"/orders/{first['id']}").json()["reference"] == "PO 1"
    assert second["reference"] == "po 1"
    assert place(reference="PO 1").status_code == 409
    send("POST", f"/orders/{second['id']}/cancel")
    placed(place(reference="PO 1"))


# References that differ in more than case are different.
def test_different_references_do_not_block_each_other(place):
    for reference in ("PO 1", "PO1", "PO-1", "PO 11"):
        placed(place(reference=reference))


# A reference cannot be changed after the order was placed: no route takes one.
def test_it_cannot_be_changed(client, place, auth_headers):
    order = placed(place(reference="PO 1"))
    for method in ("PATCH", "PUT"):
        client.request(method, f"/orders/{order['id']}", json={"reference": "X"}, headers=auth_headers)
    for action in ("pay",):
        client.post(f"/orders/{order['id']}/{action}", json={"reference": "X"}, headers=auth_headers)
    assert client.get(f"/orders/{order['id']}").json()["reference"] == "PO 1"


# Unknown fields are refused as before.
def test_unknown_fields_stay_refused(place):
    assert place(ref="x").status_code == 422
