"""runs/search in every clause, and what it refuses."""

import pandas
import mlflow
from harness import case
from mlflow.exceptions import MlflowException
from mlflow.entities import Metric, Param, RunTag, ViewType

NAN, INFINITE = float("nan"), float("inf")
#       name    start  acc   loss      params                        tags                     status
RUNS = [
    ("alpha", 1000, 0.9, 1.5, {"lr": "0.1", "model": "net"}, {"team": "a", "Odd key": "x"}, "FINISHED"),
    ("beta", 2000, 0.7, NAN, {"lr": "0.01", "model": "Net"}, {"team": "b"}, "FAILED"),
    ("gamma", 3000, 0.7, -2.0, {"lr": "1e-3"}, {"team": "a"}, "FINISHED"),
    ("delta", 4000, None, INFINITE, {"lr": "0.1", "model": "tree_1"}, {"team": "c", "note": "it's"}, "RUNNING"),
    ("Epsilon", 5000, 0.0, -INFINITE, {}, {}, "KILLED"),
    ("zeta", 5000, -0.5, 0.25, {"model": "100%"}, {"team": 'say "x"'}, "FINISHED"),
]


def fill(c):
    experiment = c.experiment()
    for name, start, acc, loss, params, tags, status in RUNS:
        run = c.client.create_run(experiment, start_time=start, run_name=name).info.run_id
        metrics = [Metric("loss", loss, 1, 0)]
        if acc is not None:
            # The latest by step counts, not the last written.
            metrics = [Metric("acc", acc, 10, 3), Metric("acc", 0.111, 20, 1), *metrics, Metric("val/f1 score", acc / 2, 1, 0)]
        c.client.log_batch(run, metrics, [Param(*param) for param in params.items()], [RunTag(*tag) for tag in tags.items()])
        if status != "RUNNING":
            c.client.set_terminated(run, status, end_time=start + 500)
    return experiment


def finder(c, experiment):
    def find(label, filter_string="", order_by=("attributes.start_time ASC", "attributes.run_name ASC"), **more):
        try:
            found = c.client.search_runs([experiment], filter_string, order_by=list(order_by), **more)
        except MlflowException as error:
            c.show(label, {"error_code": error.error_code, "message": error.message})
        else:
            c.show(label, [run.info.run_name for run in found])

    return find


@case("metrics: every comparison")
def metrics(c):
    find = finder(c, fill(c))
    for sign in ("=", "!=", ">", ">=", "<", "<="):
        for value in ("0.7", "0", "-0.5", "1e-1", "7E-1", ".7"):
            find(f"acc {sign} {value}", f"metrics.acc {sign} {value}")
    find("NaN is found by none", "metrics.loss > -1e400")
    find("infinity", "metrics.loss > 1e300")
    find("quoted", 'metrics."val/f1 score" > 0.3')
    find("backtick", "metric.`val/f1 score` > 0.3")
    find("latest only", "metrics.acc = 0.111")
    find("unknown", "metrics.none > 0")
    find("null", "metrics.acc IS NULL")
    find("not null", "metrics.acc IS NOT NULL")


@case("params and tags: every comparison")
def params(c):
    find = finder(c, fill(c))
    for sign in ("=", "!=", "LIKE", "ILIKE"):
        for value in ("net", "Net", "n%", "%e%", "_et", "tree_1", "100%", "%_1"):
            find(f"model {sign} {value}", f"params.model {sign} '{value}'")
    find("double quotes", 'params.lr = "0.1"')
    find("parameter", "parameter.lr = '0.1'")
    find("param", "param.lr = '0.1'")
    find("number of text", "params.lr = '0.10'")
    find("tag", "tags.team = 'a'")
    find("tag not", "tags.team != 'a'")
    find("tag like", "tag.team LIKE '%'")
    find("tag with a blank", "tags.`Odd key` = 'x'")
    find("tag quoted", 'tags."Odd key" = \'x\'')
    find("apostrophe", 'tags.note = "it\'s"')
    find("quotes", "tags.team = 'say \"x\"'")
    find("param null", "params.model IS NULL")
    find("param not null", "params.model IS NOT NULL")
    find("tag null", "tags.team IS NULL")
    find("tag not null", "tags.team is not null")
    find("system tag", "tags.mlflow.runName = 'alpha'")
    find("empty", "params.model = ''")


@case("attributes: every comparison")
def attributes(c):
    experiment = fill(c)
    find = finder(c, experiment)
    for text in (
        "status = 'FINISHED'", "status != 'FINISHED'", "attributes.status = 'running'", "status LIKE 'F%'", "status ILIKE 'f%'",
        "run_name = 'alpha'", "run_name != 'alpha'", "run_name LIKE '%eta'", "run_name ILIKE 'EPS%'", "attribute.run_name LIKE 'eps%'", "`run name` = 'alpha'", "run_name IN ('alpha', 'zeta')", "attributes.`Run name` = 'beta'",
        "start_time = 2000", "start_time != 2000", "start_time > 2000", "start_time >= 2000", "start_time < 3000", "start_time <= 3000",
        "end_time = 1500", "end_time > 3000", "attr.end_time < 3000", "created > 4000", "attributes.start_time > '4000'",
        "user_id = 'root'", "user_id != 'root'", "artifact_uri LIKE 'mlflow-artifacts:/%'", "attributes.artifact_uri = 'x'",
    ):
        find(text, text)
    ids = [run.info.run_id for run in c.client.search_runs([experiment], order_by=["start_time ASC", "run_name ASC"])]
    find("id", f"run_id = '{ids[0]}'")
    find("id not", f"attributes.run_id != '{ids[0]}'")
    find("ids", f"run_id IN ('{ids[0]}', '{ids[2]}')")
    find("not ids", f"attributes.run_id NOT IN ('{ids[0]}', '{ids[2]}')")
    find("id like", f"run_id LIKE '{ids[0][:20]}%'")
    find("run id", f"attributes.`Run ID` = '{ids[1]}'")


@case("several clauses with AND")
def both(c):
    find = finder(c, fill(c))
    find("two", "metrics.acc > 0.5 AND params.lr = '0.1'")
    find("small letters", "metrics.acc > 0.5 and tags.team = 'a'")
    find("three", "metrics.acc > 0 AND tags.team = 'a' AND attributes.status = 'FINISHED'")
    find("none", "metrics.acc > 0.8 AND metrics.acc < 0.1")
    find("range", "metrics.acc >= 0 AND metrics.acc <= 0.7")
    find("lines", "metrics.acc > 0.5\n  AND params.lr = '0.1'")
    find("no blanks", "metrics.acc>0.5 AND params.lr='0.1'")
    find("and within a value", "tags.team = 'x AND y'")
    find("one twice", "tags.team = 'a' AND tags.team = 'a'")


@case("order: several keys, missing and NaN last")
def order(c):
    experiment = fill(c)
    find = finder(c, experiment)
    name = "attributes.run_name ASC"
    for text in (
        "metrics.acc", "metrics.acc ASC", "metrics.acc DESC", "metrics.loss ASC", "metrics.loss DESC", "params.lr ASC", "params.lr DESC", "params.model", "tags.team ASC", "tag.team DESC",
        "start_time ASC", "start_time DESC", "attributes.start_time", "run_name DESC", "attributes.`Run name` ASC", "status ASC", "end_time ASC", "end_time DESC", 'metrics."val/f1 score" DESC', "metrics.none ASC", "created DESC", "Created ASC", "user_id ASC", "attribute.status DESC",
    ):
        find(text, order_by=[text, name])
    find("three", order_by=["metrics.acc DESC", "params.lr ASC", name])
    # Runs that began at once stand by their ids, which are by chance.
    c.show("nothing", [run.info.start_time for run in c.client.search_runs([experiment], order_by=[])])
    find("small letters", order_by=["metrics.acc desc", name])
    find("filtered", "metrics.acc > -1", order_by=["metrics.loss ASC", name])


@case("pages, view types, several experiments")
def pages(c):
    experiment, other = fill(c), c.experiment("other")
    c.run(other, run_name="other", start_time=2500)
    order = ["metrics.acc DESC", "attributes.run_name ASC"]
    found, token = [], None
    while True:
        page = c.client.search_runs([experiment], max_results=4, order_by=order, page_token=token)
        found.append([run.info.run_name for run in page])
        token = page.token
        if not token:
            break
    c.show("pages", found)
    first = c.client.search_runs([experiment], max_results=6, order_by=order)
    c.show("a full last page", [len(first), bool(first.token)])
    c.show("both", [run.info.run_name for run in c.client.search_runs([experiment, other], order_by=["start_time ASC", "run_name ASC"])])
    gone = c.client.search_runs([experiment], "run_name = 'alpha'")[0].info.run_id
    c.client.delete_run(gone)
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        c.show(f"view {view}", [run.info.run_name for run in c.client.search_runs([experiment], run_view_type=view, order_by=["start_time ASC", "run_name ASC"])])
    c.show("no experiment", [run.info.run_name for run in c.client.search_runs([])])
    c.show("unknown experiment", [run.info.run_name for run in c.client.search_runs(["987654321"])])
    frame = mlflow.search_runs([experiment], order_by=["start_time ASC", "run_name ASC"])
    c.show("frame", frame.drop(columns=["run_id", "experiment_id", "artifact_uri"]).astype(str).to_dict("records"))
    assert isinstance(frame.start_time.iloc[0], pandas.Timestamp)


@case("datasets")
def datasets(c):
    from mlflow.entities import Dataset, DatasetInput, InputTag

    experiment = c.experiment()
    for at, (name, digest, context) in enumerate([("houses", "d1", "train"), ("houses", "d2", "test"), ("flats", "d3", "train"), (None, None, None)]):
        run = c.run(experiment, run_name=f"r{at}", start_time=1000 + at)
        if name is not None:
            c.client.log_inputs(run, [DatasetInput(Dataset(name, digest, "local", "x"), [InputTag("mlflow.data.context", context)])])
    find = finder(c, experiment)
    for text in (
        "dataset.name = 'houses'", "datasets.name != 'houses'", "dataset.name LIKE 'ho%'", "dataset.name ILIKE 'HO%'", "dataset.name IN ('houses', 'flats')", "dataset.digest = 'd2'", "dataset.digest IN ('d1', 'd3')", "dataset.context = 'train'", "dataset.context = 'train' AND dataset.name = 'houses'", "dataset.name NOT IN ('houses')",
    ):
        find(text, text)
    c.show("inputs in the answer", [run.inputs for run in c.client.search_runs([experiment], order_by=["start_time ASC"])])
    c.ask("experiment's datasets", "POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": [experiment]})


@case("what is refused")
def refused(c):
    experiment = c.experiment()
    c.run(experiment)

    def ask(label, **body):
        c.ask(label, "POST", "runs/search", {"experiment_ids": [experiment], **body})

    for text in (
        "metrics.a = 'x'", "metrics.a LIKE 'x'", "metrics.a IN (1)", "metrics.a", "metrics.a >", "> 3", "a = 'b'", "params.a = 5", "params.a > '5'", "params.a IN ('x')", "params.a = b", "params.a = 'b", "params.a == 'b'",
        "tags.a > 'b'", "tags.a = 3", "status > 'a'", "status = 3", "run_id > 'a'", "start_time LIKE '1'", "start_time = 'x'", "colour = 'red'", "attributes.colour = 'red'", "metrics.a > 1 OR metrics.b > 1", "metrics.a > 1 AND", "AND metrics.a > 1", "(metrics.a > 1)", "NOT metrics.a > 1", "metrics.a > 1 metrics.b > 1", "metrics.a BETWEEN 1 AND 2", "foo.a = 'b'", "run_id IN ('a', 3)", "run_id IN 'a'", "run_id IN ()", "dataset.colour = 'x'", "dataset.name > 'x'", "metrics.a IS 3", "1 = 1", "'a' = 'b'", "metrics. > 1", "params.a LIKE b", "metrics.a > 1; metrics.b > 2", "run_name IN ('a') AND", "metrics.a > '1'", "status IS NULL",
    ):
        ask(text, filter=text)
    for text in ("metrics", "colour", "colour ASC", "metrics.a UP", "metrics.a ASC DESC", "", " ", "foo.a", "metrics.a, metrics.b", "attributes.colour", "dataset.name"):
        ask(f"order {text}", order_by=[text])
    for value in (0, -1, 50001, "x", "5", 1.5, None):
        ask(f"max {value!r}", max_results=value)
    ask("token", page_token="nonsense")
    ask("view", run_view_type="SOME")
    ask("filter number", filter=5)
    ask("order no list", order_by="metrics.a")
    ask("ids no list", experiment_ids="0")
    ask("id number", experiment_ids=[0])
    c.ask("nothing", "POST", "runs/search", {})


@case("rows of a request: the whole answer")
def answer(c):
    experiment = fill(c)
    c.ask("one", "POST", "runs/search", {"experiment_ids": [experiment], "filter": "run_name = 'alpha'", "max_results": 1})
    c.ask("none", "POST", "runs/search", {"experiment_ids": [experiment], "filter": "run_name = 'none'"})
