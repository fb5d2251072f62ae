"""R calls as data: `svymean(~api00, d_srs, na.rm = TRUE)` becomes a tree that a checker can read. Nothing is run."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Name:
    """A word of R: a column, a design, a function handed over."""

    text: str


@dataclass(frozen=True)
class Call:
    """A function with its arguments; operators are functions too, as in R: `a + b` is the call `+` of a and b.

    `args` are the arguments without a name in the order given, `named` those with one. An argument left empty,
    as in `x[1, ]`, is the name "".
    """

    function: str
    args: tuple["Node", ...] = ()
    named: Mapping[str, "Node"] = field(default_factory=lambda: MappingProxyType({}))


Node = Name | Call | float | str | bool | None

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?L?)|(?P<string>\"[^\"]*\"|'[^']*')"
    r"|(?P<word>[A-Za-z.][A-Za-z0-9._]*|`[^`]+`)|(?P<mark><-|<=|>=|==|!=|&&|\|\||\[\[|[-+*/^:~!&|<>=$(){}\[\],;]))"
)
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None, "NA": math.nan, "Inf": math.inf}
# How tightly each operator binds, and whether it binds to the right; R's own table (help page "Syntax")
_INFIX = {"<-": 1, "~": 2, "|": 3, "||": 3, "&": 4, "&&": 4}
_INFIX |= dict.fromkeys(("==", "!=", "<", ">", "<=", ">="), 6) | {"+": 7, "-": 7, "*": 8, "/": 8, ":": 10, "^": 12}
_PREFIX = {"~": 2, "!": 5, "-": 11, "+": 11}
_RIGHT = {"<-", "^"}


def parse(text: str) -> Node:
    """The tree of one R expression; ValueError where the text is not understood."""
    reader = _Reader(_tokens(text))
    node = reader.expression(0)
    if reader.peek() != ("end", ""):
        raise ValueError(f"Not understood from {reader.peek()[1]!r} on, in {text[:80]!r}")
    return node


def calls_to(node: Node, function: str) -> Iterator[Call]:
    """All calls of a function within a tree, outermost first."""
    if isinstance(node, Call):
        if node.function == function:
            yield node
        for part in (*node.args, *node.named.values()):
            yield from calls_to(part, function)


def terms(node: Node) -> list[Node]:
    """What a one-sided formula, or the right side of a two-sided one, adds up: `~a + b` gives a and b."""
    if isinstance(node, Call) and node.function == "~":
        return terms(node.args[-1])
    if isinstance(node, Call) and node.function == "+" and len(node.args) == 2:
        return [*terms(node.args[0]), *terms(node.args[1])]
    return [node]


def written(node: Node) -> str:
    """An expression as R would name a column of it: `I(ell/10)`, `interaction(a, b)`, `poly(age, 2)`."""
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Call):
        if node.function in _INFIX and len(node.args) == 2:
            gap = "" if node.function in ("/", ":", "^") else " "
            return f"{gap + node.function + gap}".join(written(part) for part in node.args)
        if node.function in _PREFIX and len(node.args) == 1:
            return node.function + written(node.args[0])
        named = [f"{key} = {written(value)}" for key, value in node.named.items()]
        return f"{node.function}({', '.join([*map(written, node.args), *named])})"
    if isinstance(node, bool) or node is None:
        return {True: "TRUE", False: "FALSE", None: "NULL"}[node]
    return f'"{node}"' if isinstance(node, str) else f"{node:.15g}"


def number(node: Node, default: float) -> float:
    """A number of the call, or the default where it has none."""
    return float(node) if isinstance(node, float | int) else default


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"Not understood at position {at}: {text[at : at + 30]!r}")
        found.append((match.lastgroup or "", match[match.lastgroup or ""]))
        at = match.end()
    return [*found, ("end", "")]


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at]

    def take(self, expected: str | None = None) -> tuple[str, str]:
        token = self.tokens[self.at]
        if expected is not None and token[1] != expected:
            raise ValueError(f"Found {token[1]!r}, expected {expected!r}")
        self.at += 1
        return token

    def expression(self, floor: int) -> Node:
        node = self.suffixed(self.operand())
        while self.peek()[0] == "mark" and _INFIX.get(self.peek()[1], -1) >= max(floor, 1):
            mark = self.take()[1]
            right = self.expression(_INFIX[mark] + (mark not in _RIGHT))
            node = Call(mark, (node, right))
        return node

    def operand(self) -> Node:
        kind, text = self.take()
        if kind == "number":
            return float(text.rstrip("L"))
        if kind == "string":
            return text[1:-1]
        if kind == "word":
            return self.word(text)
        if text in _PREFIX:
            return Call(text, (self.expression(_PREFIX[text]),))
        if text == "(":
            node = self.expression(0)
            self.take(")")
            return node
        if text == "{":
            return self.block()
        raise ValueError(f"Found {text!r} where an expression begins")

    def word(self, text: str) -> Node:
        if text == "function":
            self.take("(")
            named = dict.fromkeys((p.text for p in self.arguments(")")[0] if isinstance(p, Name)), None)
            return Call("function", (self.expression(0),), named)
        if text == "if":
            self.take("(")
            condition = self.arguments(")")[0]
            yes = self.expression(0)
            self.take("else")
            return Call("if", (*condition, yes, self.expression(0)))
        return _CONSTANTS[text] if text in _CONSTANTS else Name(text.strip("`"))

    def block(self) -> Node:
        parts = []
        while self.peek()[1] != "}":
            parts.append(self.expression(0))
            if self.peek()[1] == ";":
                self.take()
        self.take("}")
        return Call("{", tuple(parts))

    def suffixed(self, node: Node) -> Node:
        while self.peek()[1] in ("(", "[", "[[", "$") and self.peek()[0] == "mark":
            mark = self.take()[1]
            if mark == "$":
                node = Call("$", (node, Name(self.take()[1])))
                continue
            args, named = self.arguments({"(": ")", "[": "]", "[[": "]"}[mark])
            if mark == "[[":
                self.take("]")
            if mark == "(":
                node = Call(node.text, args, named) if isinstance(node, Name) else Call("(", (node, *args), named)
            else:
                node = Call(mark, (node, *args), named)
        return node

    def arguments(self, end: str) -> tuple[tuple[Node, ...], Mapping[str, Node]]:
        args: list[Node] = []
        named: dict[str, Node] = {}
        while self.peek()[1] != end:
            if self.tokens[self.at + 1] == ("mark", "=") and self.peek()[0] in ("word", "string"):
                key = self.take()[1].strip("`\"'")
                self.take("=")
                named[key] = self.expression(0)
            else:
                args.append(Name("") if self.peek()[1] == "," else self.expression(0))
            if self.peek()[1] == ",":
                self.take()
                if self.peek()[1] == end == "]":
                    args.append(Name(""))
        self.take(end)
        return tuple(args), MappingProxyType(named)
