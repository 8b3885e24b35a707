"""scikit-learn on the very splits of a pipeline: python bench/pipelines/sklearn_peer.py DIR [SEED ...]

DIR is what export-splits.ts wrote. Prints one JSON object: metrics on the test split of a linear model, and of a random
forest (100 trees, its defaults) for each seed (0 to 4 by default), with their mean and standard error. Text columns are
one-hot encoded, a missing category being a column of its own; the forest takes missing numbers as they are, for the
linear model they are the training rows' median.
"""
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn import ensemble, linear_model, metrics, preprocessing

folder = Path(sys.argv[1])
seeds = [int(seed) for seed in sys.argv[2:]] or list(range(5))
facts = json.loads((folder / "dataset.json").read_text())
target = facts["target"]
regression = facts["task"] == "regression"
# The text `None` is a value of one of the data sets; only an empty cell is missing. Classes stay the text they are.
options = {"keep_default_na": False, "na_values": [""], **({} if regression else {"dtype": {target: str}})}
train, test = (pd.read_csv(folder / f"{split}.csv", **options) for split in ("train", "test"))
y, y_test = train[target], test[target]
features = pd.concat([train, test], keys=["train", "test"]).drop(columns=target)
texts = [name for name in features.columns if not pd.api.types.is_numeric_dtype(features[name])]
encoded = pd.get_dummies(features, columns=texts, dummy_na=True, dtype=np.float32) if texts else features
x, x_test = (encoded.loc[part].astype(np.float32) for part in ("train", "test"))
middle = x.median()


def judge(model, x, x_test):
    model.fit(x, y)
    predicted = model.predict(x_test)
    if regression:
        return {
            "r2": metrics.r2_score(y_test, predicted),
            "rmse": metrics.mean_squared_error(y_test, predicted) ** 0.5,
            "mae": metrics.mean_absolute_error(y_test, predicted),
        }
    shares = model.predict_proba(x_test)
    truth = preprocessing.label_binarize(y_test, classes=model.classes_)
    truth = truth if truth.shape[1] > 1 else np.hstack([1 - truth, truth])
    return {
        "accuracy": metrics.accuracy_score(y_test, predicted),
        "f1_weighted": metrics.f1_score(y_test, predicted, average="weighted"),
        "f1_macro": metrics.f1_score(y_test, predicted, average="macro"),
        "roc_auc": metrics.roc_auc_score(truth, shares, average="macro"),
    }


def linear():
    if regression:
        return linear_model.LinearRegression()
    return linear_model.LogisticRegression(max_iter=1000)


forest = ensemble.RandomForestRegressor if regression else ensemble.RandomForestClassifier
runs = [judge(forest(n_estimators=100, random_state=seed, n_jobs=-1), x, x_test) for seed in seeds]
spread = {name: [run[name] for run in runs] for name in runs[0]}


def summary(values):
    error = float(np.std(values, ddof=1) / len(values) ** 0.5) if len(values) > 1 else 0.0
    return {"mean": float(np.mean(values)), "standardError": error}


filled = (part.fillna(middle) for part in (x, x_test))
print(
    json.dumps(
        {
            **facts,
            "sklearn": sklearn.__version__,
            "trainRows": len(train),
            "testRows": len(test),
            **({"linear": judge(linear(), *filled)} if regression or len(train) < 20_000 else {}),
            "forest": {name: summary(values) for name, values in spread.items()},
        },
        indent=2,
    )
)
