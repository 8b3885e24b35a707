"""Prints what LightGBM and scikit-learn's HistGradientBoosting make of the data of test/unit/learn/boosting/peers.test.ts."""
import json, warnings
import numpy as np, lightgbm as lgb
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

warnings.filterwarnings("ignore")

def stream(seed):
    while True:
        seed = (seed * 1664525 + 1013904223) % 2**32
        yield seed / 2**32

def made(rows, seed):
    r = stream(seed); x, y = [], []
    for _ in range(rows):
        a, b, c = (int(next(r) * 40) for _ in range(3))
        x.append([a, b, c]); y.append(a * 2 + (b * b) / 20 - (15 if c > 25 else 0) + next(r) * 10)
    return np.array(x, float), np.array(y)

x, y = made(400, 1); xt, yt = made(200, 2)
base = dict(num_leaves=8, learning_rate=0.1, min_child_samples=20, max_bin=255, min_data_in_bin=1, verbosity=-1, num_threads=1, deterministic=True, boost_from_average=True)
def peer(objective, target, rounds, **more):
    params = {**base, "objective": objective, **more}
    return lgb.train(params, lgb.Dataset(x, target, params=params), rounds)
three = lambda v: (v > 45).astype(int) + (v > 75).astype(int)
out = {
    "regression": peer("regression", y, 20).predict(xt[:8]).tolist(),
    "binary": peer("binary", (y > 60).astype(int), 1).predict(xt[:8]).tolist(),
    "multiclass": peer("multiclass", three(y), 1, num_class=3).predict(xt[:4]).tolist(),
}
mse = lambda p: float(np.mean((p - yt) ** 2))
logloss = lambda p, t: float(-np.mean(np.log(p[np.arange(len(t)), t])))
hist = dict(max_iter=60, learning_rate=0.1, max_leaf_nodes=8, min_samples_leaf=20, early_stopping=False)
out["scores"] = {
    "regression": [mse(peer("regression", y, 60).predict(xt)), mse(HistGradientBoostingRegressor(**hist).fit(x, y).predict(xt))],
    "multiclass": [logloss(peer("multiclass", three(y), 60, num_class=3).predict(xt), three(yt)), logloss(HistGradientBoostingClassifier(**hist).fit(x, three(y)).predict_proba(xt), three(yt))],
}
print(json.dumps(out))
