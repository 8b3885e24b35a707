"""Values of the protocol's types: right ones, edges, and wrong ones. What is drawn depends on the generator alone."""

import json

WORDS = ["a", "b.c", "lr", "acc", "x y", "é𝄞", "k-1", "d/e", "UPPER", "a'b", 'q"r', "%", "_", "`t`"]
TEXTS = ["", "x", "X", "0.1", "1", "ünï", "it's", 'say "hi"', "a%b", "a_b", "tab\there", " padded ", "None", "true"]
STRANGE_TEXTS = ["", " ", "a/b", "a:b", "..", "../x", "a//b", "/a", "a\nb", "a\u0000b", "NaN", "é" * 10, "😀", "a\\b", "."]

# Text that stands in a body as it is: what json.dumps would not write.
RAW = "\u0001raw:"
RAW_END = "\u0002"


def raw(text):
    return f"{RAW}{text}{RAW_END}"


def dumps(value):
    """JSON, where `raw(text)` is that text."""
    text = json.dumps(value)
    return text.replace('"\\u0001raw:', "").replace('\\u0002"', "")


WRONG = {
    "string": [None, 5, 1.5, True, [], {}, ["a"], {"a": 1}],
    "int": [None, "12", "abc", 1.5, 1.0, "1.0", raw("1e3"), -1, 2**63 - 1, 2**63, -(2**63), 2**53 + 1, True, [], {}, "", " 5", "1_0", "0x1"],
    "double": [None, "NaN", "Infinity", "-Infinity", "nan", "inf", "-inf", "1e5", "abc", raw("1e400"), raw("-1e400"), raw("NaN"), raw("Infinity"), True, [], {}, "", 2**70, 1e-320, -0.0],
    "list": [None, {}, "a", 5, [1], ["a"], [None], [[]], [{}], []],
    "enum": [None, "RUNNING", "running", "NOPE", 1, 99, "1", 1.5, True, [], ""],
    "bool": [None, "true", "True", 1, "x", [], {}],
}


def edges(limit):
    """Texts about a limit of characters."""
    return ["k" * (limit - 1), "k" * limit, "k" * (limit + 1), "é" * limit, "é" * (limit + 1), "😀" * (limit // 2 + 1)]
