"""Every endpoint with its fields: how a right value is drawn, of what type it is, and what an answer adds to the world."""

import filters
import values

API = "/api/2.0/mlflow"


class Endpoint:
    def __init__(self, method, path, fields, weight=1.0, learn=None):
        self.method = method
        self.path = path
        self.fields = fields
        self.weight = weight
        self.learn = learn


class Field:
    """`draw(rng, world)` is a right value, `chance` how often it is sent; `edges` are values at a limit."""

    def __init__(self, type, draw, chance=1.0, edges=()):
        self.type = type
        self.draw = draw
        self.chance = chance
        self.edges = list(edges)


def pick(pool, otherwise):
    def draw(rng, world):
        names = list(getattr(world, pool))
        if not names or (rng.random() < 0.03 and not world.careful):
            return rng.choice(otherwise)
        return f"{{{{{rng.choice(names)}}}}}"

    return draw


EXPERIMENT = Field("string", pick("experiments", ["987654321", "abc", "-1", "0x1", "99999999999999999999"]))
RUN = Field("string", pick("runs", ["f" * 32, "nope", "a b", "../x", "-x", "x" * 257]))
LOGGED = Field("string", pick("logged", ["m-" + "f" * 32, "nope"]))


def one_of(*choices):
    return lambda rng, world: rng.choice(choices)


def words(pool):
    return lambda rng, world: rng.choice(getattr(world, pool))


def entry(rng, keys, texts):
    return {"key": rng.choice(keys), "value": rng.choice(texts)}


def entries(pool):
    def draw(rng, world):
        drawn = [entry(rng, getattr(world, pool), world.texts) for _ in range(rng.randint(0, 3))]
        if world.careful or rng.random() < 0.8:
            return list({one["key"]: one for one in drawn}.values())
        if rng.random() < 0.5:
            drawn.append(rng.choice([{"key": "only"}, {"value": "v"}, {}, {"key": "", "value": "e"}, {"key": "n", "value": None}, {"key": "a/../b", "value": "x"}, {"key": "a//b", "value": "x"}, {"key": "x", "value": "v" * 8001}, {"key": "k" * 251, "value": "x"}, {"key": "bad\nkey", "value": "x"}, {"key": "bad#key", "value": ""}]))
        return drawn

    return draw


METRIC_VALUES = [0, 1, 0.5, -1, 1e3, 2.5, "NaN", "Infinity", "-Infinity", "3.5", 1e-7, 123456789012]


def metric(rng, world):
    return {"key": rng.choice(world.metric_keys), "value": rng.choice(METRIC_VALUES), "timestamp": rng.choice([1, 2, 3, "4", 1000]), "step": rng.choice([0, 1, 2, -1, "3"])}


def metrics(rng, world):
    drawn = [metric(rng, world) for _ in range(rng.randint(0, 4))]
    if rng.random() < 0.1 and not world.careful:
        drawn.append({**metric(rng, world), **rng.choice([{"key": ""}, {"key": None}, {"value": None}, {"timestamp": None}, {"step": None}, {"key": "k" * 251}, {"key": "a/../b"}, {"timestamp": -1}, {"value": "abc"}, {"step": "x"}])})
    if rng.random() < 0.03:
        drawn = [{"key": "many", "value": i, "timestamp": i, "step": i} for i in range(rng.choice([1000, 1001]))]
    return drawn


def batch(pool):
    draw_some = entries(pool)

    def draw(rng, world):
        if rng.random() < 0.03 and not world.careful:
            return [{"key": f"k{i}", "value": "v"} for i in range(rng.choice([100, 101]))]
        return draw_some(rng, world)

    return draw


def named(rng, world):
    return f"{world.prefix}-{rng.choice(['x', 'Y', 'z z', 'é'])}{world.next()}"


def learn_experiment(world, request, answers):
    symbol = world.bind("exp", [answer["experiment_id"] for answer in answers])
    world.experiments[symbol] = {"experiment": symbol}


def symbol_of(text):
    return text.strip("{}") if isinstance(text, str) else None


def learn_run(world, request, answers):
    symbol = world.bind("run", [answer["run"]["info"]["run_id"] for answer in answers])
    world.runs[symbol] = {"experiment": symbol_of(request.get("experiment_id") or request.get("experimentId"))}


def learn_logged(world, request, answers):
    symbol = world.bind("lm", [answer["model"]["info"]["model_id"] for answer in answers])
    world.logged[symbol] = {"experiment": symbol_of(request.get("experiment_id"))}


def learn_model(world, request, answers):
    world.models[answers[0]["registered_model"]["name"]] = 0


def learn_rename(world, request, answers):
    world.renamed = True
    world.models[answers[0]["registered_model"]["name"]] = world.models.pop(request.get("name"), 0)


def learn_version(world, request, answers):
    name = answers[0]["model_version"]["name"]
    if name in world.models:
        world.models[name] += 1


def learn_token(world, request, answers):
    tokens = [answer.get("next_page_token") for answer in answers]
    if all(tokens):
        world.tokens.append((world.bind("tok", tokens), request))


def start_time(rng, world):
    return rng.choice([1000 + world.next(), str(1000 + world.next())])


def dataset_input(rng, world):
    dataset = {"name": rng.choice(["d1", "d2", "D1"]), "digest": rng.choice(["g1", "g2"]), "source_type": "local", "source": "s", **rng.choice([{}, {}, {"schema": "{}"}, {"profile": "p"}])}
    drawn = {"dataset": dataset, "tags": rng.choice([[], [{"key": "mlflow.data.context", "value": rng.choice(["train", "eval"])}], [{"key": "z", "value": "1"}]])}
    if rng.random() < 0.15:
        wrong = rng.choice(["name", "digest", "source_type", "source"])
        dataset[wrong] = rng.choice([None, "", 5, "n" * 501, "d" * 37])
    if rng.random() < 0.03:
        drawn.pop("dataset")
    return drawn


def some(draw, most=3):
    return lambda rng, world: [draw(rng, world) for _ in range(rng.randint(0, most))]


def experiments_list(rng, world):
    return [EXPERIMENT.draw(rng, world) for _ in range(rng.choice([1, 1, 1, 2, 0]))]


MODEL = Field("string", lambda rng, world: rng.choice(list(world.models)) if world.models and (world.careful or rng.random() > 0.04) else rng.choice([f"{world.prefix}-none", "a/b", "a:b"]), edges=["", " ", "a/b", "a:b", "..", "é"])


def version(rng, world):
    return rng.choice(["1", "1", "2", "3", "1", 1, "99", "0", "-1", "abc", "1.0", "", "01", "latest"] if rng.random() < 0.3 else ["1", "2"])


VERSION = Field("string", version)
ALIAS = Field("string", one_of("a1", "champ", "Champ", "a-b", "é"), edges=["latest", "Latest", "v1", "V2", "v", "v1x", "", "a b", "a/b", "a:b", "a" * 255, "a" * 256, "1", "_", "-a"])
STAGE = Field("string", one_of("None", "Staging", "Production", "Archived", "staging"), edges=["none", "PRODUCTION", "nope", "", " Staging"])
TAG_KEY = Field("string", words("tag_keys"), edges=[*values.edges(250), "", "a/b", "a//b", "/a", "../a", "a\nb", "a#b", "."])
TAG_VALUE = Field("string", words("texts"), 0.9, edges=[*values.edges(8000), "", "a\nb"])
MODEL_TAG_VALUE = Field("string", words("texts"), 0.9, edges=["", "v" * 100_000, "v" * 100_001, "é" * 5001])
MAX_RESULTS = Field("int", one_of(1, 2, 3, 5, 100, "2"), 0.6, edges=[0, -1, 1000, 1001, 50000, 50001, 200000, 200001])
TOKEN = Field("string", one_of("abc", "", "eyJvZmZzZXQiOiAxfQ=="), 0.03)
VIEW = Field("enum", one_of("ACTIVE_ONLY", "DELETED_ONLY", "ALL", 1, 2, 3), 0.4, edges=["NOPE", "all", 0, 4, "1"])


def run_filter(rng, world):
    return filters.run_filter(rng, world)


def entity_filter(attributes, names, scope):
    def draw(rng, world):
        clauses = [filters.entity_clause(rng, world, attributes, names(world)) for _ in range(rng.choice([0, 1, 1, 2]))]
        return filters.joined(rng, [f"{scope} LIKE '{world.prefix}%'", *clauses])

    return draw


def entity_order(attributes):
    return lambda rng, world: filters.entity_order(rng, attributes)


EXPERIMENT_ATTRIBUTES = ["name", "creation_time", "last_update_time", "experiment_id", "lifecycle_stage", "nope"]
MODEL_ATTRIBUTES = ["name", "timestamp", "creation_timestamp", "last_updated_timestamp", "description", "nope"]
VERSION_ATTRIBUTES = ["name", "version_number", "run_id", "source_path", "creation_timestamp", "current_stage", "nope"]


def model_names(world):
    return [*list(world.models)[:4], world.prefix, "x"]


EXPERIMENT_SEARCH = {
    "filter": Field("string", entity_filter(EXPERIMENT_ATTRIBUTES[:4], lambda world: [world.prefix + "-x2", "x"], "name"), 1.0),
    "max_results": Field("int", MAX_RESULTS.draw, 1.0, MAX_RESULTS.edges),
    "view_type": VIEW,
    "order_by": Field("list", entity_order(["name", "creation_time", "experiment_id", "nope"]), 0.4),
    "page_token": TOKEN,
}
LATEST = {"name": MODEL, "stages": Field("list", some(STAGE.draw), 0.5)}

ENDPOINTS = [
    Endpoint("POST", "/experiments/create", {"name": Field("string", named, edges=[*values.edges(500), *values.STRANGE_TEXTS]), "artifact_location": Field("string", one_of("s3://b/p", "s3://b/p/", "file:///tmp/x", "mlflow-artifacts:/x"), 0.1, edges=["s3://b/../c", "s3://b/p?x=1", "s3://b/p#f", "", "http://h/p", "s3://b/" + "x" * 2041, "s3://b/" + "x" * 2042, "nope://x/y"]), "tags": Field("list", entries("tag_keys"), 0.5)}, 2, learn_experiment),
    Endpoint("GET", "/experiments/get", {"experiment_id": EXPERIMENT}),
    Endpoint("GET", "/experiments/get-by-name", {"experiment_name": Field("string", lambda rng, world: rng.choice(["Default", world.prefix + "-x1", "nope"]))}),
    Endpoint("POST", "/experiments/update", {"experiment_id": EXPERIMENT, "new_name": Field("string", named, edges=[*values.edges(500), *values.STRANGE_TEXTS])}, 0.6),
    Endpoint("POST", "/experiments/delete", {"experiment_id": EXPERIMENT}, 0.15),
    Endpoint("POST", "/experiments/restore", {"experiment_id": EXPERIMENT}, 0.4),
    Endpoint("POST", "/experiments/set-experiment-tag", {"experiment_id": EXPERIMENT, "key": TAG_KEY, "value": Field("string", words("texts"), edges=[*values.edges(5000), ""])}, 1.5),
    Endpoint("POST", "/experiments/delete-experiment-tag", {"experiment_id": EXPERIMENT, "key": TAG_KEY}, 0.7),
    Endpoint("POST", "/experiments/search", EXPERIMENT_SEARCH, 2),
    Endpoint("GET", "/experiments/search", EXPERIMENT_SEARCH, 1),
    Endpoint("POST", "/runs/create", {"experiment_id": EXPERIMENT, "start_time": Field("int", start_time), "run_name": Field("string", words("run_names"), 0.8, edges=["", "n" * 250, "n" * 6000]), "user_id": Field("string", one_of("me", "you"), 0.9, edges=["", "u" * 300]), "tags": Field("list", entries("tag_keys"), 0.5)}, 4, learn_run),
    Endpoint("GET", "/runs/get", {"run_id": RUN}, 2),
    Endpoint("POST", "/runs/update", {"run_id": RUN, "status": Field("enum", one_of("RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED", 3), 0.6), "end_time": Field("int", one_of(5000, "6000", 0), 0.5), "run_name": Field("string", words("run_names"), 0.4, edges=["", "n" * 250])}, 1.5),
    Endpoint("POST", "/runs/delete", {"run_id": RUN}, 0.4),
    Endpoint("POST", "/runs/restore", {"run_id": RUN}, 0.5),
    Endpoint("POST", "/runs/log-metric", {"run_id": RUN, "key": Field("string", words("metric_keys"), edges=TAG_KEY.edges), "value": Field("double", one_of(*METRIC_VALUES)), "timestamp": Field("int", one_of(1, 2, "3", 1000)), "step": Field("int", one_of(0, 1, "2", -1), 0.8)}, 3),
    Endpoint("POST", "/runs/log-parameter", {"run_id": RUN, "key": Field("string", words("param_keys"), edges=TAG_KEY.edges), "value": Field("string", words("texts"), 0.95, edges=[*values.edges(6000), ""])}, 2),
    Endpoint("POST", "/runs/set-tag", {"run_id": RUN, "key": TAG_KEY, "value": TAG_VALUE}, 2),
    Endpoint("POST", "/runs/delete-tag", {"run_id": RUN, "key": TAG_KEY}, 1),
    Endpoint("POST", "/runs/log-batch", {"run_id": RUN, "metrics": Field("list", metrics, 0.7), "params": Field("list", batch("param_keys"), 0.5), "tags": Field("list", batch("tag_keys"), 0.5)}, 4),
    Endpoint("POST", "/runs/log-inputs", {"run_id": RUN, "datasets": Field("list", some(dataset_input, 2), 0.95), "models": Field("list", some(lambda rng, world: {"model_id": LOGGED.draw(rng, world)}, 1), 0.2)}, 1.5),
    Endpoint("POST", "/runs/outputs", {"run_id": RUN, "models": Field("list", some(lambda rng, world: {"model_id": LOGGED.draw(rng, world), "step": rng.choice([0, 1, "2"])}, 2), 0.95)}, 0.7),
    Endpoint("POST", "/runs/log-model", {"run_id": RUN, "model_json": Field("string", one_of('{"run_id": "x", "artifact_path": "m", "utc_time_created": "t", "flavors": {}}'), edges=["{}", "[]", "x", "5", '"a"', '{"artifact_path": "m"}', '{"artifact_path": "m", "flavors": {}}'])}, 0.5),
    Endpoint("POST", "/runs/search", {"experiment_ids": Field("list", experiments_list, 0.97), "filter": Field("string", run_filter, 0.85), "run_view_type": VIEW, "max_results": MAX_RESULTS, "order_by": Field("list", filters.run_order, 0.5), "page_token": TOKEN}, 12, learn_token),
    Endpoint("GET", "/metrics/get-history", {"run_id": RUN, "metric_key": Field("string", words("metric_keys")), "max_results": Field("int", one_of(1, 2, 100), 0.3, edges=[0, -1, 25000, 25001]), "page_token": TOKEN}, 2),
    Endpoint("GET", "/metrics/get-history-bulk-interval", {"run_ids": Field("list", some(RUN.draw, 2)), "metric_key": Field("string", words("metric_keys")), "start_step": Field("int", one_of(0, 1), 0.3), "end_step": Field("int", one_of(1, 5), 0.3), "max_results": Field("int", one_of(1, 2, 100), 0.3, edges=[0, -1, 2500, 2501])}, 1),
    Endpoint("GET", "/artifacts/list", {"run_id": RUN, "path": Field("string", one_of("a", "a/b"), 0.3, edges=["..", "/", "a/../b", "", "."]), "page_token": TOKEN}, 0.5),
    Endpoint("POST", "/registered-models/create", {"name": Field("string", named, edges=values.STRANGE_TEXTS), "description": Field("string", words("texts"), 0.4, edges=["", "d" * 5001]), "tags": Field("list", entries("tag_keys"), 0.4)}, 2, learn_model),
    Endpoint("GET", "/registered-models/get", {"name": MODEL}),
    Endpoint("PATCH", "/registered-models/update", {"name": MODEL, "description": Field("string", words("texts"), 0.9)}, 0.7),
    Endpoint("POST", "/registered-models/rename", {"name": MODEL, "new_name": Field("string", named, 0.97, edges=values.STRANGE_TEXTS)}, 0.3, learn_rename),
    Endpoint("DELETE", "/registered-models/delete", {"name": MODEL}, 0.1),
    Endpoint("GET", "/registered-models/search", {"filter": Field("string", entity_filter(MODEL_ATTRIBUTES[:1], model_names, "name")), "max_results": Field("int", one_of(1, 2, 100), 0.5, edges=[0, -1, 1000, 1001]), "order_by": Field("list", entity_order(MODEL_ATTRIBUTES[:1] * 3 + ["last_updated_timestamp", "timestamp", "nope"]), 0.4), "page_token": TOKEN}, 2),
    Endpoint("POST", "/registered-models/set-tag", {"name": MODEL, "key": TAG_KEY, "value": MODEL_TAG_VALUE}),
    Endpoint("DELETE", "/registered-models/delete-tag", {"name": MODEL, "key": TAG_KEY}, 0.6),
    Endpoint("POST", "/registered-models/alias", {"name": MODEL, "alias": ALIAS, "version": VERSION}, 1.5),
    Endpoint("GET", "/registered-models/alias", {"name": MODEL, "alias": ALIAS}),
    Endpoint("DELETE", "/registered-models/alias", {"name": MODEL, "alias": ALIAS}, 0.5),
    Endpoint("GET", "/registered-models/get-latest-versions", LATEST, 1),
    Endpoint("POST", "/registered-models/get-latest-versions", LATEST, 1),
    Endpoint("POST", "/model-versions/create", {"name": MODEL, "source": Field("string", one_of("s3://b/m", "s3://b/n"), edges=["", "file:///etc", "/tmp/x", "../x", "s3://b/../x", "models:/x/1", "mlflow-artifacts:/x/y", "http://h/x?y", "relative"]), "run_id": Field("string", RUN.draw, 0.4), "description": Field("string", words("texts"), 0.3), "tags": Field("list", entries("tag_keys"), 0.3), "run_link": Field("string", one_of("http://x"), 0.1), "model_id": Field("string", LOGGED.draw, 0.05)}, 2.5, learn_version),
    Endpoint("GET", "/model-versions/get", {"name": MODEL, "version": VERSION}),
    Endpoint("PATCH", "/model-versions/update", {"name": MODEL, "version": VERSION, "description": Field("string", words("texts"), 0.9)}),
    Endpoint("DELETE", "/model-versions/delete", {"name": MODEL, "version": VERSION}, 0.4),
    Endpoint("GET", "/model-versions/get-download-uri", {"name": MODEL, "version": VERSION}, 0.6),
    Endpoint("POST", "/model-versions/transition-stage", {"name": MODEL, "version": VERSION, "stage": STAGE, "archive_existing_versions": Field("bool", one_of(True, False), 0.8)}, 1.2),
    Endpoint("POST", "/model-versions/set-tag", {"name": MODEL, "version": VERSION, "key": TAG_KEY, "value": MODEL_TAG_VALUE}),
    Endpoint("DELETE", "/model-versions/delete-tag", {"name": MODEL, "version": VERSION, "key": TAG_KEY}, 0.5),
    Endpoint("GET", "/model-versions/search", {"filter": Field("string", entity_filter(VERSION_ATTRIBUTES[:4], model_names, "name")), "max_results": Field("int", one_of(1, 2, 100), 0.5, edges=[0, -1, 10000, 200000, 200001]), "order_by": Field("list", entity_order(["name", "version_number", "name", "creation_timestamp", "nope", "run_id"]), 0.6), "page_token": TOKEN}, 2),
    Endpoint("POST", "/logged-models", {"experiment_id": EXPERIMENT, "name": Field("string", one_of("lm", "other", "a-b"), 0.8, edges=values.STRANGE_TEXTS), "model_type": Field("string", one_of("Agent", "x"), 0.3), "source_run_id": Field("string", RUN.draw, 0.4), "params": Field("list", entries("param_keys"), 0.4), "tags": Field("list", entries("tag_keys"), 0.4)}, 1.5, learn_logged),
    Endpoint("GET", "/logged-models/{model_id}", {"model_id": LOGGED}),
    Endpoint("PATCH", "/logged-models/{model_id}", {"model_id": LOGGED, "status": Field("enum", one_of("LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED", 2))}, 0.7),
    Endpoint("DELETE", "/logged-models/{model_id}", {"model_id": LOGGED}, 0.15),
    Endpoint("PATCH", "/logged-models/{model_id}/tags", {"model_id": LOGGED, "tags": Field("list", entries("tag_keys"))}, 0.7),
    Endpoint("DELETE", "/logged-models/{model_id}/tags/t1", {"model_id": LOGGED}, 0.4),
    Endpoint("POST", "/logged-models/{model_id}/params", {"model_id": LOGGED, "params": Field("list", entries("param_keys"))}, 0.7),
    Endpoint("POST", "/logged-models/search", {"experiment_ids": Field("list", experiments_list), "filter": Field("string", one_of("name = 'lm'", "params.lr = '0.1'", "tags.t1 = 'x'", "metrics.acc > 0", "name LIKE 'l%'", "name != 'lm'", "attributes.name = 'lm'", "name = 'lm' AND params.depth = '1'", "creation_timestamp > 0", "tags.`t 3` != 'x'", "model_type = 'Agent'", "name ILIKE 'L%'", "name IN ('lm')"), 0.7), "max_results": MAX_RESULTS, "order_by": Field("list", one_of([], [{"field_name": "name"}], [{"field_name": "name", "ascending": False}], [{"field_name": "creation_timestamp"}], [{"field_name": "metrics.acc", "ascending": True}], [{"field_name": "nope"}]), 0.4), "page_token": TOKEN}, 1.5),
]
