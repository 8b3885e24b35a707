"""Logged models: log_model and load_model by version, alias, stage and id; the entity itself."""

import mlflow
import numpy
from harness import case
from mlflow.entities import LoggedModelParameter, LoggedModelStatus, Metric
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression

X = numpy.array([[1.0], [2.0], [3.0]])
Y = numpy.array([2.0, 4.0, 6.0])
PINS = ["scikit-learn"]
UNKNOWN = "m-0123456789abcdef0123456789abcdef"


def fitted():
    return LinearRegression().fit(X, Y)


def log(name="model", **more):
    model = fitted()
    return mlflow.sklearn.log_model(model, name=name, pip_requirements=PINS, signature=infer_signature(X, model.predict(X)), **more)


def predicts(uri):
    return [round(float(value), 6) for value in mlflow.pyfunc.load_model(uri).predict(X)]


@case("log_model and load_model by version, alias, stage, id, run")
def log_and_load(c):
    name = c.name("model")
    mlflow.set_experiment(c.name("exp"))
    with mlflow.start_run() as run:
        info = log(registered_model_name=name, input_example=X)
    c.client.set_registered_model_alias(name, "champion", "1")
    c.client.transition_model_version_stage(name, "1", "Production")
    for uri in (f"models:/{name}/1", f"models:/{name}@champion", f"models:/{name}/Production", f"models:/{name}/latest", info.model_uri, f"models:/{info.model_id}", f"runs:/{run.info.run_id}/model"):
        c.show(f"predicts {uri.split('/')[-1] if name in uri else uri.split(':')[0] + uri[-6:] if uri.endswith('model') else 'id' + str(uri == info.model_uri) + str(len(c.shown))}", predicts(uri))
    c.show("version", c.client.get_model_version(name, "1"))
    loaded = mlflow.models.get_model_info(f"models:/{name}/1")
    c.show("signature", loaded.signature.to_dict())
    c.show("flavours", sorted(loaded.flavors))
    model = mlflow.get_logged_model(info.model_id)
    c.show("logged model", {"name": model.name, "status": model.status, "type": model.model_type, "tags": sorted(model.tags), "run": model.source_run_id, "experiment_id": model.experiment_id, "location": model.artifact_location})
    c.show("run's outputs", c.client.get_run(run.info.run_id).outputs)
    c.show("artifacts", sorted([one.path, one.is_dir] for one in mlflow.artifacts.list_artifacts(artifact_uri=info.model_uri)))
    at = f"logged-models/{info.model_id}/artifacts/directories"
    for label, path in (("directories", None), ("directories below", "environment"), ("directories of none", "none"), ("directories that leave", "../x")):
        answer = c.rest("GET", at, query={"artifact_directory_path": path} if path else None)
        # Sizes are of files that hold times and ids.
        c.show(label, [answer["status"], answer["body"].get("message"), answer["body"].get("root_uri"), sorted([one["path"], one["is_dir"]] for one in answer["body"].get("files", []))])
    c.ask("directories of an unknown model", "GET", f"logged-models/{UNKNOWN}/artifacts/directories")
    c.show("artifacts of the run", [one.path for one in c.client.list_artifacts(run.info.run_id)])
    c.show("through the run", sorted(one.path for one in c.client.list_artifacts(run.info.run_id, "model")))


@case("register_model afterwards")
def register(c):
    name = c.name("model")
    mlflow.set_experiment(c.name("exp"))
    with mlflow.start_run() as run:
        info = log()
    first = mlflow.register_model(info.model_uri, name, tags={"how": "by id"})
    second = mlflow.register_model(f"runs:/{run.info.run_id}/model", name)
    c.show("versions", [first, second])
    c.show("predicts", [predicts(f"models:/{name}/{at}") for at in (1, 2)])
    c.show("search", sorted(one.version for one in c.client.search_model_versions(f"run_id = '{run.info.run_id}'")))
    c.show("registered in", mlflow.get_logged_model(info.model_id).tags.get("mlflow.modelVersions"))


@case("the entity: create, finalize, tags, params, metrics, delete")
def entity(c):
    experiment = c.experiment()
    run = c.run(experiment)
    made = c.client.create_logged_model(experiment, name="net", source_run_id=run, tags={"a": "1"}, params={"p": "x"}, model_type="agent")
    c.show("made", made)
    c.show("got", c.client.get_logged_model(made.model_id))
    c.ask("as request", "GET", f"logged-models/{made.model_id}")
    c.show("final", c.client.finalize_logged_model(made.model_id, LoggedModelStatus.READY))
    c.client.set_logged_model_tags(made.model_id, {"a": "2", "b": "3"})
    c.client.delete_logged_model_tag(made.model_id, "b")
    c.client.log_batch(run, metrics=[Metric("acc", 0.5, 1000, 1, model_id=made.model_id, dataset_name="d", dataset_digest="x")])
    c.client.log_batch(run, metrics=[Metric("acc", 0.75, 1001, 2, model_id=made.model_id)])
    c.show("after", c.client.get_logged_model(made.model_id))
    mlflow.log_model_params({"q": "2"}, made.model_id)
    c.show("params", c.client.get_logged_model(made.model_id).params)
    bare = c.client.create_logged_model(experiment)
    c.show("named by chance", [bool(bare.name), bare.status, bare.model_type, bare.tags, bare.params])
    c.client.delete_logged_model(made.model_id)
    c.error("deleted", lambda: c.client.get_logged_model(made.model_id))
    c.ask("deleted as request", "GET", f"logged-models/{made.model_id}")
    c.ask("deleted and allowed", "GET", f"logged-models/{made.model_id}", query={"allow_deleted": "true"})


@case("what is refused")
def refused(c):
    experiment = c.experiment()
    made = c.client.create_logged_model(experiment, name="net", params={"p": "x"})
    at = f"logged-models/{made.model_id}"
    c.ask("no experiment", "POST", "logged-models", {"name": "x"})
    c.ask("unknown experiment", "POST", "logged-models", {"experiment_id": "987654321", "name": "x"})
    for number, name in enumerate(["a/b", "a:b", "a%b", 'a"b', "a'b", "a.b", "", 7]):
        answer = c.rest("POST", "logged-models", {"experiment_id": experiment, "name": name})
        c.show(f"name {number}", [answer["status"], answer["body"].get("error_code"), answer["body"].get("message")])
    c.ask("unknown", "GET", f"logged-models/{UNKNOWN}")
    c.ask("unknown finalized", "PATCH", f"logged-models/{UNKNOWN}", {"model_id": UNKNOWN, "status": 2})
    c.ask("unknown deleted", "DELETE", f"logged-models/{UNKNOWN}")
    c.ask("unknown tagged", "PATCH", f"logged-models/{UNKNOWN}/tags", {"tags": [{"key": "a", "value": "b"}]})
    c.ask("unknown tag", "DELETE", f"{at}/tags/none")
    c.ask("unknown params", "POST", f"logged-models/{UNKNOWN}/params", {"params": [{"key": "a", "value": "b"}]})
    c.ask("another value", "POST", f"{at}/params", {"params": [{"key": "p", "value": "y"}]})
    c.ask("no status", "PATCH", at, {})
    c.ask("odd status", "PATCH", at, {"status": "LOGGED_MODEL_DONE"})
    c.ask("unknown source run", "POST", "logged-models", {"experiment_id": experiment, "name": "x", "source_run_id": "0123456789abcdef0123456789abcdef"})
    c.ask("metric of an unknown model", "POST", "runs/log-metric", {"run_id": c.run(experiment), "key": "a", "value": 1, "timestamp": 1, "model_id": UNKNOWN})


@case("search")
def search(c):
    experiment, other = c.experiment(), c.experiment()
    run = c.run(experiment)
    made = []
    for number, (name, kind, metric) in enumerate([("a", "tree", 0.5), ("b", "net", 0.9), ("c", "tree", 0.7), ("d", None, None)]):
        model = c.client.create_logged_model(experiment, name=name, source_run_id=run, params={"kind": kind} if kind else {}, tags={"n": str(number)})
        if metric is not None:
            c.client.log_batch(run, metrics=[Metric("acc", metric, 1000 + number, 0, model_id=model.model_id, dataset_name="d", dataset_digest="x")])
        made.append(model.model_id)
    c.client.create_logged_model(other, name="e")
    c.client.finalize_logged_model(made[0], LoggedModelStatus.READY)

    def find(label, text=None, experiments=(experiment,), **more):
        from mlflow.exceptions import MlflowException

        try:
            c.show(label, [found.name for found in c.client.search_logged_models(list(experiments), text, **more)])
        except MlflowException as error:
            c.show(label, {"error_code": error.error_code, "message": error.message})

    by_name = [{"field_name": "name", "ascending": True}]
    find("all")
    find("up", order_by=by_name)
    find("two experiments", experiments=(experiment, other), order_by=by_name)
    for text in (
        "name = 'a'", "name != 'a'", "name LIKE 'a%'", "name IN ('a', 'b')", "attributes.name = 'b'", "params.kind = 'tree'", "params.kind != 'tree'", "tags.n = '1'", "tags.n IN ('1', '2')", "metrics.acc > 0.6", "metrics.acc = 0.5", "metrics.acc >= 0.5 AND params.kind = 'tree'", "status = 'READY'", "status = 'PENDING'", "creation_timestamp > 0", "model_type = ''", "model_type != 'x'", "source_run_id = ''",
        "colour = 'a'", "name > 'a'", "metrics.acc = 'x'", "params.kind > 'a'", "name =", "name = 'a' OR name = 'b'",
    ):
        find(text, text, order_by=by_name)
    find("by run", f"source_run_id = '{run}'", order_by=by_name)
    find("by id", f"model_id = '{made[0]}'")
    find("by metric", order_by=[{"field_name": "metrics.acc", "ascending": False}])
    find("by metric of a dataset", order_by=[{"field_name": "metrics.acc", "ascending": True, "dataset_name": "d", "dataset_digest": "x"}])
    find("of a dataset", "metrics.acc > 0.6", datasets=[{"dataset_name": "d", "dataset_digest": "x"}], order_by=by_name)
    find("of another dataset", "metrics.acc > 0.6", datasets=[{"dataset_name": "other"}], order_by=by_name)
    find("by time", order_by=[{"field_name": "creation_timestamp", "ascending": True}])
    first = c.client.search_logged_models([experiment], max_results=3, order_by=by_name)
    c.show("first page", [[one.name for one in first], bool(first.token)])
    second = c.client.search_logged_models([experiment], max_results=3, order_by=by_name, page_token=first.token)
    c.show("second page", [[one.name for one in second], bool(second.token)])
    c.ask("one", "POST", "logged-models/search", {"experiment_ids": [experiment], "filter": "name = 'b'"})
    c.ask("no experiments", "POST", "logged-models/search", {})
    c.ask("order by nothing", "POST", "logged-models/search", {"experiment_ids": [experiment], "order_by": [{"ascending": True}]})
    c.ask("order by a colour", "POST", "logged-models/search", {"experiment_ids": [experiment], "order_by": [{"field_name": "colour"}]})
    c.ask("token", "POST", "logged-models/search", {"experiment_ids": [experiment], "page_token": "nonsense"})


@case("a model of python code, a model without a run, external models")
def others(c):
    mlflow.set_experiment(c.name("exp"))

    class Doubler(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input: list[float]) -> list[float]:
            return [2 * value for value in model_input]

    info = mlflow.pyfunc.log_model(name="doubler", python_model=Doubler(), pip_requirements=PINS)
    c.show("doubled", mlflow.pyfunc.load_model(info.model_uri).predict([1.0, 2.5]))
    model = mlflow.get_logged_model(info.model_id)
    c.show("model", [model.name, model.source_run_id, model.status, model.model_type])
    outside = mlflow.create_external_model(name="outside", model_type="agent", params={"a": "1"}, tags={"b": "2"})
    c.show("outside", [outside.name, outside.status, outside.model_type, outside.params, outside.tags])
    found = mlflow.search_logged_models(output_format="list")
    c.show("found", sorted(one.name for one in found))
