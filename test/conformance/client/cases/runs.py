"""Runs: their life, their tags and params, what is refused."""

import mlflow
from harness import case
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, Metric, Param, RunTag

UNKNOWN = "0123456789abcdef0123456789abcdef"


@case("create and get: every field")
def create(c):
    experiment = c.experiment()
    made = c.client.create_run(experiment, start_time=1_700_000_000_000, tags={"a": "1"}, run_name="first")
    c.show("made", made)
    c.show("got", c.client.get_run(made.info.run_id))
    c.ask("as request", "GET", "runs/get", query={"run_id": made.info.run_id})
    c.ask("by run_uuid", "GET", "runs/get", query={"run_uuid": made.info.run_id})


@case("create: names, from the tag, from the field, by chance, both")
def names(c):
    experiment = c.experiment()
    c.show("by chance", c.client.create_run(experiment).info.run_name)
    c.show("tag", c.client.create_run(experiment, tags={"mlflow.runName": "tagged"}))
    c.ask("both differ", "POST", "runs/create", {"experiment_id": experiment, "run_name": "a", "tags": [{"key": "mlflow.runName", "value": "b"}]})
    c.ask("both alike", "POST", "runs/create", {"experiment_id": experiment, "run_name": "a", "tags": [{"key": "mlflow.runName", "value": "a"}]})
    c.ask("empty", "POST", "runs/create", {"experiment_id": experiment, "run_name": ""})
    c.ask("unicode", "POST", "runs/create", {"experiment_id": experiment, "run_name": "Lauf ✓ ä"})


@case("create: bare request and its defaults")
def bare(c):
    experiment = c.experiment()
    c.ask("bare", "POST", "runs/create", {"experiment_id": experiment})
    c.ask("time as text", "POST", "runs/create", {"experiment_id": experiment, "start_time": "1700000000000", "user_id": "me"})
    c.ask("no experiment", "POST", "runs/create", {})
    c.ask("unknown experiment", "POST", "runs/create", {"experiment_id": "987654321"})
    c.ask("time is no number", "POST", "runs/create", {"experiment_id": experiment, "start_time": "soon"})
    c.ask("tags no list", "POST", "runs/create", {"experiment_id": experiment, "tags": "a"})
    c.ask("experiment as number", "POST", "runs/create", {"experiment_id": 0})


@case("update: status, end time, name")
def update(c):
    run = c.run(start_time=1_700_000_000_000, run_name="first")
    for status in ("FINISHED", "FAILED", "KILLED", "SCHEDULED", "RUNNING"):
        c.ask(status, "POST", "runs/update", {"run_id": run, "status": status, "end_time": 1_700_000_001_000})
    c.ask("name", "POST", "runs/update", {"run_id": run, "run_name": "second"})
    c.show("tag of the name", c.client.get_run(run).data.tags["mlflow.runName"])
    c.client.set_tag(run, "mlflow.runName", "third")
    c.show("name of the tag", c.client.get_run(run).info.run_name)
    c.ask("nothing", "POST", "runs/update", {"run_id": run})
    c.ask("run_uuid", "POST", "runs/update", {"run_uuid": run, "status": "FINISHED"})
    c.ask("wrong status", "POST", "runs/update", {"run_id": run, "status": "DONE"})
    c.ask("no run", "POST", "runs/update", {"status": "FINISHED"})
    c.ask("unknown run", "POST", "runs/update", {"run_id": UNKNOWN, "status": "FINISHED"})
    c.ask("time is no number", "POST", "runs/update", {"run_id": run, "end_time": "x"})
    c.client.set_terminated(run, "KILLED", end_time=1_700_000_005_000)
    c.show("terminated", c.client.get_run(run).info)
    c.client.update_run(run, status="RUNNING", name="fourth")
    c.show("resumed", c.client.get_run(run).info)


@case("delete and restore")
def delete(c):
    experiment = c.experiment()
    run = c.run(experiment)
    c.client.delete_run(run)
    c.show("deleted", c.client.get_run(run).info.lifecycle_stage)
    c.error("param", lambda: c.client.log_param(run, "a", 1))
    c.error("metric", lambda: c.client.log_metric(run, "a", 1))
    c.error("tag", lambda: c.client.set_tag(run, "a", 1))
    c.error("delete tag", lambda: c.client.delete_tag(run, "a"))
    c.error("batch", lambda: c.client.log_batch(run, tags=[RunTag("a", "1")]))
    c.error("update", lambda: c.client.set_terminated(run))
    c.show("deleted again", c.rest("POST", "runs/delete", {"run_id": run})["status"])
    c.client.restore_run(run)
    c.show("restored", c.client.get_run(run).info)
    c.show("restored again", c.rest("POST", "runs/restore", {"run_id": run})["status"])
    c.error("unknown deleted", lambda: c.client.delete_run(UNKNOWN))
    c.error("unknown restored", lambda: c.client.restore_run(UNKNOWN))
    c.ask("no run", "POST", "runs/delete", {})
    c.show("found", [found.info.lifecycle_stage for found in c.client.search_runs([experiment])])


@case("params: the same again, another value, lengths")
def params(c):
    run = c.run()
    c.client.log_param(run, "a", 1)
    c.client.log_param(run, "a", "1")
    c.error("another value", lambda: c.client.log_param(run, "a", 2))
    c.ask("another value as request", "POST", "runs/log-parameter", {"run_id": run, "key": "a", "value": "3"})
    c.client.log_param(run, "long", "x" * 6000)
    c.ask("too long", "POST", "runs/log-parameter", {"run_id": run, "key": "l", "value": "x" * 6001})
    c.ask("long key", "POST", "runs/log-parameter", {"run_id": run, "key": "k" * 251, "value": "x"})
    c.show("250", c.rest("POST", "runs/log-parameter", {"run_id": run, "key": "k" * 250, "value": "x"}))
    c.ask("empty value", "POST", "runs/log-parameter", {"run_id": run, "key": "empty", "value": ""})
    c.ask("no value", "POST", "runs/log-parameter", {"run_id": run, "key": "none"})
    c.ask("no key", "POST", "runs/log-parameter", {"run_id": run, "value": "x"})
    c.ask("empty key", "POST", "runs/log-parameter", {"run_id": run, "key": "", "value": "x"})
    c.ask("number as a value", "POST", "runs/log-parameter", {"run_id": run, "key": "n", "value": 3})
    c.ask("run_uuid", "POST", "runs/log-parameter", {"run_uuid": run, "key": "u", "value": "x"})
    c.ask("no run", "POST", "runs/log-parameter", {"key": "u", "value": "x"})
    c.ask("unknown run", "POST", "runs/log-parameter", {"run_id": UNKNOWN, "key": "u", "value": "x"})
    c.show("params", c.client.get_run(run).data.params)


@case("keys: what letters they may have")
def keys(c):
    run = c.run()
    for at, key in enumerate(["a/b/c", "a.b-c_d e", "a:b", "../a", "/a", "a//b", "a/./b", "a$", "ä", ".", "a\nb", "a,b", "\\a", "a/"]):
        for path, more in (("log-parameter", {"value": "1"}), ("log-metric", {"value": 1.0, "timestamp": 1}), ("set-tag", {"value": "1"})):
            answer = c.rest("POST", f"runs/{path}", {"run_id": run, "key": key, **more})
            c.show(f"{at} {path}", answer)
    c.show("run", c.client.get_run(run).data)


@case("tags: set, overwrite, delete, lengths")
def tags(c):
    run = c.run()
    c.client.set_tag(run, "a", 1)
    c.client.set_tag(run, "a", "zwei ✓")
    c.client.set_tag(run, "b/c", "x\ny")
    c.show("tags", c.client.get_run(run).data.tags)
    c.client.delete_tag(run, "a")
    c.error("deleted again", lambda: c.client.delete_tag(run, "a"))
    c.ask("too long", "POST", "runs/set-tag", {"run_id": run, "key": "l", "value": "x" * 8001})
    c.show("8000", c.rest("POST", "runs/set-tag", {"run_id": run, "key": "l", "value": "x" * 8000}))
    c.ask("long key", "POST", "runs/set-tag", {"run_id": run, "key": "k" * 251, "value": "x"})
    c.ask("no key", "POST", "runs/set-tag", {"run_id": run, "value": "x"})
    c.ask("no value", "POST", "runs/set-tag", {"run_id": run, "key": "none"})
    c.ask("a number", "POST", "runs/set-tag", {"run_id": run, "key": "n", "value": 3})
    c.ask("unknown run", "POST", "runs/set-tag", {"run_id": UNKNOWN, "key": "n", "value": "3"})
    c.ask("delete: no key", "POST", "runs/delete-tag", {"run_id": run})
    c.ask("delete: unknown run", "POST", "runs/delete-tag", {"run_id": UNKNOWN, "key": "a"})
    c.show("left", sorted(c.client.get_run(run).data.tags))


@case("metrics: latest by step, time, value; not finite; the same again")
def metrics(c):
    run = c.run()
    points = [("a", 1.0, 10, 0), ("a", 3.0, 5, 2), ("a", 2.0, 20, 1), ("b", 1.0, 7, 0), ("b", 2.0, 7, 0), ("c", 1.0, 1, -5), ("c", 0.5, 1, -6)]
    for key, value, timestamp, step in points:
        c.client.log_metric(run, key, value, timestamp=timestamp, step=step)
    c.client.log_metric(run, "a", 3.0, timestamp=5, step=2)
    for at, value in enumerate([float("nan"), float("inf"), float("-inf")]):
        c.client.log_metric(run, f"odd{at}", value, timestamp=3, step=0)
    c.show("run", c.client.get_run(run).data.metrics)
    c.ask("as request", "GET", "runs/get", query={"run_id": run})
    for key in ("a", "b", "c", "odd0", "odd1", "none"):
        c.show(f"history {key}", c.client.get_metric_history(run, key))
    c.ask("history as request", "GET", "metrics/get-history", query={"run_id": run, "metric_key": "odd0"})


@case("metrics: what is refused")
def metrics_refused(c):
    run = c.run()

    def ask(label, **body):
        c.ask(label, "POST", "runs/log-metric", {"run_id": run, "key": "k", "value": 1.0, "timestamp": 1, **body})

    ask("text", value="one")
    ask("number as text", value="1.5")
    ask("NaN as text", value="NaN")
    ask("Infinity as text", value="Infinity")
    ask("null", value=None)
    ask("true", value=True)
    ask("no time", timestamp=None)
    ask("time as text", timestamp="17")
    ask("time with a point", timestamp=1.5, key="point")
    ask("step as text", step="3")
    ask("step is a word", step="x")
    ask("long key", key="k" * 251)
    ask("empty key", key="")
    ask("no key", key=None)
    ask("unknown run", run_id=UNKNOWN)
    ask("no run", run_id=None)
    ask("big", value=1e308, key="big")
    ask("tiny", value=5e-324, key="tiny")
    ask("integer", value=7, key="integer")
    ask("big step", step=2**53 - 1, key="step")
    ask("minus zero", value=-0.0, key="zero")
    c.show("metrics", c.client.get_run(run).data.metrics)


@case("metric history: pages")
def history(c):
    run = c.run()
    c.client.log_batch(run, metrics=[Metric("m", at / 2, 1000 + at, at) for at in range(25)])
    c.show("all", [[point.step, point.value] for point in c.client.get_metric_history(run, "m")])
    first = c.rest("GET", "metrics/get-history", query={"run_id": run, "metric_key": "m", "max_results": 10})["body"]
    c.show("first page", first)
    second = c.rest("GET", "metrics/get-history", query={"run_id": run, "metric_key": "m", "max_results": 10, "page_token": first["next_page_token"]})["body"]
    c.show("second page", second)
    third = c.rest("GET", "metrics/get-history", query={"run_id": run, "metric_key": "m", "max_results": 10, "page_token": second["next_page_token"]})
    c.show("third page", third)
    c.ask("no key", "GET", "metrics/get-history", query={"run_id": run})
    c.ask("no run", "GET", "metrics/get-history", query={"metric_key": "m"})
    c.ask("unknown run", "GET", "metrics/get-history", query={"run_id": UNKNOWN, "metric_key": "m"})
    c.ask("token", "GET", "metrics/get-history", query={"run_id": run, "metric_key": "m", "max_results": 5, "page_token": "nonsense"})


@case("metric history of several runs in intervals")
def bulk(c):
    experiment = c.experiment()
    runs = [c.run(experiment) for _ in range(2)]
    for at, run in enumerate(runs):
        c.client.log_batch(run, metrics=[Metric("m", step * (at + 1), 1000 + step, step) for step in range(0, 40, 2)])

    def ask(label, **query):
        c.ask(label, "GET", "metrics/get-history-bulk-interval", query={"run_ids": runs, "metric_key": "m", "max_results": 10, **query})

    ask("all")
    ask("part", start_step=4, end_step=12)
    ask("one", run_ids=runs[:1], max_results=3)
    ask("no runs", run_ids=[])
    ask("no key", metric_key=None)
    ask("half a range", start_step=4)
    ask("turned", start_step=9, end_step=3)
    ask("too many", max_results=2501)
    ask("none", max_results=0)
    ask("no such metric", metric_key="other")


@case("log-batch: whole, empty, twice")
def batch(c):
    run = c.run()
    c.client.log_batch(run, [Metric("m", 1.0, 1, 0), Metric("m", 2.0, 2, 1)], [Param("p", "1")], [RunTag("t", "1")])
    c.client.log_batch(run, [Metric("m", 1.0, 1, 0)], [Param("p", "1")], [RunTag("t", "2")])
    c.ask("empty", "POST", "runs/log-batch", {"run_id": run})
    c.ask("empty lists", "POST", "runs/log-batch", {"run_id": run, "metrics": [], "params": [], "tags": []})
    c.show("run", c.client.get_run(run).data)
    c.show("history", c.client.get_metric_history(run, "m"))
    c.client.log_batch(run, metrics=[Metric(f"m{at}", at, 1, 0) for at in range(1000)])
    c.show("metrics", len(c.client.get_run(run).data.metrics))


@case("log-batch: limits, and nothing written where a part is wrong")
def batch_refused(c):
    run = c.run()
    c.client.log_param(run, "p", "1")

    def ask(label, **body):
        answer = c.rest("POST", "runs/log-batch", {"run_id": run, **body})
        c.show(label, answer)

    metric = {"key": "m", "value": 1.0, "timestamp": 1, "step": 0}
    ask("1001 metrics", metrics=[{**metric, "key": f"m{at}"} for at in range(1001)])
    ask("101 params", params=[{"key": f"p{at}", "value": "1"} for at in range(101)])
    ask("101 tags", tags=[{"key": f"t{at}", "value": "1"} for at in range(101)])
    ask("1001 in all", metrics=[{**metric, "key": f"m{at}"} for at in range(950)], params=[{"key": f"p{at}", "value": "1"} for at in range(51)])
    ask("another value", params=[{"key": "q", "value": "1"}, {"key": "p", "value": "2"}], tags=[{"key": "t", "value": "1"}], metrics=[metric])
    ask("twice in one", params=[{"key": "x", "value": "1"}, {"key": "x", "value": "2"}])
    ask("twice alike", params=[{"key": "y", "value": "1"}, {"key": "y", "value": "1"}])
    ask("metric without a value", metrics=[{"key": "m", "timestamp": 1}])
    ask("metric without a key", metrics=[{"value": 1, "timestamp": 1}])
    ask("metric of a word", run_id=c.run(), metrics=[{"key": "m", "value": "x", "timestamp": 1}])
    ask("param without a key", params=[{"value": "1"}])
    ask("param without a value", params=[{"key": "z"}])
    ask("long param", params=[{"key": "z", "value": "x" * 6001}])
    ask("long tag", tags=[{"key": "z", "value": "x" * 8001}])
    ask("long key", tags=[{"key": "k" * 251, "value": "x"}])
    ask("odd key", metrics=[{**metric, "key": "a$"}])
    ask("no list", metrics={"key": "m"})
    ask("no objects", params=["a"])
    answer = c.rest("POST", "runs/log-batch", {"run_id": c.run(), "tags": [{"key": f"t{at}", "value": "x" * 8000} for at in range(100)], "metrics": [{**metric, "key": "m" * 240 + str(at)} for at in range(900)]})
    c.show("over 1 MB", answer)
    c.ask("no run", "POST", "runs/log-batch", {"metrics": []})
    c.ask("unknown run", "POST", "runs/log-batch", {"run_id": UNKNOWN, "metrics": [metric]})
    c.show("what is there", c.client.get_run(run).data)


@case("fluent: nested runs, parents, resuming")
def nested(c):
    mlflow.set_experiment(c.name("exp"))
    with mlflow.start_run(run_name="parent", description="the parent", tags={"level": "0"}) as parent:
        mlflow.log_param("a", 1)
        for at in range(3):
            with mlflow.start_run(run_name=f"child {at}", nested=True):
                mlflow.log_metrics({"loss": 1 / (at + 1)}, step=at, timestamp=1000 + at)
                mlflow.log_params({"at": at, "list": [1, 2], "none": None})
                mlflow.set_tags({"kind": "child"})
    with mlflow.start_run(run_id=parent.info.run_id):
        mlflow.log_metric("total", 3, step=0, timestamp=1)
        mlflow.set_tag("resumed", True)
    c.show("parent", c.client.get_run(parent.info.run_id))
    children = mlflow.search_runs(filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'", order_by=["metrics.loss DESC"], output_format="list")
    c.show("children", children)
    c.show("parent of", mlflow.get_parent_run(children[0].info.run_id).info.run_name)
    try:
        with mlflow.start_run(run_name="fails"):
            raise ValueError("on purpose")
    except ValueError:
        pass
    c.show("failed", mlflow.last_active_run().info.status)
    frame = mlflow.search_runs(order_by=["attributes.run_name"])
    c.show("columns", sorted(frame.columns))
    c.show("rows", len(frame))


@case("inputs and outputs: datasets with tags, models")
def inputs(c):
    experiment = c.experiment()
    run = c.run(experiment)
    dataset = Dataset(name="houses", digest="abc", source_type="local", source='{"uri": "x.csv"}', schema='{"a": 1}', profile='{"rows": 3}')
    c.client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
    c.client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
    other = Dataset(name="flats", digest="def", source_type="http", source="https://x")
    c.client.log_inputs(run, [DatasetInput(other, [])])
    c.show("run", c.client.get_run(run).inputs)
    c.ask("as request", "GET", "runs/get", query={"run_id": run})
    model = c.client.create_logged_model(experiment, name="net", source_run_id=run)
    c.client.log_inputs(run, models=[LoggedModelInput(model.model_id)])
    c.client.log_outputs(run, [LoggedModelOutput(model.model_id, 3)])
    found = c.client.get_run(run)
    c.show("models", [found.inputs, found.outputs])
    c.ask("no dataset", "POST", "runs/log-inputs", {"run_id": run, "datasets": [{"tags": []}]})
    c.ask("no name", "POST", "runs/log-inputs", {"run_id": run, "datasets": [{"dataset": {"digest": "a", "source_type": "b", "source": "c"}}]})
    c.ask("no run", "POST", "runs/log-inputs", {"datasets": []})
    c.ask("unknown run", "POST", "runs/log-inputs", {"run_id": UNKNOWN, "datasets": []})
    c.ask("long name", "POST", "runs/log-inputs", {"run_id": run, "datasets": [{"dataset": {"name": "x" * 501, "digest": "a", "source_type": "b", "source": "c"}}]})


@case("unknown runs")
def unknown(c):
    c.error("get", lambda: c.client.get_run(UNKNOWN))
    c.ask("no id", "GET", "runs/get")
    c.ask("empty id", "GET", "runs/get", query={"run_id": ""})
    c.ask("odd id", "GET", "runs/get", query={"run_id": "not-hex"})
    c.show("history", c.client.get_metric_history(UNKNOWN, "a"))
    c.error("delete tag", lambda: c.client.delete_tag(UNKNOWN, "a"))


@case("log_model's old way: runs/log-model")
def log_model(c):
    run = c.run()
    model = {"artifact_path": "model", "flavors": {"python_function": {}}, "run_id": run, "utc_time_created": "2026-01-01 00:00:00"}
    import json

    c.ask("good", "POST", "runs/log-model", {"run_id": run, "model_json": json.dumps(model)})
    c.ask("twice", "POST", "runs/log-model", {"run_id": run, "model_json": json.dumps(model)})
    c.show("tag", len(json.loads(c.client.get_run(run).data.tags["mlflow.log-model.history"])))
    c.ask("no JSON", "POST", "runs/log-model", {"run_id": run, "model_json": "{"})
    c.ask("fields missing", "POST", "runs/log-model", {"run_id": run, "model_json": "{}"})
    c.ask("no model", "POST", "runs/log-model", {"run_id": run})


@case("eight writers on one run")
def writers(c):
    from concurrent.futures import ThreadPoolExecutor

    run = c.run()

    def write(worker):
        for at in range(5):
            c.client.log_batch(run, [Metric("shared", worker, 1000 + at, at), Metric(f"own{worker}", at, 1000 + at, at)], [Param(f"p{worker}-{at}", "x")], [RunTag(f"t{worker}", str(at))])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    found = c.client.get_run(run).data
    c.show("params", found.params)
    c.show("tags", {key: value for key, value in found.tags.items() if key.startswith("t")})
    c.show("metrics", found.metrics)
    c.show("points", sorted([point.step, point.value] for point in c.client.get_metric_history(run, "shared")))
