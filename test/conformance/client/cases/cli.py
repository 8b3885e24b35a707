"""The `mlflow` command line, as a process of its own."""

import csv
import io
import json
import os
import subprocess
import sys

from harness import case


def cli(c, *args):
    """A command within this process, whose imports are made: what it prints, what it ends with."""
    from click.testing import CliRunner
    from mlflow.cli import cli as command

    before = os.getcwd()
    os.chdir(c.folder)
    try:
        return CliRunner().invoke(command, args)
    finally:
        os.chdir(before)


@case("experiments and runs")
def experiments(c):
    # One as a user's shell starts it.
    create = [sys.executable, "-m", "mlflow", "experiments", "create", "--experiment-name", c.name("exp")]
    subprocess.run(create, capture_output=True, check=True, timeout=110, cwd=c.folder)
    found = c.client.get_experiment_by_name(c.name("exp"))
    run = c.client.create_run(found.experiment_id, run_name="first").info.run_id
    c.show("ids", {"experiment_id": found.experiment_id, "run_id": run})
    renamed = cli(c, "experiments", "rename", "--experiment-id", found.experiment_id, "--new-name", c.name("new"))
    c.show("renamed", [renamed.exit_code, renamed.stdout])
    listed = cli(c, "runs", "list", "--experiment-id", found.experiment_id)
    c.show("runs", [listed.exit_code, run in listed.stdout, "first" in listed.stdout])
    described = cli(c, "runs", "describe", "--run-id", run)
    c.show("run", json.loads(described.stdout))


@case("artifacts and a table of runs")
def artifacts(c):
    experiment = c.experiment()
    run = c.run(experiment, run_name="first")
    c.client.log_metric(run, "acc", 0.5, timestamp=1)
    with open(os.path.join(c.folder, "note.txt"), "w") as file:
        file.write("hello")
    put = cli(c, "artifacts", "log-artifact", "--local-file", "note.txt", "--run-id", run, "--artifact-path", "notes")
    c.show("put", put.exit_code)
    listed = cli(c, "artifacts", "list", "--run-id", run, "--artifact-path", "notes")
    c.show("listed", json.loads(listed.stdout))
    got = cli(c, "artifacts", "download", "--artifact-uri", f"runs:/{run}/notes/note.txt", "--dst-path", "down")
    c.show("got", [got.exit_code, open(os.path.join(c.folder, "down", "note.txt")).read() if got.exit_code == 0 else got.output[-300:]])
    table = cli(c, "experiments", "csv", "--experiment-id", experiment)
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    c.show("table", [[row["metrics.acc"], row["status"]] for row in rows])
