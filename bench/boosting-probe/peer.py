"""One fit of LightGBM: peer.py FOLDER ROUNDS THREADS. Prints JSON."""
import json, os, sys, time
import numpy as np, lightgbm as lgb

folder, rounds, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
meta = json.load(open(os.path.join(folder, "meta.json")))
def part(name, rows):
    x = np.fromfile(os.path.join(folder, name + ".x")).reshape(meta["columns"], rows).T
    return np.ascontiguousarray(x), np.fromfile(os.path.join(folder, name + ".y"))
x, y = part("train", meta["rows"][0]); xt, yt = part("test", meta["rows"][1])
params = dict(objective=meta["task"], num_leaves=31, learning_rate=0.1, min_child_samples=20, max_bin=255, num_threads=threads, verbosity=-1, deterministic=True, seed=1)
if meta["task"] == "multiclass": params["num_class"] = meta["classes"]
native = [j for j, count in enumerate(meta["categories"]) if count]
cpu, wall = time.process_time(), time.perf_counter()
data = lgb.Dataset(x, y, categorical_feature=native if native else "auto", params=params).construct()
made = time.process_time() - cpu
model = lgb.train(params, data, rounds)
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
p = model.predict(xt)
if meta["task"] == "regression": loss, score = float(np.mean((p - yt) ** 2)), float(1 - np.mean((p - yt) ** 2) / np.var(yt))
else:
    q = np.column_stack([1 - p, p]) if p.ndim == 1 else p
    loss, score = float(-np.mean(np.log(np.maximum(q[np.arange(len(yt)), yt.astype(int)], 1e-15)))), float(np.mean(q.argmax(1) == yt))
print(json.dumps(dict(cpu=cpu, wall=wall, made=made, loss=loss, score=score)))
