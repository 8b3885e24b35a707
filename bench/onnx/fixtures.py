"""Small ONNX files as converters write them, with rows and what onnxruntime answers: fixtures of the unit tests.

Needs: onnx, onnxruntime, skl2onnx, onnxmltools, scikit-learn, lightgbm, xgboost (bench/onnx/requirements.txt).
Run: node bench/onnx/ours.ts test/fixtures/learn/exchange/ours; python bench/onnx/fixtures.py test/fixtures/learn/exchange
`python bench/onnx/fixtures.py FOLDER ours` answers for our own exports alone.
"""
import json
import sys
import warnings
from pathlib import Path

import lightgbm as lgb
import numpy as np
import onnx
import onnxruntime as ort
import xgboost as xgb
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.filterwarnings('ignore')
ort.set_default_logger_severity(3)
out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)

# Our own exports, which ours.ts wrote: what onnxruntime answers to the rows beside them.
for file in sorted((out / 'ours').glob('*.onnx')):
    onnx.checker.check_model(onnx.load(file), full_check=True)
    case = json.loads(file.with_suffix('.json').read_text())
    rows = np.array([[np.nan if x is None else x for x in row] for row in case['rows']], dtype=np.float32)
    answers = ort.InferenceSession(str(file)).run(None, {'features': rows})
    if len(answers) == 2:
        case['labels'] = [str(label) for label in answers[0]]
    case['answers'] = [[float(x) for x in row] for row in answers[-1]]
    file.with_suffix('.json').write_text(json.dumps(case))
    print(file.stem, len(rows), file.stat().st_size)
if sys.argv[2:] == ['ours']:
    sys.exit()

iris, cancer, sugar = load_iris(), load_breast_cancer(), load_diabetes()
XI, NAMES = iris.data.astype(np.float32), iris.target_names[iris.target]
XB, YB = cancer.data[:, :6].astype(np.float32), cancer.target
XD, YD = sugar.data.astype(np.float32), sugar.target


def holes(X):
    X = X.copy()
    X[::3, 2] = np.nan
    X[1::5, 0] = np.nan
    return X


def on_thresholds(model, rows):
    """Rows that stand exactly on thresholds, and one float32 above and below: where < and <= part."""
    extra = []
    for node in model.graph.node:
        at = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if 'nodes_modes' not in at:
            continue
        for mode, feature, value in zip(at['nodes_modes'], at['nodes_featureids'], at['nodes_values']):
            if mode == b'LEAF':
                continue
            for x in (value, np.nextafter(np.float32(value), np.float32(-np.inf)), np.nextafter(np.float32(value), np.float32(np.inf))):
                row = rows[len(extra) % len(rows)].copy()
                row[feature] = x
                extra.append(row)
    return np.array(extra[:: max(1, len(extra) // 24)], dtype=np.float32)


def write(name, model, X):
    rows = X[:: max(1, len(X) // 16)]
    rows = np.vstack([rows, on_thresholds(model, rows)])
    session = ort.InferenceSession(model.SerializeToString())
    inputs = session.get_inputs()
    feeds = {inputs[0].name: rows} if len(inputs) == 1 else {
        given.name: rows[:, i : i + 1] for i, given in enumerate(inputs)
    }
    answers = session.run(None, feeds)
    case = {'rows': [[None if np.isnan(x) else float(x) for x in row] for row in rows]}
    if len(answers) == 1:
        case['predictions'] = [float(x) for x in np.asarray(answers[0]).ravel()]
    else:
        labels, shares = answers
        case['labels'] = [x if isinstance(x, str) else int(x) for x in labels]
        if isinstance(shares, list):
            case['classes'] = list(shares[0])
            shares = [list(row.values()) for row in shares]
        case['probabilities'] = [[float(x) for x in row] for row in shares]
    (out / f'{name}.onnx').write_bytes(model.SerializeToString())
    (out / f'{name}.json').write_text(json.dumps(case))
    print(name, len(rows), (out / f'{name}.onnx').stat().st_size)


def sklearn(name, model, X, y, **options):
    model.fit(X, y)
    write(name, to_onnx(model, X[:1], **options), X)


def lightgbm(name, model, X, y, categories=None, **options):
    model.fit(X, y, **({} if categories is None else {'categorical_feature': categories}))
    types = [('input', FloatTensorType([None, X.shape[1]]))]
    write(name, convert_lightgbm(model, initial_types=types, **options), X)


def xgboost(name, model, X, y, **options):
    model.fit(X, y)
    types = [('input', FloatTensorType([None, X.shape[1]]))]
    write(name, convert_xgboost(model, initial_types=types, **options), X)


PLAIN = {'options': {'zipmap': False}}
few = {'n_estimators': 7, 'max_depth': 4, 'random_state': 0}
sklearn('sklearn-forest-zipmap', RandomForestClassifier(**few), XI, NAMES)
sklearn('sklearn-forest', RandomForestClassifier(**few), XI, iris.target * 5 + 3, **PLAIN)
sklearn('sklearn-forest-binary', RandomForestClassifier(**few), XB, YB, **PLAIN)
sklearn('sklearn-extra-trees', ExtraTreesClassifier(**few), XI, NAMES, **PLAIN)
sklearn('sklearn-tree', DecisionTreeClassifier(max_depth=4, random_state=0), XB, np.where(YB, 'benign', 'malignant'), **PLAIN)
sklearn('sklearn-boosting-binary', GradientBoostingClassifier(**few), XB, YB, **PLAIN)
sklearn('sklearn-boosting', GradientBoostingClassifier(**few), XI, NAMES)
sklearn('sklearn-forest-regressor', RandomForestRegressor(**few), XD, YD)
sklearn('sklearn-extra-trees-regressor', ExtraTreesRegressor(**few), XD, YD)
sklearn('sklearn-tree-regressor', DecisionTreeRegressor(max_depth=4, random_state=0), XD, YD)
sklearn('sklearn-boosting-regressor', GradientBoostingRegressor(**few), XD, YD)

some = {'n_estimators': 7, 'num_leaves': 6, 'verbose': -1, 'random_state': 0, 'deterministic': True, 'force_row_wise': True}
lightgbm('lightgbm-binary-zipmap', lgb.LGBMClassifier(**some), XB, YB)
lightgbm('lightgbm-binary', lgb.LGBMClassifier(**some), holes(XB), YB, zipmap=False)
# Nine in ten are of class 1: every leaf of the first tree is positive, which onnxruntime reads in a way of its own.
lightgbm('lightgbm-skewed', lgb.LGBMClassifier(**{**some, 'n_estimators': 1}), XB, (XB[:, 0] > 10).astype(int), zipmap=False)
lightgbm('lightgbm', lgb.LGBMClassifier(**some), XI, NAMES, zipmap=False)
lightgbm('lightgbm-regressor', lgb.LGBMRegressor(**some), holes(XD), YD)
lightgbm('lightgbm-regressor-split', lgb.LGBMRegressor(**some), XD, YD, split=3)
rng = np.random.default_rng(0)
XC = np.column_stack([rng.integers(0, 40, 600), rng.normal(size=600), rng.integers(0, 3, 600)]).astype(np.float32)
yc = np.isin(XC[:, 0], [1, 4, 5, 9, 33]) * 2.0 + XC[:, 1] * 0.3 + (XC[:, 2] == 1) + rng.normal(size=600) * 0.1
lightgbm('lightgbm-categories', lgb.LGBMRegressor(min_data_per_group=5, cat_smooth=1, max_cat_to_onehot=1, **some), XC, yc, [0, 2])
trees = {'n_estimators': 7, 'max_depth': 3, 'random_state': 0}
xgboost('xgboost-binary', xgb.XGBClassifier(**trees), holes(XB), YB)
xgboost('xgboost', xgb.XGBClassifier(**trees), XI, iris.target)
xgboost('xgboost-regressor', xgb.XGBRegressor(base_score=120.0, **trees), holes(XD), YD)
xgboost('xgboost-forest', xgb.XGBRFClassifier(**trees), XB, YB)

# What is refused: a pipeline around the trees, and an objective with a transformed answer.
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sklearn('refused-scaler', make_pipeline(StandardScaler(), DecisionTreeRegressor(max_depth=2)), XD, YD)
xgboost('refused-poisson', xgb.XGBRegressor(objective='count:poisson', **trees), XD, YD)
