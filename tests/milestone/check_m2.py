"""M2, by behaviour alone: what of a product is reserved."""

KEYS = {"available", "reserved", "total", "orders"}


def read(client, product):
    response = client.get(f"/products/{product}/stock/reservations")
    assert response.status_code == 200, response.text
    body = response.json()
    assert set(body) >= KEYS, body
    assert all(type(body[key]) is int for key in KEYS), body
    return body["available"], body["reserved"], body["total"], body["orders"]


def place(client, auth_headers, *lines):
    body = {"customer": "Ada", "lines": [{"product_id": p, "quantity": q} for p, q in lines]}
    response = client.post("/orders", json=body, headers=auth_headers)
    assert response.is_success, response.text
    return response.json()["id"]


# A product without pending orders shows zero for reserved and for orders; anyone may read, without a key.
def test_without_orders_nothing_is_reserved(client, make_product):
    assert read(client, make_product(stock=7)["id"]) == (7, 0, 7, 0)
    assert read(client, make_product()["id"]) == (0, 0, 0, 0)


# reserved: the units of this product in all pending orders; orders: how many different ones contain it.
def test_pending_orders_are_added_up(client, auth_headers, make_product):
    one, other = make_product(stock=20)["id"], make_product(stock=20)["id"]
    place(client, auth_headers, (one, 2))
    place(client, auth_headers, (one, 3), (other, 5))
    place(client, auth_headers, (other, 1))
    assert read(client, one) == (15, 5, 20, 2)
    assert read(client, other) == (14, 6, 20, 2)


# An order that names the product more than once adds all its units but counts as one order.
def test_an_order_with_two_lines_of_a_product_counts_once(client, auth_headers, make_product):
    product = make_product(stock=10)["id"]
    place(client, auth_headers, (product, 2), (product, 3))
    assert read(client, product) == (5, 5, 10, 1)


# Paying an order lowers reserved and total.
def test_paying_lowers_reserved_and_total(client, auth_headers, make_product, send):
    product = make_product(stock=10)["id"]
    first, _ = place(client, auth_headers, (product, 2)), place(client, auth_headers, (product, 3))
    send("POST", f"/orders/{first}/pay")
    assert read(client, product) == (5, 3, 8, 1)


# Cancelling moves its units from reserved to available and leaves total as it was.
def test_cancelling_gives_the_units_back(client, auth_headers, make_product, send):
    product = make_product(stock=10)["id"]
    first, _ = place(client, auth_headers, (product, 2)), place(client, auth_headers, (product, 3))
    send("POST", f"/orders/{first}/cancel")
    assert read(client, product) == (7, 3, 10, 1)


# More pending orders than a page of a list holds are all counted.
def test_many_orders_are_all_counted(client, auth_headers, make_product):
    product = make_product(stock=200)["id"]
    for _ in range(105):
        place(client, auth_headers, (product, 1))
    assert read(client, product) == (95, 105, 200, 105)


# A product that does not exist gets the usual not-found answer with status 404.
def test_an_unknown_product_is_not_found(client, refused):
    assert refused("GET", "/products/999/stock/reservations") == (404, "product_not_found")


# Reading this must change nothing, neither the stock level nor the ledger.
def test_reading_changes_nothing(client, auth_headers, make_product):
    product = make_product(stock=10)["id"]
    place(client, auth_headers, (product, 4))
    before = (client.get(f"/products/{product}").json(), client.get(f"/products/{product}/stock/movements").json())
    assert read(client, product) == read(client, product) == (6, 4, 10, 1)
    assert (client.get(f"/products/{product}").json(), client.get(f"/products/{product}/stock/movements").json()) == before
