"""One run of a Python peer in a process of its own: python peers.py JOB, JOB as in job.ts. Answers one line of JSON.

The peers get what suits them best: row-major float32 in memory, modules imported, all of it outside the measured time.
LightGBM's Dataset (its binning) is part of its training, as the bins are in everyone else's fit.
"""
import json
import pickle
import platform
import re
import resource
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

PREDICTED_ROWS = 10_000


def read_part(folder, header, part, rows=None, omit=None):
    every = header["rows"][part]
    rows = min(rows or every, every)
    x = np.empty((rows, len(header["features"])), np.float32)
    with open(folder / f"{part}.x.f32", "rb") as file:
        for j in range(x.shape[1]):
            file.seek(4 * j * every)
            x[:, j] = np.fromfile(file, "<f4", rows)
    y = np.fromfile(folder / f"{part}.y.f64", "<f8", rows)
    if omit:
        kept = np.r_[0 : omit[0], omit[1] : rows]
        x, y = np.ascontiguousarray(x[kept]), y[kept]
    return x, y.astype(np.int32) if header["task"] == "classification" else y


def peak_rss():
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def warm_median(call, seconds):
    until = time.perf_counter() + seconds / 2
    call()
    while time.perf_counter() < until:
        call()
    taken = []
    end = time.perf_counter() + seconds
    while len(taken) < 3 or (time.perf_counter() < end and len(taken) < 100_000):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return median(taken)


class Forest:
    """scikit-learn's random forest."""

    def __init__(self, job, header):
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        self.classes = header["task"] == "classification"
        params = job["params"]
        kind = RandomForestClassifier if self.classes else RandomForestRegressor
        self.model = kind(
            n_estimators=params["trees"],
            # JSON has no 1.0: as a number "all" would arrive as the count 1, one single feature.
            max_features=None if params["maxFeatures"] == "all" else params["maxFeatures"],
            n_jobs=job["threads"],
            random_state=job["seed"],
        )

    def fit(self, x, y):
        self.model.fit(x, y)

    def predict(self, x):
        return self.model.predict(x)

    def probabilities(self, x):
        return self.model.predict_proba(x)

    def dump(self):
        return pickle.dumps(self.model, protocol=5)

    def load(self, data):
        return pickle.loads(data)

    def size(self):
        trees = self.model.estimators_
        return {"trees": len(trees), "nodes": int(sum(tree.tree_.node_count for tree in trees))}


class Histogram(Forest):
    """scikit-learn's histogram gradient boosting. Its threads are set by OMP_NUM_THREADS."""

    def __init__(self, job, header):
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        self.classes = header["task"] == "classification"
        params = job["params"]
        kind = HistGradientBoostingClassifier if self.classes else HistGradientBoostingRegressor
        # More than 255 categories are refused there: such columns stay codes.
        categorical = [0 < len(f.get("categories", [])) <= 255 for f in header["features"]]
        self.model = kind(
            max_iter=params["rounds"],
            learning_rate=params["learningRate"],
            max_leaf_nodes=params["maxLeaves"],
            min_samples_leaf=params["minSamplesLeaf"],
            l2_regularization=params["l2"],
            early_stopping=False,
            categorical_features=categorical if any(categorical) else None,
            random_state=job["seed"],
        )

    def size(self):
        grown = [tree for round in self.model._predictors for tree in round]
        return {"trees": len(grown), "nodes": int(sum(len(tree.nodes) for tree in grown))}


class LightGbm:
    def __init__(self, job, header):
        import lightgbm

        self.lightgbm = lightgbm
        self.classes = header["task"] == "classification"
        count = len(header["classes"])
        params = job["params"]
        self.rounds = params["rounds"]
        self.categorical = [j for j, f in enumerate(header["features"]) if "categories" in f]
        objective = "regression" if not self.classes else "binary" if count == 2 else "multiclass"
        self.binary = objective == "binary"
        self.params = {
            "objective": objective,
            **({"num_class": count} if objective == "multiclass" else {}),
            "learning_rate": params["learningRate"],
            "num_leaves": params["maxLeaves"],
            "min_data_in_leaf": params["minSamplesLeaf"],
            "lambda_l2": params["l2"],
            "num_threads": job["threads"],
            "seed": job["seed"],
            "verbosity": -1,
        }

    def fit(self, x, y):
        data = self.lightgbm.Dataset(x, y, categorical_feature=self.categorical or "auto", params=self.params)
        self.model = self.lightgbm.train(self.params, data, self.rounds)

    def probabilities(self, x):
        p = self.model.predict(x)
        return np.column_stack([1 - p, p]) if self.binary else p

    def predict(self, x):
        return self.probabilities(x).argmax(axis=1) if self.classes else self.model.predict(x)

    def dump(self):
        return self.model.model_to_string()

    def load(self, data):
        return self.lightgbm.Booster(model_str=data)

    def size(self):
        leaves = [int(n) for n in re.findall(r"^num_leaves=(\d+)$", self.model.model_to_string(), re.M)]
        return {"trees": len(leaves), "nodes": sum(2 * n - 1 for n in leaves)}


def score_of(model, x, y):
    predicted = model.predict(x)
    if not model.classes:
        rest = float(((y - predicted) ** 2).sum())
        return {"r2": 1 - rest / float(((y - y.mean()) ** 2).sum()), "rmse": (rest / len(y)) ** 0.5}
    p = model.probabilities(x)[np.arange(len(y)), y]
    least = np.finfo(np.float64).eps
    return {
        "accuracy": float((predicted == y).mean()),
        "logLoss": float(-np.log(np.clip(p, least, 1 - least)).mean()),
    }


def main():
    job = json.loads(sys.argv[1])
    folder = Path(job["data"])
    header = json.loads((folder / "header.json").read_text())
    contender = {
        "sklearn-forest": Forest,
        "sklearn-histogram": Histogram,
        "lightgbm": LightGbm,
    }[job["algorithm"]](job, header)
    x, y = read_part(folder, header, "train", job.get("rows"), job.get("omit"))
    before = peak_rss()
    started, cpu = time.perf_counter(), time.process_time()
    contender.fit(x, y)
    result = {
        "fitSeconds": time.perf_counter() - started,
        "fitCpuSeconds": time.process_time() - cpu,
        "rssBefore": before,
        "rssPeak": peak_rss(),
    }
    if job["measure"] != "fit":
        x, y = read_part(folder, header, "test")
        result |= score_of(contender, x, y)
        batch = np.ascontiguousarray(x[np.arange(PREDICTED_ROWS) % len(x)])
        single = [np.ascontiguousarray(x[i : i + 1]) for i in range(min(len(x), 512))]
        turn = iter(range(1 << 40))
        result["batchSeconds"] = warm_median(lambda: contender.predict(batch), 0.5)
        result["rowSeconds"] = warm_median(lambda: contender.predict(single[next(turn) % len(single)]), 0.4)
    if job["measure"] == "file":
        dumped = contender.dump()
        result["fileBytes"] = len(dumped)
        result["loadSeconds"] = warm_median(lambda: contender.load(dumped), 0.5)
        result |= contender.size()
    modules = {"scikit-learn": "sklearn", "lightgbm": "lightgbm", "numpy": "numpy"}
    result["versions"] = {"python": platform.python_version()} | {
        name: sys.modules[module].__version__ for name, module in modules.items() if module in sys.modules
    }
    print("\n" + json.dumps(result))


main()
