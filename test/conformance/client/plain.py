"""What a case shows, as JSON that two servers can be compared by: ids, times and ports become names in the order they appear."""

import math
import re
import time
from collections.abc import Sequence

HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
RANDOM_NAME = re.compile(r"^[a-z]+-[a-z]+-\d{1,4}$")
# A Python set in a message: its order is the process's own.
SET = re.compile(r"\{('[^'{}]*'(?:, '[^'{}]*')*)\}")
# What a database says of itself behind the message, and where a client's connection went: no part of the protocol.
SQL = re.compile(r"( Error: )?(\(raised as a result of .*?\)\n)?\(sqlite3\..*", re.DOTALL)
# The experiment of a place that Arboleda or MLflow chose.
PLACE = re.compile(r"^mlflow-artifacts:/(\d+)(?=/|$)")
PORT = re.compile(r"(?<=port=)\d+")
STARTED = time.time() * 1000
# Lists in which the protocol promises no order.
UNORDERED = {"tags", "params", "aliases", "metrics"}


def plain(value):
    """Entities of the client, protobuf messages and numpy scalars as dicts, lists and JSON's scalars."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if hasattr(value, "token") and isinstance(value, list):
        # A page of the client: its items, and whether there are more.
        return {"items": [plain(entry) for entry in value], "more": bool(value.token)}
    # A repeated field of a message is a sequence, no list.
    if isinstance(value, Sequence):
        return [plain(entry) for entry in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(entry) for entry in value)
    if hasattr(value, "DESCRIPTOR"):
        from google.protobuf.json_format import MessageToDict

        return MessageToDict(value, preserving_proto_field_name=True)
    if hasattr(value, "_properties") or hasattr(type(value), "_get_properties_helper"):
        return {name: plain(entry) for name, entry in value}
    if hasattr(value, "to_dictionary"):
        return plain(value.to_dictionary())
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if hasattr(value, "tolist"):
        # Of numpy: an array is a list, a scalar what JSON has for it.
        return plain(value.tolist())
    if hasattr(value, "name") and hasattr(value, "value"):
        return value.name
    return str(value)


class Normaliser:
    """One a case: the same text of a server always gets the same name."""

    def __init__(self, roots):
        self.roots = roots
        self.names = {}
        # In the order of their appearance.
        self.experiments = {}

    def __call__(self, value):
        value = plain(value)
        self._find_experiments(value)
        return self._walk(value, None)

    def _name(self, kind, text):
        known = self.names.setdefault(kind, {})
        return known.setdefault(text, f"<{kind} {len(known) + 1}>")

    def _find_experiments(self, value):
        if isinstance(value, str):
            self.experiments.update((found, True) for found in PLACE.findall(value))
        elif isinstance(value, list):
            for entry in value:
                self._find_experiments(entry)
        elif isinstance(value, dict):
            for key, entry in sorted(value.items()):
                if key == "experiment_id" and isinstance(entry, str):
                    self.experiments[entry] = True
                elif key == "experiment_ids" and isinstance(entry, list):
                    self.experiments.update((str(one), True) for one in entry)
                else:
                    self._find_experiments(entry)

    def _walk(self, value, key):
        if isinstance(value, dict):
            return {name: self._walk(value[name], name) for name in sorted(value)}
        if isinstance(value, list):
            if key in UNORDERED and all(isinstance(entry, dict) for entry in value):
                value = sorted(value, key=lambda entry: str(entry.get("key", entry.get("alias", ""))))
            return [self._walk(entry, key) for entry in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, (int, float)):
            return "<now>" if STARTED - 60_000 < value < STARTED + 3_600_000 else value
        return self._text(value, key)

    def _text(self, text, key):
        if key in ("experiment_id", "experiment_ids"):
            return text if text == "0" else self._name("experiment", text)
        if key == "workspace":
            return "<workspace>"
        if RANDOM_NAME.match(text):
            return "<random name>"
        if key in ("next_page_token", "token", "page_token") and text:
            return "<token>"
        if re.fullmatch(r"1\d{12}", text):
            return self._walk(int(text), None) if STARTED - 60_000 < int(text) < STARTED + 3_600_000 else text
        for root, name in self.roots:
            text = text.replace(root, name)
        text = SET.sub(lambda match: "{" + ", ".join(sorted(match.group(1).split(", "))) + "}", text)
        text = HEX.sub(lambda match: self._name("id", match.group()), text)
        text = PORT.sub("<port>", SQL.sub("", text))
        for experiment in self.experiments:
            if experiment == "0":
                continue
            named = self._name("experiment", experiment)
            text = re.sub(rf"(?<=/){re.escape(experiment)}(?=/|$)", named, text)
            if "xperiment" in text:
                text = re.sub(rf"(?<![\w.<]){re.escape(experiment)}(?![\w.>])", named, text)
        return text
