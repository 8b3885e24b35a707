"""The lab of four tasks, as a class of students does it, and autologging."""

import mlflow
from harness import case
from mlflow.models import infer_signature
from sklearn.datasets import load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

# Given, so that the client does not start a process to find them out. Trees are no types that skops trusts.
PINS = {"pip_requirements": ["scikit-learn"], "serialization_format": "cloudpickle"}


def data(load=load_iris):
    X, y = load(return_X_y=True, as_frame=True)
    return train_test_split(X, y, test_size=0.3, random_state=42, stratify=y)


def scores(model, X, y):
    found = model.predict(X)
    return {"accuracy": accuracy_score(y, found), "f1": f1_score(y, found, average="weighted")}


@case("task 1: a baseline")
def baseline(c):
    mlflow.set_experiment(c.name("lab"))
    X, X_test, y, y_test = data()
    with mlflow.start_run(run_name="baseline") as run:
        model = LogisticRegression(max_iter=500).fit(X, y)
        mlflow.log_params({"max_iter": 500, "penalty": "l2"})
        mlflow.log_metrics(scores(model, X_test, y_test))
        mlflow.log_input(mlflow.data.from_pandas(X.assign(target=y), source="iris.csv", name="iris", targets="target"), context="training")
        mlflow.sklearn.log_model(model, name="model", signature=infer_signature(X, model.predict(X)), input_example=X.head(2), **PINS)
        mlflow.set_tag("task", "1")
    found = c.client.get_run(run.info.run_id)
    c.show("metrics", found.data.metrics)
    c.show("params", found.data.params)
    c.show("inputs", found.inputs)
    c.show("status", found.info.status)


@case("task 2: tuning in nested runs, the best found by search")
def tuning(c):
    mlflow.set_experiment(c.name("lab"))
    X, X_test, y, y_test = data(load_wine)
    with mlflow.start_run(run_name="tuning") as parent:
        for depth in (1, 2, 3, 5):
            with mlflow.start_run(run_name=f"depth {depth}", nested=True):
                model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X, y)
                mlflow.log_param("max_depth", depth)
                for step, rows in enumerate((20, 60, len(X))):
                    mlflow.log_metric("train_accuracy", model.score(X[:rows], y[:rows]), step=step, timestamp=1000 + step)
                mlflow.log_metrics(scores(model, X_test, y_test))
        best = mlflow.search_runs(filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'", order_by=["metrics.f1 DESC", "params.max_depth ASC"])
        mlflow.log_metric("best_f1", best.loc[0, "metrics.f1"])
        mlflow.log_param("best_depth", best.loc[0, "params.max_depth"])
    c.show("ranked", best[["params.max_depth", "metrics.f1", "metrics.train_accuracy"]].to_dict("list"))
    c.show("parent", c.client.get_run(parent.info.run_id).data.params)
    c.show("curve", [point.value for point in c.client.get_metric_history(best.loc[0, "run_id"], "train_accuracy")])


@case("task 3: three models compared")
def three(c):
    mlflow.set_experiment(c.name("lab"))
    X, X_test, y, y_test = data(load_wine)
    kinds = {"bayes": GaussianNB(), "tree": DecisionTreeClassifier(random_state=0), "forest": RandomForestClassifier(20, random_state=0)}
    for name, model in kinds.items():
        with mlflow.start_run(run_name=name, tags={"task": "3"}):
            model.fit(X, y)
            mlflow.log_metrics(scores(model, X_test, y_test))
            mlflow.log_dict(model.get_params(), "params.json")
            info = mlflow.sklearn.log_model(model, name=name, **PINS, params={"kind": name})
            mlflow.log_metric("model_f1", scores(model, X_test, y_test)["f1"], model_id=info.model_id)
    found = mlflow.search_runs(filter_string="tags.task = '3' AND metrics.accuracy > 0.8", order_by=["metrics.accuracy DESC", "tags.mlflow.runName"], output_format="list")
    c.show("ranked", [[run.info.run_name, run.data.metrics] for run in found])
    models = mlflow.search_logged_models(order_by=[{"field_name": "metrics.model_f1", "ascending": False}, {"field_name": "name", "ascending": True}], output_format="list")
    c.show("models", [[one.name, one.params, [[metric.key, metric.value] for metric in one.metrics]] for one in models])


@case("task 4: registry, stages, loading")
def registry(c):
    mlflow.set_experiment(c.name("lab"))
    name = c.name("classifier")
    X, X_test, y, y_test = data()
    for depth in (1, 3):
        with mlflow.start_run(run_name=f"depth {depth}"):
            model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X, y)
            mlflow.log_metrics(scores(model, X_test, y_test))
            mlflow.sklearn.log_model(model, name="model", registered_model_name=name, signature=infer_signature(X, model.predict(X)), **PINS)
    c.client.update_registered_model(name, "Iris")
    c.client.set_model_version_tag(name, "2", "validated", "yes")
    c.client.set_registered_model_alias(name, "champion", "2")
    c.client.transition_model_version_stage(name, "1", "Staging")
    c.client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    loaded = mlflow.sklearn.load_model(f"models:/{name}@champion")
    c.show("score", loaded.score(X_test, y_test))
    c.show("predicts", mlflow.pyfunc.load_model(f"models:/{name}/Production").predict(X_test.head(5)))
    c.show("stages", [[one.version, one.current_stage, one.aliases, one.tags] for one in sorted(c.client.search_model_versions(f"name = '{name}'"), key=lambda one: one.version)])
    c.client.set_registered_model_alias(name, "champion", "1")
    c.show("rolled back", mlflow.sklearn.load_model(f"models:/{name}@champion").get_depth())


@case("autolog: a fit")
def autolog_fit(c):
    mlflow.set_experiment(c.name("auto"))
    X, X_test, y, y_test = data()
    mlflow.sklearn.autolog(silent=True)
    try:
        with mlflow.start_run() as run:
            model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)
            accuracy_score(y_test, model.predict(X_test))
    finally:
        mlflow.sklearn.autolog(disable=True)
    found = c.client.get_run(run.info.run_id)
    c.show("params", found.data.params)
    c.show("metrics", {key: round(value, 6) for key, value in found.data.metrics.items() if "log_loss" not in key})
    c.show("tags", sorted(found.data.tags))
    c.show("artifacts", sorted(one.path for one in c.client.list_artifacts(run.info.run_id)))
    c.show("inputs", [[one.dataset.name, one.dataset.digest, one.tags] for one in found.inputs.dataset_inputs])
    c.show("outputs", len(found.outputs.model_outputs))
    [output] = found.outputs.model_outputs
    c.show("predicts", mlflow.sklearn.load_model(f"models:/{output.model_id}").predict(X_test.head(4)).tolist())


@case("autolog: a search over a grid")
def autolog_grid(c):
    mlflow.set_experiment(c.name("auto"))
    X, _, y, _ = data()
    mlflow.sklearn.autolog(log_models=False, max_tuning_runs=3, silent=True)
    try:
        with mlflow.start_run() as run:
            GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3]}, cv=3).fit(X, y)
    finally:
        mlflow.sklearn.autolog(disable=True)
    found = c.client.get_run(run.info.run_id)
    c.show("best", {key: value for key, value in found.data.params.items() if key.startswith("best")})
    children = c.client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{run.info.run_id}'", order_by=["params.max_depth ASC"])
    c.show("children", [[child.data.params["max_depth"], round(child.data.metrics["mean_test_score"], 6)] for child in children])
    c.show("artifacts", sorted(one.path for one in c.client.list_artifacts(run.info.run_id)))
