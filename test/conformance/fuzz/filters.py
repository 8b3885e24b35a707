"""Filters and orders of searches, drawn from the grammar's own rules, right ones and nearly right ones."""

RUN_ATTRIBUTES = ["run_id", "run_name", "status", "artifact_uri", "start_time", "end_time", "user_id", "Run name", "Created", "run_uuid", "duration", "lifecycle_stage", "experiment_id"]
NUMBERS = ["0", "1", "0.5", "-1", "1e3", ".5", "5.", "-0.0", "+1", "'1'", "NaN", "1e400"]
STATUSES = ["'RUNNING'", "'FINISHED'", "'finished'", "'NOPE'", "'FAILED'"]
OPERATORS = ["=", "!=", ">", ">=", "<", "<=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL", "like", "iLike", "is null", "in", "==", "<>", "NOT LIKE", "BETWEEN"]


def quoted(rng, text):
    return rng.choice(["'{}'", '"{}"', "'{}'"]).format(text)


def key(rng, words):
    word = rng.choice(words)
    simple = word.replace("_", "").isalnum() and word.isascii()
    return word if simple and rng.random() < 0.7 else rng.choice(["`{}`", '"{}"', "`{}`", "'{}'", "{}"]).format(word)


def text_value(rng, texts):
    shape = rng.random()
    if shape < 0.6:
        return quoted(rng, rng.choice(texts))
    if shape < 0.85:
        word = rng.choice(texts)
        return quoted(rng, rng.choice([f"%{word[:2]}%", f"{word[:1]}%", "%", "_", f"%{word[-1:]}", word.upper()]))
    return rng.choice(["1", "abc", "''", "'", "NULL", "('a')", "true", "`x`"])


def list_value(rng, texts):
    items = ", ".join(quoted(rng, rng.choice(texts)) for _ in range(rng.randint(1, 3)))
    return rng.choice([f"({items})", f"({items})", f"({items})", "()", f"[{items}]", f"({items},)", "(1, 2)", "('a', 2)", "'a'"])


def comparison(rng, identifier, values, texts, likely):
    operator = rng.choice(likely if rng.random() < 0.85 else OPERATORS)
    space = "" if operator in ("=", "!=", ">", ">=", "<", "<=") and rng.random() < 0.2 else " "
    if operator.upper().endswith("NULL"):
        return f"{identifier} {operator}"
    if operator.upper() in ("IN", "NOT IN"):
        return f"{identifier} {operator} {list_value(rng, texts)}"
    return f"{identifier}{space}{operator}{space}{values()}"


TEXT_OPERATORS = ["=", "!=", "LIKE", "ILIKE", "=", "IS NULL", "IS NOT NULL", "IN", "NOT IN"]
NUMBER_OPERATORS = ["=", "!=", ">", ">=", "<", "<="]


def joined(rng, clauses):
    """Clauses joined with AND, now and then broken."""
    text = clauses[0]
    for clause in clauses[1:]:
        text += rng.choice([" AND ", " and ", " AND ", "  AND\n", " And "]) + clause
    if rng.random() < 0.06:
        text = rng.choice([text + " AND", text + " OR " + text, "(" + text + ")", "AND " + text, text + ";", text + ",", "  " + text + " ", text[:-1], text.replace("=", "", 1), "NOT " + text])
    return text


def run_clause(rng, world):
    kind = rng.choice(["metric", "param", "tag", "attribute", "dataset"])
    texts = world.texts
    if kind == "metric":
        name = rng.choice(["metrics", "metric", "metrics", "Metrics"])
        return comparison(rng, f"{name}.{key(rng, world.metric_keys)}", lambda: rng.choice(NUMBERS), texts, NUMBER_OPERATORS)
    if kind == "param":
        name = rng.choice(["params", "param", "parameter", "parameters"])
        return comparison(rng, f"{name}.{key(rng, world.param_keys)}", lambda: text_value(rng, texts), texts, TEXT_OPERATORS[:7])
    if kind == "tag":
        name = rng.choice(["tags", "tag", "tags", "TAGS"])
        return comparison(rng, f"{name}.{key(rng, world.tag_keys)}", lambda: text_value(rng, texts), texts, TEXT_OPERATORS[:7])
    if kind == "dataset":
        name = rng.choice(["datasets", "dataset"])
        return comparison(rng, f"{name}.{rng.choice(['name', 'digest', 'context', 'source'])}", lambda: quoted(rng, rng.choice(["d1", "d2", "D1", "train", "g1", "%"])), ["d1", "d2", "train", "g1"], ["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"])
    attribute = rng.choice(RUN_ATTRIBUTES)
    prefix = rng.choice(["attributes.", "attribute.", "", "attr.", "run."])
    identifier = prefix + (attribute if " " not in attribute else f"`{attribute}`")
    if attribute in ("start_time", "end_time", "Created"):
        return comparison(rng, identifier, lambda: rng.choice(["1000", "1005", "0", "1010.5", "'1000'", "-1"]), texts, NUMBER_OPERATORS)
    if attribute == "status":
        return comparison(rng, identifier, lambda: rng.choice(STATUSES), texts, ["=", "!=", "LIKE"])
    ids = [f"{{{{{run}}}}}" for run in list(world.runs)[:4]] + ["nope"]
    if attribute in ("run_id", "run_uuid"):
        return comparison(rng, identifier, lambda: quoted(rng, rng.choice(ids)), ids, ["=", "!=", "IN", "NOT IN", "LIKE"])
    return comparison(rng, identifier, lambda: text_value(rng, texts + world.run_names), texts + world.run_names, TEXT_OPERATORS[:5])


def run_filter(rng, world):
    return joined(rng, [run_clause(rng, world) for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))])


def direction(rng):
    return rng.choice(["", " ASC", " DESC", " asc", " desc", " DESC", "  DESC", " UP", " NULLS LAST"] if rng.random() < 0.2 else ["", " ASC", " DESC"])


def run_order(rng, world):
    kinds = [
        lambda: f"metrics.{key(rng, world.metric_keys)}",
        lambda: f"params.{key(rng, world.param_keys)}",
        lambda: f"tags.{key(rng, world.tag_keys)}",
        lambda: rng.choice(["attributes.", "attribute.", ""]) + rng.choice(["start_time", "end_time", "run_name", "status", "Created", "user_id", "nope", "`Run name`"]),
        lambda: rng.choice(["", "metrics", "metrics.", "lr", "datasets.name", "start_time,", "'start_time'", "foo.bar"]),
    ]
    weights = [4, 3, 3, 4, 0.6]
    return [rng.choices(kinds, weights)[0]() + direction(rng) for _ in range(rng.choice([1, 1, 2, 3]))]


def entity_clause(rng, world, attributes, names):
    """A clause of the searches of experiments, models and versions."""
    if rng.random() < 0.45:
        name = rng.choice(["tags", "tag"])
        return comparison(rng, f"{name}.{key(rng, world.tag_keys)}", lambda: text_value(rng, world.texts), world.texts, TEXT_OPERATORS[:7])
    attribute = rng.choice(attributes)
    identifier = rng.choice(["", "attributes.", "attribute."] if rng.random() < 0.5 else [""]) + attribute
    if "time" in attribute or "version" in attribute:
        return comparison(rng, identifier, lambda: rng.choice(["0", "1", "2", "99999999999999", "'1'", "1.5"]), names, NUMBER_OPERATORS)
    return comparison(rng, identifier, lambda: text_value(rng, names), names, ["=", "!=", "LIKE", "ILIKE", "IN"])


def entity_order(rng, attributes):
    return [rng.choice(attributes) + direction(rng) for _ in range(rng.choice([1, 1, 2]))]
