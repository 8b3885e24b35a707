"""Endpoints that MLflow's server has dropped, has only over a cloud's storage, or has in the process that serves a model."""

import requests
from harness import case
from mlflow.exceptions import MlflowException

ROOT = "/api/2.0/mlflow-artifacts"


def ok(answer):
    assert answer["status"] == 200, answer
    return answer["body"]


@case("experiments/list, and the paths before 1.0")
def early(c):
    made = c.experiment()
    found = ok(c.rest("GET", "experiments/list", query={"view_type": "ACTIVE_ONLY", "max_results": 1000}))["experiments"]
    assert [one["name"] for one in found if one["experiment_id"] == made] == [c.name("experiment")], found
    c.client.delete_experiment(made)
    for view, there in (("ACTIVE_ONLY", False), ("DELETED_ONLY", True), ("ALL", True)):
        found = ok(c.rest("GET", "experiments/list", query={"view_type": view}))["experiments"]
        assert (made in [one["experiment_id"] for one in found]) == there, [view, found]
    preview = "/api/2.0/preview/mlflow"
    assert ok(c.rest("GET", f"{preview}/experiments/get", query={"experiment_id": made}))["experiment"]["lifecycle_stage"] == "deleted"
    experiment = c.experiment()
    run = ok(c.rest("POST", f"{preview}/runs/create", {"experiment_id": experiment}))["run"]["info"]["run_id"]
    ok(c.rest("POST", f"{preview}/runs/log-parameter", {"run_uuid": run, "key": "a", "value": "1"}))
    assert c.client.get_run(run).data.params == {"a": "1"}
    refused = c.rest("POST", f"{preview}/runs/log-parameter", {"run_uuid": run, "key": "a", "value": "2"})
    assert [refused["status"], refused["body"]["error_code"]] == [400, "INVALID_PARAMETER_VALUE"], refused


@case("a presigned download")
def presigned(c):
    run = c.run()
    c.client.log_text(run, "presigned", "deep/a.txt")
    path = c.client.get_run(run).info.artifact_uri.removeprefix("mlflow-artifacts:/")
    given = ok(c.rest("GET", f"{ROOT}/presigned/{path}/deep/a.txt"))
    assert given["file_size"] == 9, given
    # No token: the URL is all that is needed, and parts of the file are had by range.
    assert requests.get(given["url"], headers=given["headers"], timeout=60).text == "presigned"
    part = requests.get(given["url"], headers={**given["headers"], "Range": "bytes=3-5"}, timeout=60)
    assert [part.status_code, part.text] == [206, "sig"], [part.status_code, part.text]
    for missing, status in ((f"{path}/none.txt", 404), ("%2e%2e/x", 400)):
        answer = c.rest("GET", f"{ROOT}/presigned/{missing}")
        assert answer["status"] == status and answer["body"]["error_code"], [missing, answer]


@case("uploads in parts: completed, aborted, refused")
def parts(c):
    run = c.run()
    place = c.client.get_run(run).info.artifact_uri.removeprefix("mlflow-artifacts:/")
    at = f"{place}/large"

    def begin(name):
        opened = ok(c.rest("POST", f"{ROOT}/mpu/create/{at}", {"path": name, "num_parts": 2}))
        assert [one["part_number"] for one in opened["credentials"]] == [1, 2], opened
        bodies = [b"a" * 5_242_880, b"end"]
        etags = []
        for credential, body in zip(opened["credentials"], bodies):
            put = requests.put(credential["url"], data=body, headers=credential.get("headers", {}), timeout=60)
            assert put.status_code == 200, [put.status_code, put.text]
            etags.append({"part_number": credential["part_number"], "etag": put.headers["etag"]})
        return opened["upload_id"], etags

    upload, etags = begin("whole.bin")
    assert c.client.list_artifacts(run, "large") == [], "nothing is there before it is complete"
    ok(c.rest("POST", f"{ROOT}/mpu/complete/{at}", {"path": "whole.bin", "upload_id": upload, "parts": etags}))
    assert [[one.path, one.file_size] for one in c.client.list_artifacts(run, "large")] == [["large/whole.bin", 5_242_883]]
    upload, etags = begin("half.bin")
    ok(c.rest("POST", f"{ROOT}/mpu/abort/{at}", {"path": "half.bin", "upload_id": upload}))
    late = c.rest("POST", f"{ROOT}/mpu/complete/{at}", {"path": "half.bin", "upload_id": upload, "parts": etags})
    assert 400 <= late["status"] < 500 and late["body"]["error_code"], late
    assert [one.path for one in c.client.list_artifacts(run, "large")] == ["large/whole.bin"]
    for step, where, body in (("create", at, {}), ("complete", at, {"path": "x"}), ("abort", at, {"path": "x"}), ("create", "%2e%2e/x", {"path": "x"}), ("create", f"{at}/%252e%252e/%252e%252e", {"path": "x"})):
        answer = c.rest("POST", f"{ROOT}/mpu/{step}/{where}", body)
        assert answer["status"] == 400 and answer["body"].get("error_code") == "INVALID_PARAMETER_VALUE", [step, where, body, answer]
    # Of a path of the client's own machine the name counts.
    upload = ok(c.rest("POST", f"{ROOT}/mpu/create/{at}", {"path": "../../home/me/x.bin"}))["upload_id"]
    ok(c.rest("POST", f"{ROOT}/mpu/abort/{at}", {"path": "x.bin", "upload_id": upload}))


@case("serving: ping, and what invocations refuse")
def serving(c):
    ping = c.rest("GET", "/ping")
    # Of the default model, in the workspace that the public sees.
    assert ping["status"] in (200, 404) and ping["body"] == "\n", ping
    rows = {"dataframe_split": {"columns": ["a"], "data": [[1]]}}
    unknown = c.rest("POST", f"/models/{c.name('none')}/invocations", rows)
    assert [unknown["status"], unknown["body"]["error_code"]] == [404, "RESOURCE_DOES_NOT_EXIST"], unknown
    default = c.rest("POST", "/invocations", rows)
    assert default["status"] == 503 and default["body"]["error_code"], default
    other = c.rest("POST", "/invocations", raw=b"<a/>", headers={"Content-Type": "application/xml"})
    assert other["status"] in (415, 503), other


@case("a model of another flavour is kept, and not run")
def foreign(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    c.client.create_model_version(name, "s3://bucket/model")
    c.client.set_registered_model_alias(name, "production", "1")
    for path, body in ((f"/models/{name}/invocations", {"instances": [[1]]}), (f"/models/{name}/predict?version=1", {"a": 1})):
        answer = c.rest("POST", path, body)
        assert 400 <= answer["status"] < 500 and "Python" in answer["body"]["message"], [path, answer]


@case("what is not supported says so, and the client does not wait for it")
def unsupported(c):
    experiment = c.experiment()
    for method, path in (
        ("POST", "/api/2.0/mlflow/traces/search"), ("POST", "/api/3.0/mlflow/traces/search"), ("POST", "/api/2.0/mlflow/webhooks"), ("GET", "/api/2.0/mlflow/webhooks"), ("GET", "/api/3.0/mlflow/scorers/list"),
        ("POST", "/api/3.0/mlflow/datasets/search"), ("GET", "/api/3.0/mlflow/gateway/endpoints/list"), ("POST", "/graphql"), ("GET", "/ajax-api/2.0/mlflow/experiments/search"),
    ):
        answer = c.rest(method, path, None if method == "GET" else {"experiment_ids": [experiment]})
        assert [answer["status"], answer["body"].get("error_code")] == [501, "NOT_IMPLEMENTED"] and answer["body"]["message"], [method, path, answer]
    unknown = c.rest("GET", "none/at-all")
    assert unknown["status"] == 404, unknown
    try:
        c.client.search_traces(locations=[experiment])
    except MlflowException as error:
        assert error.error_code == "NOT_IMPLEMENTED", error
    else:
        raise AssertionError("no error")
