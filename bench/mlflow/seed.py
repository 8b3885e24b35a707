"""Puts runs into MLflow's sqlite store in one transaction: seed.py STORE EXPERIMENT RUNS.json"""

import json
import sqlite3
import sys

store, experiment, file = sys.argv[1:]
with open(file, encoding="utf-8") as text:
    runs = json.load(text)

with sqlite3.connect(store, timeout=60) as db:
    for run in runs:
        key, at = run["runId"], run["startTime"]
        db.execute(
            "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
            " source_version, lifecycle_stage, artifact_uri, experiment_id)"
            " VALUES (?, ?, 'UNKNOWN', '', '', '', 'RUNNING', ?, '', 'active', ?, ?)",
            (key, run["name"], at, f"mlflow-artifacts:/{experiment}/{key}/artifacts", int(experiment)),
        )
        tags = {**run["tags"], "mlflow.runName": run["name"]}
        db.executemany("INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", [(k, v, key) for k, v in tags.items()])
        db.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", [(k, v, key) for k, v in run["params"].items()])
        for table in ("metrics", "latest_metrics"):
            db.executemany(
                f"INSERT INTO {table} (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, 0, 0, ?)",
                [(k, v, at, key) for k, v in run["metrics"].items()],
            )
print(len(runs))
