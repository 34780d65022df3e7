"""An OpenAPI document as short lines: what a route takes and gives. The document comes from the target's code, so every part may be odd."""

import json

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
BOUNDS = {
    "minimum": ">=",
    "exclusiveMinimum": ">",
    "maximum": "<=",
    "exclusiveMaximum": "<",
    "minLength": "length >=",
    "maxLength": "length <=",
}
MAX_ROUTES, MAX_PARAMETERS, MAX_RESPONSES = 500, 60, 30

type Json = dict[str, object]


def routes_of(document: Json) -> list[Json]:
    """One entry a method and path, by path."""
    schemas = mapping(mapping(document.get("components")).get("schemas"))
    routes = [
        route(path, method, mapping(mapping(item)[method]), mapping(item), schemas)
        for path, item in sorted(mapping(document.get("paths")).items())
        for method in METHODS
        if method in mapping(item)
    ]
    return routes[:MAX_ROUTES]


def route(path: str, method: str, operation: Json, item: Json, schemas: Json) -> Json:
    parameters = [mapping(one) for one in [*sequence(item.get("parameters")), *sequence(operation.get("parameters"))]]
    answers = sorted(mapping(operation.get("responses")).items())
    responses = [f"{status} {body_text(mapping(answer), schemas, names_only=True)}".strip() for status, answer in answers]
    return {
        "method": method.upper(),
        "path": cut(path, 300),
        "parameters": [cut(parameter_text(one), 200) for one in parameters][:MAX_PARAMETERS],
        "request": request_text(operation, schemas),
        "responses": [cut(text, 200) for text in responses][:MAX_RESPONSES],
    }


def parameter_text(parameter: Json) -> str:
    schema = mapping(parameter.get("schema"))
    text = f"{parameter.get('in')} {parameter.get('name')}: {type_text(schema)}"
    if parameter.get("required"):
        return f"{text}, required"
    return f"{text}, default {json.dumps(schema['default'])}" if schema.get("default") is not None else text


def request_text(operation: Json, schemas: Json) -> str | None:
    body = mapping(operation.get("requestBody"))
    return cut(body_text(body, schemas, names_only=False), 300) if body else None


def body_text(body: Json, schemas: Json, *, names_only: bool) -> str:
    content = mapping(body.get("content"))
    if not content:
        return ""
    kind = "application/json" if "application/json" in content else sorted(content)[0]
    schema = mapping(mapping(content[kind]).get("schema"))
    text = with_fields(schema, schemas, names_only=names_only)
    return text if kind == "application/json" else f"{kind} {text}"


def with_fields(schema: Json, schemas: Json, *, names_only: bool) -> str:
    """`ProductOut{id,name}`; a list of them keeps its brackets."""
    if schema.get("type") == "array":
        return f"list[{with_fields(mapping(schema.get('items')), schemas, names_only=names_only)}]"
    full = mapping(schemas.get(reference(schema))) if reference(schema) else schema
    required = sequence(full.get("required"))
    fields = mapping(full.get("properties"))
    if not fields:
        return type_text(schema)
    shown = [
        name if names_only else f"{name}{'' if name in required else '?'}: {type_text(mapping(field))}"
        for name, field in fields.items()
    ]
    return f"{reference(schema)}{{{(',' if names_only else ', ').join(shown)}}}"


def type_text(schema: Json, depth: int = 3) -> str:
    if name := reference(schema):
        return name
    if depth == 0:
        return "…"
    for word in ("anyOf", "oneOf", "allOf"):
        if choices := sequence(schema.get(word)):
            return (" & " if word == "allOf" else " | ").join(type_text(mapping(choice), depth - 1) for choice in choices)
    if choices := sequence(schema.get("enum")):
        return " | ".join(json.dumps(choice) for choice in choices)
    if "const" in schema:
        return json.dumps(schema["const"])
    if schema.get("type") == "array":
        return f"list[{type_text(mapping(schema.get('items')), depth - 1)}]"
    name = str(schema.get("type", "any"))
    return name + bounds_text(schema)


def bounds_text(schema: Json) -> str:
    """What a value must be beyond its type: `(date-time)`, `(>=1, <=100)`."""
    marks = [str(schema["format"])] if "format" in schema else []
    marks += [f"{sign}{number_text(schema[word])}" for word, sign in BOUNDS.items() if telling(schema.get(word))]
    return f"({', '.join(marks)})" if marks else ""


def telling(bound: object) -> bool:
    """Whether a bound says anything: that of a 64-bit integer does not."""
    return isinstance(bound, int | float) and abs(bound) < 2**53


def number_text(number: object) -> str:
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def reference(schema: Json) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
