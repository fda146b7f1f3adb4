"""Types of nullable schemas, without which OpenAPI 3.0 generators reject null."""

from typing import Any

NULL_ENUM = "NullEnum"


def type_nullable(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Give each nullable schema the type of its parts: a hook of drf-spectacular."""
    components = result.get("components", {}).get("schemas", {})
    if NULL_ENUM in components:
        components[NULL_ENUM] |= {"type": "string", "nullable": True}
    left: list[Any] = [result]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if value.get("nullable") is True and "type" not in value:
                value["type"] = type_of(value, components)
            left += value.values()
        elif isinstance(value, list):
            left += value
    return result


def type_of(schema: dict[str, Any], components: dict[str, Any]) -> str:
    """Return the type of the first schema that it refers to, by default "object"."""
    for each in (*schema.get("oneOf", ()), *schema.get("allOf", ())):
        found = components.get(each.get("$ref", "").rpartition("/")[2], each)
        if "type" in found:
            return str(found["type"])
    return "object"
