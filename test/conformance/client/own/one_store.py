"""One store: what the client logs is seen by the platform's own API, and the other way round."""

import requests
from harness import case
from mlflow.entities import Metric


def native(c, method, path, body=None):
    answer = requests.request(method, c.uri + path, headers={"Authorization": f"Bearer {c.token}"}, json=body, timeout=60)
    assert answer.status_code < 300, [path, answer.status_code, answer.text]
    return answer.json()


@case("a run of the client in the platform's list, with its figures and files")
def run(c):
    experiment = c.experiment()
    made = c.client.create_run(experiment, run_name="by mlflow", tags={"team": "a"}).info.run_id
    c.client.log_batch(made, [Metric("acc", 0.5, 1000, 0), Metric("acc", 0.75, 2000, 1)])
    c.client.log_param(made, "lr", 0.1)
    c.client.log_text(made, "hello", "notes/a.txt")
    c.client.set_terminated(made)
    found = native(c, "GET", f"/runs/{made}")
    assert [found["name"], found["status"], found["params"]["lr"], found["tags"]["team"]] == ["by mlflow", "FINISHED", "0.1", "a"], found
    assert "notes/a.txt" in str(native(c, "GET", f"/runs/{made}/artifacts")), "the file is not listed"
    experiments = native(c, "GET", "/experiments")["experiments"]
    assert any(one["experimentId"] == experiment and one["name"] == c.name("experiment") for one in experiments)


@case("a model registered by the client is promoted by the platform, and seen so by the client")
def model(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    c.client.create_model_version(name, "s3://bucket/model")
    versions = native(c, "GET", f"/models/{name}/versions")
    assert [one["version"] for one in versions["versions"]] == ["1"], versions
    native(c, "PUT", f"/models/{name}/aliases/production", {"version": "1", "reason": "by hand"})
    assert c.client.get_model_version_by_alias(name, "production").version == "1"


@case("a transition to Production moves the alias production")
def production(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    for _ in range(2):
        c.client.create_model_version(name, "s3://bucket/model")
    for version in ("1", "2"):
        c.client.transition_model_version_stage(name, version, "Production", archive_existing_versions=True)
        assert c.client.get_model_version_by_alias(name, "production").version == version
    assert c.client.get_model_version(name, "1").current_stage == "Archived"
    assert native(c, "GET", f"/models/{name}")["aliases"]["production"] == "2"
