"""What the client asks of the server itself, and what Arboleda does not do."""

from harness import case


@case("health, version, server-info")
def info(c):
    c.ask("version", "GET", "/version")
    c.ask("health", "GET", "/health", headers={"User-Agent": "mlflow-python-client/3.17.2"})
    found = c.rest("GET", "server-info", version="3.0")
    c.show("server-info", [found["status"], sorted(found["body"])])


@case("wrong methods")
def methods(c):
    for method, path in (("PUT", "runs/create"), ("GET", "runs/create"), ("DELETE", "runs/search"), ("POST", "runs/get"), ("POST", "registered-models/get"), ("GET", "registered-models/rename")):
        c.show(f"{method} {path}", c.rest(method, path, None if method == "GET" else {})["status"])
