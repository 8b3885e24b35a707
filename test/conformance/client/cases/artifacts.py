"""Artifacts through the client and as requests: small and large ones, folders, paths that must not leave."""

import hashlib
import os

import mlflow
from harness import case
from mlflow.artifacts import download_artifacts


def write(c, path, content):
    target = os.path.join(c.folder, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return target


def listing(found):
    return [[one.path, one.is_dir, one.file_size] for one in found]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(file.read()).hexdigest()


@case("files and folders: up, list, down")
def files(c):
    run = c.run()
    c.client.log_artifact(run, write(c, "a.txt", "alpha"))
    c.client.log_artifact(run, write(c, "b.bin", bytes(range(256))), "deep/er")
    write(c, "tree/x/1.txt", "one")
    write(c, "tree/2.txt", "two")
    write(c, "tree/empty.txt", "")
    c.client.log_artifacts(run, os.path.join(c.folder, "tree"), "copied")
    c.client.log_artifacts(run, os.path.join(c.folder, "tree"))
    c.client.log_text(run, "Grüße ✓", "texts/ü b+c%.txt")
    c.client.log_dict(run, {"a": [1, 2]}, "a.json")
    c.client.log_dict(run, {"a": [1, 2]}, "a.yaml")
    for path in (None, "deep", "deep/er", "copied", "copied/x", "texts", "none", "a.txt"):
        c.show(f"list {path}", listing(c.client.list_artifacts(run, path)))
    c.show("text", mlflow.artifacts.load_text(f"runs:/{run}/texts/ü b+c%.txt"))
    c.show("dict", mlflow.artifacts.load_dict(f"runs:/{run}/a.json"))
    c.show("file", digest(c.client.download_artifacts(run, "deep/er/b.bin", c.folder)))
    folder = c.client.download_artifacts(run, "", os.path.join(c.folder))
    c.show("everything", sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names if "tree" not in at and name not in ("b.bin",)))
    c.client.log_text(run, "another", "a.txt")
    c.show("overwritten", mlflow.artifacts.load_text(f"runs:/{run}/a.txt"))
    c.ask("list as request", "GET", "artifacts/list", query={"run_id": run})
    c.ask("list of a folder", "GET", "artifacts/list", query={"run_uuid": run, "path": "copied"})


@case("what the list refuses")
def list_refused(c):
    run = c.run()
    c.ask("nothing there", "GET", "artifacts/list", query={"run_id": run})
    c.ask("no run", "GET", "artifacts/list")
    c.ask("unknown run", "GET", "artifacts/list", query={"run_id": "0123456789abcdef0123456789abcdef"})
    for path in ("..", "../..", "/etc", "a/../..", "%2e%2e", "a\\..\\..", "C:\\x"):
        answer = c.rest("GET", "artifacts/list", query={"run_id": run, "path": path})
        c.show(f"path {path}", [answer["status"], answer["body"].get("error_code"), answer["body"].get("message")])


@case("the proxy as requests: PUT, GET, list, DELETE")
def proxy(c):
    root = f"/api/2.0/mlflow-artifacts/artifacts/{c.name('p')}"

    def status(method, path, **more):
        answer = c.rest(method, root + path, **more)
        return [answer["status"], answer["body"]]

    c.show("put", status("PUT", "/a/b.txt", raw=b"hello"))
    c.show("put again", status("PUT", "/a/b.txt", raw=b"hello again"))
    c.show("put empty", status("PUT", "/a/empty", raw=b""))
    body = mlflow.utils.rest_utils.http_request(mlflow.tracking._tracking_service.utils._get_store().get_host_creds(), f"{root}/a/b.txt", "GET")
    c.show("get", [body.status_code, body.text])
    c.show("get none", [status("GET", "/a/none.txt")[0]])
    c.ask("list", "GET", "/api/2.0/mlflow-artifacts/artifacts", query={"path": c.name("p") + "/a"})
    c.ask("list of none", "GET", "/api/2.0/mlflow-artifacts/artifacts", query={"path": c.name("p") + "/none"})
    c.show("delete", status("DELETE", "/a/b.txt"))
    c.ask("list after", "GET", "/api/2.0/mlflow-artifacts/artifacts", query={"path": c.name("p") + "/a"})
    c.show("delete a folder", status("DELETE", "/a"))
    c.ask("list at the end", "GET", "/api/2.0/mlflow-artifacts/artifacts", query={"path": c.name("p")})


@case("the proxy: paths that would leave")
def confined(c):
    import http.client
    from urllib.parse import urlsplit

    base = urlsplit(c.uri)

    def raw(method, path, body=None):
        """Without a client that tidies the path."""
        connection = http.client.HTTPConnection(base.hostname, base.port, timeout=30)
        headers = {"Authorization": f"Bearer {c.token}"} if c.token else {}
        connection.request(method, base.path + path, body=body, headers={**headers, "Content-Length": str(len(body or b""))})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    for path in ("../x", "%2e%2e/x", "%252e%252e/x", "a/../../x", "a/%2e%2e/%2e%2e/x", "..%2fx", "..%5cx", "%2fetc/passwd", "a/..%252f..%252fx", "C:%5cx", "%00", "./../x"):
        answered = [raw(method, f"/api/2.0/mlflow-artifacts/artifacts/{path}", body) for method, body in (("GET", None), ("PUT", b"x"), ("DELETE", None))]
        assert all(status < 500 for status in answered), f"{path} was answered {answered}"
        c.show(f"path {path}", answered)
    for path in ("..", "../..", "/etc", "a/../..", "%2e%2e", "a\\..\\.."):
        answer = c.rest("GET", "/api/2.0/mlflow-artifacts/artifacts", query={"path": path})
        c.show(f"list {path}", answer)


@case("presigned URLs, where files pass through the server")
def presigned(c):
    experiment = c.experiment()
    run = c.run(experiment)
    model = c.client.create_logged_model(experiment, name="net").model_id
    unknown = "0123456789abcdef0123456789abcdef"
    for what, bodies in (
        ("upload", [{}, {"path": "a"}, {"path": "a", "run_id": run}, {"path": "a", "model_id": model}, {"path": "a", "run_id": run, "model_id": model}, {"path": "../a", "run_id": run}, {"path": "a", "run_id": unknown}, {"path": "a", "model_id": f"m-{unknown}"}, {"path": "a", "run_id": run, "expiration": "x"}]),
        ("download", [{}, {"path": "a"}, {"run_id": run}, {"path": "a", "run_id": run}, {"path": "../a", "run_id": run}, {"path": "a", "run_id": unknown}, {"path": "a", "run_id": run, "expiration": 0}, {"path": "a", "run_id": run, "expiration": 604801}, {"path": "a", "run_id": run, "expiration": "60"}]),
    ):
        for number, body in enumerate(bodies):
            c.ask(f"{what} {number}", "POST", f"artifacts/presigned-{what}-url", body)


@case("10 MB and 60 MB, byte for byte")
def large(c):
    run = c.run()
    for megabytes in (10, 60):
        block = hashlib.sha256(str(megabytes).encode()).digest() * 32768
        path = write(c, f"{megabytes}.bin", block * megabytes)
        before = digest(path)
        c.client.log_artifact(run, path, "large")
        os.remove(path)
        down = c.client.download_artifacts(run, f"large/{megabytes}.bin", c.folder)
        assert digest(down) == before, f"{megabytes} MB came back changed"
        os.remove(down)
    c.show("list", listing(c.client.list_artifacts(run, "large")))


@case("fluent: figures, tables, images, text")
def fluent(c):
    import pandas

    mlflow.set_experiment(c.name("exp"))
    with mlflow.start_run() as run:
        mlflow.log_text("a", "notes/a.txt")
        mlflow.log_dict({"b": 1}, "notes/b.json")
        mlflow.log_table({"x": [1, 2], "y": ["a", "b"]}, "table.json")
        mlflow.log_table(pandas.DataFrame({"x": [3], "y": ["c"]}), "table.json")
        mlflow.log_artifact(write(c, "c.txt", "c"))
        c.show("uri", mlflow.get_artifact_uri("notes/a.txt"))
    c.show("table", mlflow.load_table("table.json", [run.info.run_id]).to_dict("list"))
    c.show("tag", c.client.get_run(run.info.run_id).data.tags.get("mlflow.loggedArtifacts"))
    c.show("list", listing(c.client.list_artifacts(run.info.run_id)))
    c.show("down", sorted(os.listdir(download_artifacts(f"runs:/{run.info.run_id}/notes", dst_path=c.folder))))


@case("an artifact that is not there")
def missing(c):
    from mlflow.exceptions import MlflowException

    run = c.run()
    try:
        c.client.download_artifacts(run, "none.txt", c.folder)
    except (MlflowException, OSError) as error:
        c.show("error", type(error).__name__)
    else:
        raise AssertionError("no error")
