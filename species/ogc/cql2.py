"""Parses CQL2 text: conditions on single properties, joined by AND."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lark import Lark
from lark.exceptions import LarkError
from pygeofilter import ast, values
from pygeofilter.parsers.cql2_text import parser as cql2_text

from species.errors import InvalidQuery
from species.filters.queryables import Condition, filter_error

MAX_LENGTH = 2_000  # characters of a filter: the parser's time grows faster than its text
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
NAMES = {
    **{ast.Or: "OR", ast.Not: "NOT", ast.Like: "LIKE", ast.Relate: "RELATE"},
    **{
        ast.Add: "+",
        ast.Sub: "-",
        ast.Mul: "*",
        ast.Div: "/",
        ast.BBox: "BBOX as a predicate",
        ast.Include: "INCLUDE",
    },
}
# Operators of CQL2 that the parser does not know, so that it stops at them; what stands in quotes
# is none.
UNREAD = re.compile(
    r"\b[TAS]_[A-Z]+(?=\s*\()|\b(?:CASEI|ACCENTI)(?=\s*\()|\bDIV\b|[%^]|\b(?:TRUE|FALSE)\b",
    re.IGNORECASE,
)
AS_WRITTEN = {"lower": "CASEI"}  # the parser's names of functions
# CQL2 lets keywords be written in any case; the parser knows these in capitals only.
CAPITALS = re.compile(
    r"\b(?:DATE|TIMESTAMP|INTERVAL|RELATE|(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)(?=\s*\()",
    re.ASCII | re.IGNORECASE,
)
LITERALS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")


class Transformer(cql2_text.CQLTransformer):
    """pygeofilter's, with times read strictly: its own guesses at wrong ones in every language, for
    seconds.
    """

    def DATETIME(self, text: str) -> datetime:  # noqa: N802  # the grammar's name
        return datetime.fromisoformat(text)


# As pygeofilter builds it, but for its `debug`, which prints pages to the log for each filter that
# cannot be read.
PARSER = Lark.open(
    "grammar.lark",
    rel_to=cql2_text.__file__,
    parser="lalr",
    maybe_placeholders=False,
    transformer=Transformer(),
    import_paths=[str(Path(cql2_text.__file__).parents[1])],
)


def read_conditions(text: str) -> list[Condition]:
    """Return the conditions of a filter. Raises InvalidQuery that names an unknown operator."""
    if len(text) > MAX_LENGTH:
        raise filter_error(f"At most {MAX_LENGTH:,} characters are allowed.")
    try:
        tree: Any = PARSER.parse(in_capitals(" ".join(text.split())))
    except (LarkError, ValueError, RecursionError) as error:
        if operator := UNREAD.search(LITERALS.sub("''", text)):
            raise not_answered(operator[0].upper()) from None
        place = f" at character {column}" if (column := getattr(error, "column", -1)) > 0 else ""
        raise filter_error(f"Invalid CQL2 text{place}.") from None
    return list(conditions(tree))


def in_capitals(text: str) -> str:
    """Return the filter with its keywords as the parser knows them; literals stay as they are."""
    parts, end = [], 0
    for quoted in LITERALS.finditer(text):
        parts += [capitalised(text[end : quoted.start()]), quoted[0]]
        end = quoted.end()
    return "".join([*parts, capitalised(text[end:])])


def capitalised(text: str) -> str:
    return CAPITALS.sub(lambda keyword: keyword[0].upper(), text)


def conditions(node: Any) -> list[Condition]:
    """Return the conditions of a conjunction, from left to right."""
    found, left = [], [node]
    while left:
        match left.pop():
            case ast.And(lhs=first, rhs=second):
                left += [second, first]
            case other:
                found.append(condition(other))
    return found


def condition(node: Any) -> Condition:
    match node:
        case ast.Comparison(lhs=lhs, rhs=rhs):
            return comparison(lhs, node.op.value, rhs)
        case ast.In(lhs=ast.Attribute(name=name), sub_nodes=nodes):
            return Condition(name, "NOT IN" if node.not_ else "IN", tuple(map(literal, nodes)))
        case ast.Between(lhs=ast.Attribute(name=name), low=low, high=high, not_=False):
            return Condition(name, "BETWEEN", (literal(low), literal(high)))
        case ast.IsNull(lhs=ast.Attribute(name=name), not_=False):
            return Condition(name, "IS NULL", ())
        case ast.GeometryIntersects(lhs=ast.Attribute(name=name), rhs=place):
            return Condition(name, "S_INTERSECTS", (geometry(place),))
    raise not_answered(name_of(node))


def comparison(lhs: Any, operator: str, rhs: Any) -> Condition:
    """Return the condition with the property on the left, whichever side it was written on."""
    if isinstance(rhs, ast.Attribute):
        lhs, operator, rhs = rhs, MIRRORED[operator], lhs
    if not isinstance(lhs, ast.Attribute):
        raise not_answered(name_of(lhs))
    return Condition(lhs.name, operator, (literal(rhs),))


def literal(node: Any) -> Any:
    if isinstance(node, str | int | float | date):
        return node
    raise not_answered(name_of(node))


def geometry(node: Any) -> Any:
    match node:
        case values.Geometry(geometry=geojson) if "crs" not in geojson:
            return geojson
        case ast.Function(name=name, arguments=[*numbers]) if name.lower() == "bbox":
            if len(numbers) == 4 and all(isinstance(each, int | float) for each in numbers):
                return tuple(float(each) for each in numbers)
            raise filter_error("BBOX takes four numbers: west, south, east, north.")
    raise not_answered(name_of(node))


def name_of(node: Any) -> str:
    """Return the name of an unsupported part of a filter, in the spelling of CQL2."""
    if getattr(node, "not_", False):
        return f"NOT {'NULL' if isinstance(node, ast.IsNull) else name_of_kind(node).upper()}"
    return name_of_kind(node)


def name_of_kind(node: Any) -> str:
    prefix = {ast.SpatialComparisonPredicate: "S_", ast.TemporalPredicate: "T_"}
    for kind, letters in prefix.items():
        if isinstance(node, kind):
            return letters + node.op.value.upper()
    if isinstance(node, ast.Attribute):
        return f"{node.name} compared with a property"
    if isinstance(node, ast.Function):
        return f"{AS_WRITTEN.get(node.name, node.name).upper()}()"
    if isinstance(node, str | int | float | date):
        return "A comparison of two values"
    written = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__)
    return NAMES.get(type(node), written)


def not_answered(operator: str) -> InvalidQuery:
    return filter_error(
        f"{operator} is not supported. Use conditions on single properties, joined by AND."
    )
