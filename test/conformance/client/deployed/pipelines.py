"""What a pipeline makes, as the client sees it; and its model, served by MLflow's contract. Needs functions that run stages."""

import hashlib
import json
import math
import time

import mlflow
import requests
import yaml
from harness import case

HEADER = ("rooms", "area", "age")


def native(c, method, path, body=None):
    answer = requests.request(method, c.uri + path, headers={"Authorization": f"Bearer {c.token}"}, json=body, timeout=60)
    assert answer.status_code < 300, [path, answer.status_code, answer.text]
    return answer.json()


def houses(count):
    lines = [",".join((*HEADER, "price"))]
    for i in range(count):
        rooms, area, age = 2 + i % 9, 60 + (i * 37) % 191, (i * 13) % 89
        lines.append(f"{rooms},{area},{age},{20_000 + rooms * 9_000 + area * 800 - age * 300 + (i * 7919) % 9_973}")
    return ("\n".join(lines) + "\n").encode()


def trained(c):
    """The run of a pipeline over a small file, made once for all cases: the cases read it."""
    if "run" in MADE:
        return MADE["run"]
    body = houses(600)
    upload = native(c, "POST", "/data/uploads", {"fileName": "houses.csv", "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()})
    put = requests.put(upload["url"], data=body, headers=upload["headers"], timeout=60)
    assert put.status_code == 200, put.text
    native(c, "POST", "/pipelines/housing/data", {"uploadId": upload["uploadId"]})
    run = native(c, "POST", "/pipelines/housing/runs", {})["runId"]
    ended = time.monotonic() + 110
    while (found := native(c, "GET", f"/runs/{run}"))["status"] in ("SCHEDULED", "RUNNING"):
        assert time.monotonic() < ended, found
        time.sleep(0.5)
    assert found["status"] == "FINISHED", found
    MADE["run"] = found
    return found


MADE = {}


@case("a pipeline's run: params, metrics, tags, artifacts, search")
def run(c):
    theirs = trained(c)
    seen = c.client.get_run(theirs["runId"])
    assert [seen.info.status, seen.info.run_name, seen.info.lifecycle_stage] == ["FINISHED", theirs["name"], "active"], seen.info
    assert seen.info.experiment_id == theirs["experimentId"] and seen.info.end_time >= seen.info.start_time > 0
    assert seen.data.params == theirs["params"] and len(seen.data.params) > 0
    assert seen.data.metrics == theirs["metrics"] and 0.5 < seen.data.metrics["r2"] <= 1, seen.data.metrics
    assert theirs["tags"].items() <= seen.data.tags.items(), [theirs["tags"], seen.data.tags]
    [point] = c.client.get_metric_history(theirs["runId"], "r2")
    assert point.value == seen.data.metrics["r2"]
    found = c.client.search_runs([theirs["experimentId"]], f"metrics.r2 = {seen.data.metrics['r2']!r} AND attributes.status = 'FINISHED'", order_by=["metrics.r2 DESC"])
    assert theirs["runId"] in [one.info.run_id for one in found], found
    listed = {one.path for one in c.client.list_artifacts(theirs["runId"])}
    assert "reports" in listed, listed
    picture = c.client.download_artifacts(theirs["runId"], "reports/residuals.png", c.folder)
    with open(picture, "rb") as file:
        assert file.read(4) == b"\x89PNG"


@case("its status is the pipeline's; figures may be added by the client")
def added(c):
    theirs = trained(c)["runId"]
    c.client.set_terminated(theirs, "FAILED")
    assert c.client.get_run(theirs).info.status == "FINISHED"
    c.client.set_tag(theirs, "reviewed", "yes")
    assert native(c, "GET", f"/runs/{theirs}")["tags"]["reviewed"] == "yes"


@case("its model: logged with signature and example, a version by alias")
def model(c):
    theirs = trained(c)
    [output] = c.client.get_run(theirs["runId"]).outputs.model_outputs
    logged = mlflow.get_logged_model(output.model_id)
    assert [logged.source_run_id, logged.experiment_id, logged.status.name, logged.name] == [theirs["runId"], theirs["experimentId"], "READY", "housing"], logged
    assert logged.metrics, "no metric of the model"
    version = c.client.get_model_version_by_alias("housing", "production")
    # Promoted by the pipeline: the alias and the stage say the same.
    assert [version.run_id, version.source, version.current_stage] == [theirs["runId"], f"models:/{output.model_id}", "Production"], version
    assert [one.version for one in c.client.search_model_versions(f"run_id = '{theirs['runId']}'")] == [version.version]
    info = mlflow.models.get_model_info("models:/housing@production")
    assert set(info.signature.inputs.input_names()) == set(HEADER) and list(info.flavors) == ["arboleda"], info
    folder = mlflow.artifacts.download_artifacts(f"models:/{output.model_id}", dst_path=c.folder)
    with open(f"{folder}/MLmodel") as file:
        written = yaml.safe_load(file)
    with open(f"{folder}/model.arbm", "rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == written["flavors"]["arboleda"]["sha256"]
    c.error("python", lambda: mlflow.pyfunc.load_model("models:/housing@production"))


@case("served by MLflow's contract, in every form")
def invocations(c):
    trained(c)
    rows = [[6, 120, 20], [3, 80, 5]]
    records = [dict(zip(HEADER, row)) for row in rows]
    forms = {
        "dataframe_split": {"columns": HEADER, "data": rows},
        "dataframe_records": records,
        "instances": records,
        "inputs": {name: [row[at] for row in rows] for at, name in enumerate(HEADER)},
    }
    expected = [one["prediction"] for one in native(c, "POST", "/models/housing/predict", {"rows": records})["predictions"]]
    assert all(math.isfinite(one) and one > 20_000 for one in expected), expected
    for form, value in forms.items():
        answer = c.rest("POST", "/models/housing/invocations", {form: value})
        assert [answer["status"], answer["body"]] == [200, {"predictions": expected}], [form, answer]
    text = "\n".join([",".join(HEADER), *(",".join(map(str, row)) for row in rows)])
    answer = c.rest("POST", "/models/housing/invocations", raw=text, headers={"Content-Type": "text/csv"})
    assert answer["body"] == {"predictions": expected}, answer
    # The example that lies with the model is a request as it stands.
    [output] = c.client.get_run(trained(c)["runId"]).outputs.model_outputs
    example = json.loads(mlflow.artifacts.load_text(f"{mlflow.get_logged_model(output.model_id).artifact_location}/serving_input_example.json"))
    assert len(c.rest("POST", "/models/housing/invocations", example)["body"]["predictions"]) == 1
    for body in ({}, {"rows": records}, {"instances": "x"}, {"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}):
        answer = c.rest("POST", "/models/housing/invocations", body)
        assert answer["status"] == 400 and answer["body"]["message"], [body, answer]
