"""Tokens and workspaces, as the client meets them."""

import os

import requests
from harness import case
from mlflow.exceptions import MlflowException

VIEWER, STRANGER = os.environ["ARBOLEDA_VIEWER"], os.environ["ARBOLEDA_STRANGER"]


def ask(c, method, path, *, token=None, auth=None, body=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, f"{c.uri}/api/2.0/mlflow/{path}", headers=headers, auth=auth, json=body, timeout=60)


@case("no token, a wrong one, one that may only read: errors in MLflow's form")
def refused(c):
    name = c.name("exp")
    for sent, status, code in ((None, 401, "UNAUTHENTICATED"), ("arb_wrong", 401, "UNAUTHENTICATED"), (VIEWER, 403, "PERMISSION_DENIED")):
        answer = ask(c, "POST", "experiments/create", token=sent, body={"name": name})
        assert answer.status_code == status, [sent, answer.status_code, answer.text]
        assert answer.json()["error_code"] == code and answer.json()["message"], answer.text
    assert c.client.get_experiment_by_name(name) is None


@case("the token as a password")
def basic(c):
    made = c.experiment()
    answer = ask(c, "GET", f"experiments/get?experiment_id={made}", auth=("anybody", c.token))
    assert answer.json()["experiment"]["name"] == c.name("experiment"), answer.text
    assert ask(c, "GET", f"experiments/get?experiment_id={made}", auth=(c.token, "x")).status_code == 401


@case("one who may read reads")
def reads(c):
    run = c.run()
    answer = ask(c, "GET", f"runs/get?run_id={run}", token=VIEWER)
    assert answer.json()["run"]["info"]["run_id"] == run
    for path in ("runs/search", "experiments/search", "logged-models/search"):
        answer = ask(c, "POST", path, token=VIEWER, body={"experiment_ids": ["0"], "max_results": 1})
        assert answer.status_code == 200, [path, answer.text]


@case("another workspace sees nothing of it")
def workspaces(c):
    experiment, model = c.experiment(), c.name("model")
    run = c.run(experiment)
    c.client.log_text(run, "secret", "secret.txt")
    c.client.create_registered_model(model)
    c.client.create_model_version(model, "s3://bucket/model")
    logged = c.client.create_logged_model(experiment, name="net").model_id
    for path in (
        f"experiments/get?experiment_id={experiment}", f"experiments/get-by-name?experiment_name={c.name('experiment')}", f"runs/get?run_id={run}", f"artifacts/list?run_id={run}",
        f"registered-models/get?name={model}", f"model-versions/get?name={model}&version=1", f"logged-models/{logged}",
    ):
        assert ask(c, "GET", path, token=c.token).status_code == 200, path
        answer = ask(c, "GET", path, token=STRANGER)
        assert [answer.status_code, answer.json()["error_code"]] == [404, "RESOURCE_DOES_NOT_EXIST"], [path, answer.text]
    for path, body in (("runs/log-metric", {"run_id": run, "key": "a", "value": 1, "timestamp": 1}), ("runs/delete", {"run_id": run}), ("experiments/delete", {"experiment_id": experiment})):
        answer = ask(c, "POST", path, token=STRANGER, body=body)
        assert [answer.status_code, answer.json()["error_code"]] == [404, "RESOURCE_DOES_NOT_EXIST"], [path, answer.text]
    found = ask(c, "POST", "runs/search", token=STRANGER, body={"experiment_ids": [experiment]}).json()
    assert found.get("runs", []) == []
    file = requests.get(f"{c.uri}/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/secret.txt", headers={"Authorization": f"Bearer {STRANGER}"}, timeout=60)
    assert file.status_code == 404, file.status_code
