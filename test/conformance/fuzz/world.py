"""What the two servers have, by names of our own: a request is written once and said to each with its own ids."""

import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "client"))
from plain import RANDOM_NAME, SET, SQL, UNORDERED  # noqa: E402

PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
HEX = re.compile(r"(?<![0-9a-f])(m-)?[0-9a-f]{32}(?![0-9a-f])")
STARTED = time.time() * 1000


class World:
    """The entities of some dozens of steps. Names begin with the world's own prefix, so that worlds do not meet."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.ids = ({}, {})
        self.names = ({}, {})
        self.experiments = {}
        self.runs = {}
        self.models = {}
        self.logged = {}
        self.run_names = ["first", "Second", "a'b", "r%"]
        self.metric_keys = ["acc", "loss", "m 1", "é"]
        self.param_keys = ["lr", "depth", "p.q", "p 1"]
        self.tag_keys = ["t1", "T2", "t 3", "a.b"]
        self.texts = ["x", "X", "0.1", "1", "ünï", "a%b", "a_b", "ab", "AB"]
        self.tokens = []
        self.counter = 0
        self.renamed = False
        # While it is made: only right values.
        self.careful = True

    def next(self):
        self.counter += 1
        return self.counter

    def bind(self, kind, ids):
        """A new entity that each server has under its own id."""
        symbol = f"{kind}{self.next()}"
        for side, id in enumerate(ids):
            self.ids[side][symbol] = id
            self.names[side][id] = f"<{symbol}>"
        return symbol

    def said_to(self, side, text):
        return PLACEHOLDER.sub(lambda found: self.ids[side].get(found.group(1), found.group()), text)

    def normal(self, side, value, key=None):
        if isinstance(value, dict):
            return {name: self.normal(side, value[name], name) for name in sorted(value) if name not in ("error_class", "sqlstate")}
        if isinstance(value, list):
            if key in UNORDERED and all(isinstance(one, dict) for one in value):
                value = sorted(value, key=lambda one: (str(one.get("key", one.get("alias", ""))), str(one.get("model_id", "")) and ""))
            return [self.normal(side, one, key) for one in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, (int, float)):
            return "<now>" if STARTED - 60_000 < value < STARTED + 36_000_000 else value
        return self._text(side, value, key)

    def _text(self, side, text, key):
        names = self.names[side]
        if key in ("experiment_id", "experiment_ids"):
            return names.get(text, text)
        if key == "workspace":
            return "<workspace>"
        if key in ("next_page_token",) and text:
            return "<token>"
        if RANDOM_NAME.match(text):
            return "<random name>"
        if re.fullmatch(r"1\d{12}", text):
            return "<now>"
        text = HEX.sub(lambda found: names.get(found.group(), "<hex>"), text)
        text = SQL.sub("", text)
        text = SET.sub(lambda match: "{" + ", ".join(sorted(match.group(1).split(", "))) + "}", text)
        if "xperiment" in text or text.startswith("mlflow-artifacts:/"):
            for id, name in names.items():
                if id.isdigit():
                    text = re.sub(rf"(?<![\w.<-]){re.escape(id)}(?![\w.>-])", name, text)
        return text
