"""scikit-learn on the very splits of a pipeline: python bench/pipelines/sklearn_peer.py DIR

DIR is what export-splits.ts wrote. Prints one JSON object: metrics on the test split of a linear model and of a random
forest (100 trees), the forest as mean and standard error over 5 seeds.
"""
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn import ensemble, linear_model, metrics

folder = Path(sys.argv[1])
facts = json.loads((folder / "dataset.json").read_text())
target = facts["target"]
train, test = (pd.read_csv(folder / f"{split}.csv") for split in ("train", "test"))
x, y = train.drop(columns=target), train[target]
x_test, y_test = test.drop(columns=target), test[target]


def judge(model):
    model.fit(x, y)
    predicted = model.predict(x_test)
    if facts["task"] == "regression":
        return {
            "r2": metrics.r2_score(y_test, predicted),
            "rmse": metrics.mean_squared_error(y_test, predicted) ** 0.5,
            "mae": metrics.mean_absolute_error(y_test, predicted),
        }
    return {
        "accuracy": metrics.accuracy_score(y_test, predicted),
        "f1_weighted": metrics.f1_score(y_test, predicted, average="weighted"),
        "f1_macro": metrics.f1_score(y_test, predicted, average="macro"),
    }


regression = facts["task"] == "regression"
linear = linear_model.LinearRegression() if regression else linear_model.LogisticRegression(max_iter=1000)
forest = ensemble.RandomForestRegressor if regression else ensemble.RandomForestClassifier
runs = [judge(forest(n_estimators=100, random_state=seed)) for seed in range(5)]
spread = {name: [run[name] for run in runs] for name in runs[0]}
print(
    json.dumps(
        {
            **facts,
            "sklearn": sklearn.__version__,
            "testRows": len(test),
            "linear": judge(linear),
            "forest": {
                name: {"mean": float(np.mean(v)), "standardError": float(np.std(v, ddof=1) / len(v) ** 0.5)}
                for name, v in spread.items()
            },
        },
        indent=2,
    )
)
