"""Writes test/fixtures/sklearn/*.json: fixed vectors, and what scikit-learn says of them.

Run from the repository, in a virtual environment outside it:

    python3 -m venv /tmp/skvenv
    /tmp/skvenv/bin/pip install -r bench/sklearn-fixtures/requirements.txt
    /tmp/skvenv/bin/python bench/sklearn-fixtures/make.py

Everything is seeded: the same versions write the same files.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import scipy
import sklearn
from sklearn import metrics as m
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

warnings.filterwarnings("ignore")
OUT = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "sklearn"
MADE = {
    "by": "bench/sklearn-fixtures/make.py",
    "scikit-learn": sklearn.__version__,
    "numpy": np.__version__,
    "scipy": scipy.__version__,
}


def write(name, cases):
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"made": MADE, "cases": cases}, indent=1, allow_nan=False, ensure_ascii=False)
    (OUT / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(name, len(cases))


def classification_case(name, classes, truth, predicted, probabilities=None):
    """Class indices in, scikit-learn's figures on the class names out."""
    names = np.array(classes, dtype=object)
    t, p = names[np.array(truth)].astype(str), names[np.array(predicted)].astype(str)
    expected = {"accuracy": m.accuracy_score(t, p)}
    for average in ("macro", "weighted"):
        for label, score in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
            expected[f"{label}_{average}"] = score(t, p, average=average, zero_division=0)
    per_class = m.precision_recall_fscore_support(t, p, labels=classes, zero_division=0)
    if probabilities is not None:
        P = np.array(probabilities)
        expected["log_loss"] = m.log_loss(t, P, labels=classes)
        present = set(truth)
        if len(classes) == 2:
            if len(present) == 2:
                expected["roc_auc"] = m.roc_auc_score(np.array(truth) == 1, P[:, 1])
        else:
            defined = [k for k in range(len(classes)) if 0 < truth.count(k) < len(truth)]
            if len(defined) == len(classes):
                expected["roc_auc"] = m.roc_auc_score(t, P, multi_class="ovr", average="macro", labels=classes)
                expected["roc_auc_weighted"] = m.roc_auc_score(
                    t, P, multi_class="ovr", average="weighted", labels=classes
                )
            elif defined:
                # scikit-learn has no figure for an absent class: the mean of the binary figures that exist.
                aucs = [m.roc_auc_score(np.array(truth) == k, P[:, k]) for k in defined]
                expected["roc_auc"] = float(np.mean(aucs))
                expected["roc_auc_weighted"] = float(np.average(aucs, weights=[truth.count(k) for k in defined]))
    return {
        "name": name,
        "classes": classes,
        "truth": [int(v) for v in truth],
        "predicted": [int(v) for v in predicted],
        **({"probabilities": np.array(probabilities).tolist()} if probabilities is not None else {}),
        "expected": {k: float(v) for k, v in expected.items()},
        "perClass": {k: [float(x) for x in v] for k, v in zip(("precision", "recall", "f1", "support"), per_class)},
        "confusion": m.confusion_matrix(t, p, labels=classes).tolist(),
        "report": m.classification_report(t, p, digits=2, zero_division=0),
    }


def classification():
    g = np.random.default_rng(20)

    def random_case(name, classes, rows, digits=None, skew=1.0):
        P = g.dirichlet(np.full(len(classes), skew), size=rows)
        truth = [int(g.choice(len(classes), p=0.5 * row + 0.5 / len(classes))) for row in P]
        if digits is not None:  # coarse probabilities tie often
            P = np.round(P, digits)
            P = (P + 1e-3) / (P + 1e-3).sum(axis=1, keepdims=True)
        return classification_case(name, classes, truth, P.argmax(axis=1).tolist(), P)

    third = 1 / 3
    return [
        random_case("binary", ["no", "yes"], 60),
        random_case("binary with ties", ["no", "yes"], 80, digits=1),
        random_case("four classes", ["Average", "Excellent", "Good", "Vg"], 133),
        random_case("seven classes with ties", [str(k) for k in range(7)], 200, digits=1, skew=0.5),
        classification_case(
            "a class absent from the truth, and predicted",
            ["a", "b", "c"], [0, 0, 2, 2, 0], [0, 1, 2, 0, 0],
            [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7], [0.5, 0.1, 0.4], [0.9, 0.05, 0.05]],
        ),
        classification_case(
            "a class absent from truth and prediction",
            ["a", "b", "c"], [0, 0, 2, 2, 0], [0, 2, 2, 0, 0],
            [[0.6, 0.3, 0.1], [0.2, 0.1, 0.7], [0.1, 0.2, 0.7], [0.5, 0.1, 0.4], [0.9, 0.05, 0.05]],
        ),
        classification_case(
            "zero division: a class never predicted",
            ["a", "b"], [0, 1, 1, 0], [0, 0, 0, 0], [[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.8, 0.2]],
        ),
        classification_case(
            "nothing right", ["a", "b", "c"], [0, 1, 2], [1, 2, 0],
            [[0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]],
        ),
        classification_case(
            "all scores equal", ["a", "b"], [0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [[0.5, 0.5]] * 5
        ),
        classification_case(
            "certain and wrong", ["a", "b", "c"], [0, 1, 2, 1], [1, 1, 2, 0],
            [[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]],
        ),
        classification_case("single row", ["a", "b"], [1], [1], [[0.25, 0.75]]),
        classification_case("single row of three classes", ["a", "b", "c"], [1], [2], [[third, third, third]]),
        classification_case("no probabilities", ["x", "y"], [0, 0, 1, 1, 1, 1, 1, 1], [0, 1, 1, 1, 1, 0, 1, 1]),
        classification_case(
            "eighths round to even, long and wide names",
            ["a class whose name is longer than its column", "z", "ñandú 🌳"],
            [0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 1],
            [0, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 2, 2, 2, 2, 2, 1],
        ),
    ]


def regression():
    g = np.random.default_rng(21)
    y = g.normal(180000, 60000, size=200)
    shapes = {
        "prices": (y, y + g.normal(0, 25000, size=200)),
        "worse than the mean": ([1.0, 2.0, 3.0], [3.0, 1.0, 1.0]),
        "exact": ([1.5, -2.5, 4.0], [1.5, -2.5, 4.0]),
        "constant target, exact": ([5.0, 5.0, 5.0], [5.0, 5.0, 5.0]),
        "constant target, missed": ([5.0, 5.0, 5.0], [5.0, 6.0, 5.0]),
        "large offset": (1e9 + g.normal(size=50), 1e9 + g.normal(size=50)),
        "single row": ([2.0], [3.5]),
    }
    cases = []
    for name, (truth, predicted) in shapes.items():
        truth, predicted = np.array(truth), np.array(predicted)
        expected = {
            "rmse": m.root_mean_squared_error(truth, predicted),
            "mae": m.mean_absolute_error(truth, predicted),
        }
        if len(truth) > 1:
            expected["r2"] = m.r2_score(truth, predicted)
        cases.append({
            "name": name,
            "truth": truth.tolist(),
            "predicted": predicted.tolist(),
            "expected": {k: float(v) for k, v in expected.items()},
        })
    return cases


def features(g, rows):
    """Columns of very different scale, one of them a flag."""
    return np.column_stack([
        g.normal(0, 1, rows), g.normal(1500, 400, rows), g.integers(0, 2, rows), g.normal(0, 0.01, rows),
    ])


def linear():
    g = np.random.default_rng(22)
    X = features(g, 60)
    y = 12 + X @ np.array([3.0, -0.02, 5.0, 40.0]) + g.normal(0, 1, 60)
    rank_deficient = np.column_stack([X, X[:, 0], X[:, 2]])
    cases = []
    for name, data, model, alpha, intercept in [
        ("ordinary least squares", X, LinearRegression(), 0, True),
        ("without an intercept", X, LinearRegression(fit_intercept=False), 0, False),
        ("ridge 1", X, Ridge(alpha=1.0, solver="svd", tol=1e-12), 1.0, True),
        ("ridge 100", X, Ridge(alpha=100.0, solver="svd", tol=1e-12), 100.0, True),
        ("duplicate columns", rank_deficient, LinearRegression(), 0, True),
        ("ridge over duplicate columns", rank_deficient, Ridge(alpha=0.5, solver="svd", tol=1e-12), 0.5, True),
    ]:
        model.fit(data, y)
        cases.append({
            "name": name, "alpha": alpha, "fitIntercept": intercept, "X": data.tolist(), "y": y.tolist(),
            "coefficients": model.coef_.tolist(), "intercept": float(model.intercept_),
            "predictions": model.predict(data).tolist(),
        })
    return cases


def logistic():
    g = np.random.default_rng(23)
    X = features(g, 90)
    z = X @ np.array([1.2, 0.002, -0.8, 30.0]) - 3 + g.normal(0, 1, 90)
    binary = (z > np.median(z)).astype(int)
    three = np.digitize(z, np.quantile(z, [0.5, 0.8]))
    cases = []
    for name, y, options in [
        ("binary", binary, {}),
        ("binary, C 100", binary, {"C": 100.0}),
        ("binary, C 0.01", binary, {"C": 0.01}),
        ("binary, balanced", (z > np.quantile(z, 0.8)).astype(int), {"class_weight": "balanced"}),
        ("three classes", three, {}),
        ("three classes, C 50", three, {"C": 50.0}),
        ("three classes, balanced, C 0.3", three, {"C": 0.3, "class_weight": "balanced"}),
        ("three classes without an intercept", three, {"fit_intercept": False}),
    ]:
        # newton-cholesky at a tiny tolerance is the exact minimum; lbfgs stops some digits short of it.
        model = LogisticRegression(solver="newton-cholesky", tol=1e-14, max_iter=10000, **options).fit(X, y)
        default = LogisticRegression(max_iter=100000, tol=1e-10, **options).fit(X, y)
        cases.append({
            "name": name, "C": options.get("C", 1.0), "fitIntercept": options.get("fit_intercept", True),
            "classWeight": options.get("class_weight", "none"), "X": X.tolist(), "y": y.tolist(),
            "coefficients": model.coef_.tolist(), "intercepts": np.atleast_1d(model.intercept_).tolist(),
            "probabilities": model.predict_proba(X).tolist(),
            "lbfgsProbabilities": default.predict_proba(X).tolist(),
        })
    return cases


if __name__ == "__main__":
    write("classification", classification())
    write("regression", regression())
    write("linear", linear())
    write("logistic", logistic())
