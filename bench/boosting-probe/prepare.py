"""Writes the probe's data sets as plain binary: prepare.py SHARED_DATA OUT. Numbers are float64, column after column."""
import json, os, sys
import numpy as np, pandas as pd

shared, out = sys.argv[1], sys.argv[2]
rng = np.random.default_rng(0)

def write(name, task, x, y, categories):
    order = rng.permutation(len(y)); cut = int(0.8 * len(y)) if len(y) < 90_000 else len(y) - 10_000
    folder = os.path.join(out, name); os.makedirs(folder, exist_ok=True)
    for part, rows in (("train", order[:cut]), ("test", order[cut:])):
        x[rows].T.astype("<f8").tofile(os.path.join(folder, part + ".x")); y[rows].astype("<f8").tofile(os.path.join(folder, part + ".y"))
    meta = dict(name=name, task=task, rows=[cut, len(y) - cut], columns=x.shape[1], classes=int(y.max()) + 1 if task != "regression" else 0, categories=categories)
    json.dump(meta, open(os.path.join(folder, "meta.json"), "w"))

def coded(frame):
    counts, columns = [], []
    for name in frame.columns:
        if frame[name].dtype.kind in "OSU" or str(frame[name].dtype) in ("object", "str", "string"):
            values = frame[name].astype("category"); counts.append(len(values.cat.categories))
            columns.append(values.cat.codes.replace(-1, np.nan).to_numpy(float))
        else: counts.append(0); columns.append(frame[name].to_numpy(float))
    return np.column_stack(columns), counts

cover = pd.read_csv(os.path.join(shared, "forest-cover/covertype.csv.gz")); target = cover.pop("Cover_Type").to_numpy(float)
x, counts = coded(cover); write("cover13", "multiclass", x, target, counts)
hot = pd.get_dummies(cover).to_numpy(float)
write("cover54", "multiclass", hot, target, [0] * hot.shape[1])
write("cover54-binary", "binary", hot, (target == 1).astype(float), [0] * hot.shape[1])
wide = np.vstack([hot, hot[:7038]]); noise = rng.normal(size=len(wide))
write("cover54-regression", "regression", np.delete(wide, 0, 1), wide[:, 0] + noise, [0] * (wide.shape[1] - 1))
homes = pd.read_csv(os.path.join(shared, "housing/california_housing.csv.gz")); price = homes.pop("median_house_value").to_numpy(float)
x, counts = coded(homes); write("california", "regression", x, price, counts)
x = rng.random((110_000, 10)); friedman = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - .5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
write("friedman-binary", "binary", x, (friedman + rng.normal(size=len(x)) * 3 > 14).astype(float), [0] * 10)
write("friedman-regression", "regression", x, friedman + rng.normal(size=len(x)), [0] * 10)
