"""Runs cases against one tracking server and prints a JSON line a case: what it showed, what it called, whether its own claims held."""

import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from urllib.parse import urlsplit

import requests

CASES = []
SECONDS = 120


def case(title):
    """Registers a case. Its area is its module's name; its title is unique within that."""

    def register(function):
        area = function.__module__.rsplit(".", 1)[-1]
        if any(known["area"] == area and known["title"] == title for known in CASES):
            raise ValueError(f"two cases of {area} are called {title}")
        CASES.append({"area": area, "title": title, "run": function})
        return function

    return register


class Calls:
    """Every request to the tracking server, whichever part of the client sends it."""

    def __init__(self, base):
        self.base = base.rstrip("/")
        self.seen = set()
        self.lock = threading.Lock()
        send = requests.Session.send

        def noted(session, request, **options):
            if request.url.startswith(self.base + "/"):
                path = urlsplit(request.url[len(self.base) :]).path
                with self.lock:
                    self.seen.add(f"{request.method} {path}")
            return send(session, request, **options)

        requests.Session.send = noted

    def take(self):
        with self.lock:
            seen, self.seen = self.seen, set()
        return sorted(seen)


class Case:
    """What a case is given."""

    def __init__(self, uri, token, tag, normalise, index):
        from mlflow import MlflowClient

        self.uri = uri.rstrip("/")
        self.token = token
        self.client = MlflowClient()
        self.folder = tempfile.mkdtemp(prefix="conformance-")
        self.shown = {}
        self.made = {}
        self._tag = f"c{index}-{tag}"
        self._normalise = normalise
        # Where a connection failed, urllib3 names the path alone, with the gateway's stage.
        stage = [(urlsplit(self.uri).path, "")] if urlsplit(self.uri).path else []
        self._normalise.roots = [(self.folder, "<folder>"), (self.uri, "<server>"), *stage, *normalise.roots]

    def name(self, text="x"):
        """A name that no other case has; the same on every server."""
        return f"{text}-{self._tag}"

    def experiment(self, text="experiment"):
        """The id of a new experiment."""
        self.made[text] = self.made.get(text, 0) + 1
        made = self.client.create_experiment(self.name(text if self.made[text] == 1 else f"{text}{self.made[text]}"))
        self._normalise.experiments[made] = True
        return made

    def run(self, experiment=None, **more):
        """The id of a new run, in an experiment of its own where none is given."""
        return self.client.create_run(experiment or self.experiment(), **more).info.run_id

    def show(self, label, value):
        """A value that must be the same on every server."""
        if label in self.shown:
            raise ValueError(f"{label} is shown twice")
        self.shown[label] = self._normalise(value)

    def error(self, label, call):
        """Shows how a call of the client fails. It must."""
        from mlflow.exceptions import MlflowException

        try:
            answer = call()
        except MlflowException as error:
            self.show(label, {"error_code": error.error_code, "message": error.message})
            return error
        raise AssertionError(f"{label}: no error, but {str(answer)[:200]}")

    def rest(self, method, path, body=None, *, query=None, raw=None, headers=None, version="2.0"):
        """A request as it is: `path` after /api/2.0/mlflow/, or from the root where it begins with a slash."""
        url = self.uri + (path if path.startswith("/") else f"/api/{version}/mlflow/{path}")
        send = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if raw is None and body is not None:
            raw, send["Content-Type"] = json.dumps(body), "application/json"
        response = requests.request(
            method, url, params=query, data=raw, headers={**send, **(headers or {})}, timeout=60, allow_redirects=False
        )
        try:
            answer = response.json()
        except ValueError:
            answer = response.text
        return {"status": response.status_code, "body": answer}

    def ask(self, label, method, path, body=None, **more):
        """Shows what a request is answered."""
        answer = self.rest(method, path, body, **more)
        self.show(label, answer)
        return answer["body"] if isinstance(answer["body"], dict) else {}


def too_slow(*_):
    raise TimeoutError(f"the case took more than {SECONDS} s")


def run_case(entry, index, uri, token, tag, calls):
    from plain import Normaliser

    started = time.perf_counter()
    normalise = Normaliser([(os.path.dirname(os.path.abspath(__file__)), "<client>")])
    one = Case(uri, token, tag, normalise, index)
    error = None
    signal.signal(signal.SIGALRM, too_slow)
    signal.alarm(SECONDS)
    try:
        entry["run"](one)
    except BaseException as thrown:
        if isinstance(thrown, KeyboardInterrupt):
            raise
        where = traceback.extract_tb(thrown.__traceback__)
        last = [frame.lineno for frame in where if frame.filename.endswith(f"{entry['area']}.py")]
        error = f"{type(thrown).__name__}: {str(thrown)[:600]} (line {last[-1] if last else '?'})"
    finally:
        signal.alarm(0)
        end_runs()
    return {
        "area": entry["area"],
        "title": entry["title"],
        "error": error,
        "shown": one.shown,
        "calls": calls.take(),
        "milliseconds": round((time.perf_counter() - started) * 1000),
    }


def end_runs():
    """A case that failed halfway leaves no active run to the next."""
    import mlflow

    while mlflow.active_run() is not None:
        try:
            mlflow.end_run()
        except Exception:
            # The server refuses: the client's own stack must be empty all the same.
            mlflow.tracking.fluent._active_run_stack.get().clear()


def main(areas, uri, token, tag):
    import importlib

    for area in areas:
        importlib.import_module(area)
    calls = Calls(uri)
    out = os.fdopen(os.dup(1), "w")
    # What the client prints (links to a run, warnings) is no result.
    os.dup2(2, 1)
    for index, entry in enumerate(CASES):
        result = run_case(entry, index, uri, token, tag, calls)
        out.write(json.dumps(result, allow_nan=False) + "\n")
        out.flush()
    out.write(json.dumps({"cases": len(CASES)}) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.modules["harness"] = sys.modules["__main__"]
    main(sys.argv[1].split(","), os.environ["MLFLOW_TRACKING_URI"], os.environ.get("MLFLOW_TRACKING_TOKEN"), sys.argv[2])
