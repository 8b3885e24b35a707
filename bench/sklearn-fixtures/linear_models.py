"""Writes test/fixtures/sklearn/linear-models.json: weights, category columns, and columns that depend on one another.

    /tmp/skvenv/bin/python bench/sklearn-fixtures/linear_models.py

Everything is seeded: the same versions write the same file. Numbers of columns are rounded to what JSON shows.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

OUT = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "sklearn" / "linear-models.json"
rng = np.random.default_rng(7)


def one_hot(codes, count):
    return (codes[:, None] == np.arange(count)[None, :]).astype(float)


def columns(rows):
    """Two numbers (one of them large), a count with many zeros, a column of three categories and one of five."""
    numbers = np.round(np.column_stack([rng.normal(size=rows), 1e6 + 1e4 * rng.normal(size=rows)]), 4)
    counts = np.where(rng.random(rows) < 0.8, 0, rng.integers(1, 9, rows)).astype(float)
    a, b = rng.integers(0, 3, rows), rng.integers(0, 5, rows)
    plain = np.column_stack([numbers, counts])
    return plain, a, b, np.column_stack([plain, one_hot(a, 3), one_hot(b, 5)])


def least_norm(X, y, w):
    """The answer of least norm in columns centred and scaled to unit deviation, by numpy's SVD."""
    total = w.sum()
    means = w @ X / total
    deviations = np.sqrt(w @ (X - means) ** 2 / total)
    used = deviations > 1e-12 * np.maximum(1, np.abs(means))
    Z = (X[:, used] - means[used]) / deviations[used]
    root = np.sqrt(w)
    mean = w @ y / total
    solution = np.linalg.lstsq(Z * root[:, None], (y - mean) * root, rcond=1e-10)[0]
    coefficients = np.zeros(X.shape[1])
    coefficients[used] = solution / deviations[used]
    return coefficients, mean - coefficients @ means


def given(plain, a, b, y, w):
    return {"X": plain.tolist(), "a": a.tolist(), "b": b.tolist(), "y": np.asarray(y).tolist(), "weights": w.tolist()}


cases = []
rows = 60
plain, a, b, whole = columns(rows)
y = np.round(plain[:, 0] * 2 - plain[:, 1] / 1e4 + plain[:, 2] + np.array([0, 3, -2])[a] + rng.normal(size=rows), 4)
w = np.round(rng.uniform(0.2, 3, rows), 3)
for name, weights in [("all rows alike", np.ones(rows)), ("weighted rows", w)]:
    ols = LinearRegression().fit(whole, y, weights)
    coefficients, intercept = least_norm(whole, y, weights)
    cases.append({"kind": "linear", "name": f"categories, {name}", "alpha": 0, **given(plain, a, b, y, weights),
                  "coefficients": coefficients.tolist(), "intercept": intercept, "predictions": ols.predict(whole).tolist()})
    ridge = Ridge(alpha=3, solver="cholesky", tol=1e-14).fit(whole, y, weights)
    cases.append({"kind": "linear", "name": f"ridge over categories, {name}", "alpha": 3, **given(plain, a, b, y, weights),
                  "coefficients": ridge.coef_.tolist(), "intercept": ridge.intercept_, "predictions": ridge.predict(whole).tolist()})

for classes in (2, 3):
    score = np.column_stack([plain[:, 0], plain[:, 2] - 1, np.array([1.0, -1, 0])[a]])[:, :classes]
    z = np.argmax(score + rng.gumbel(size=score.shape), axis=1)
    scaled = whole / np.array([1, 1e6, 1] + [1] * 8)
    for name, weights in [("all rows alike", np.ones(rows)), ("weighted rows", w)]:
        fit = LogisticRegression(C=2, solver="newton-cholesky", tol=1e-13, max_iter=1000).fit(scaled, z, weights)
        cases.append({"kind": "logistic", "name": f"{classes} classes, {name}", "C": 2, **given(plain, a, b, z, weights),
                      "coefficients": fit.coef_.ravel().tolist(), "intercepts": fit.intercept_.tolist(),
                      "probabilities": fit.predict_proba(scaled).ravel().tolist()})

made = {"by": "bench/sklearn-fixtures/linear_models.py", "scikit-learn": sklearn.__version__, "numpy": np.__version__}
OUT.write_text(json.dumps({"made": made, "cases": cases}, separators=(",", ":")) + "\n", encoding="utf-8")
print(OUT.name, len(cases))
