"""The peer of probe.ts: scikit-learn at the same settings, text columns one-hot. peer.py DATA [TREES] [JOBS] [PARAMS as JSON]"""
import json, os, re, sys, time, resource
import numpy as np, pandas as pd
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

name, trees, jobs, params = (sys.argv[1:] + ["california-numeric", "100", "1", "{}"][len(sys.argv) - 1:])[:4]
shared = os.environ.get("ARBOLEDA_DATA", "../shared/data")
sources = {
    "california": ("housing/california_housing.csv.gz", "median_house_value", False),
    "ames": ("housing/ames_rooms_area_age.csv.gz", "price", False),
    "devops": ("devops-metrics/devops_metrics.csv.gz", "response_time_ms", False),
    "cover": ("forest-cover/covertype.csv.gz", "Cover_Type", True),
}
made = re.match(r"^(cls|reg)-(\d+)x(\d+)$", name)
if made:
    classes, n, p = made[1] == "cls", int(made[2]), int(made[3])
    rng = np.random.default_rng(1)
    x = rng.random((n, p), dtype=np.float32)
    y = x[:, 0] + x[:, 1] * x[:, 2 % p] + 0.3 * rng.random(n)
    if classes:
        y = np.digitize(y, [0.7, 1.1])
else:
    file, target, classes = sources[name.replace("-numeric", "")]
    frame = pd.read_csv(os.path.join(shared, file))
    y = frame.pop(target).to_numpy()
    if name.endswith("-numeric"):
        frame = frame.select_dtypes("number")
    x = pd.get_dummies(frame).to_numpy(dtype=np.float32)
test = np.arange(len(y)) % 5 == 0
snake = {re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), k): (1.0 if v == "all" else v) for k, v in json.loads(params).items()}
make = RandomForestClassifier if classes else RandomForestRegressor
forest = make(n_estimators=int(trees), n_jobs=int(jobs), random_state=42, **snake)
wall, cpu = time.perf_counter(), time.process_time()
forest.fit(x[~test], y[~test])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps({"name": name, "rows": int((~test).sum()), "columns": x.shape[1], "trees": int(trees), "threads": int(jobs),
    "wall": round(wall, 3), "cpu": round(cpu, 3), "score": round(forest.score(x[test], y[test]), 4),
    "nodes": sum(t.tree_.node_count for t in forest.estimators_), "maxRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
