"""The Python side of run.ts: runs our exports in onnxruntime, trains and converts models for us to import."""
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
from sklearn import ensemble

warnings.filterwarnings('ignore')
ort.set_default_logger_severity(3)
work = Path(sys.argv[1])


def answers_of(path, X):
    session = ort.InferenceSession(str(path))
    answers = session.run(None, {session.get_inputs()[0].name: X})
    labels = [] if len(answers) == 1 else [x if isinstance(x, str) else int(x) for x in answers[0]]
    return np.asarray(answers[-1], dtype=np.float64).reshape(len(X), -1), labels


exported = []
for file in sorted(work.glob('*.ours.json')):
    facts = json.loads(file.read_text())
    model = work / f'{facts["name"]}.ours.onnx'
    onnx.checker.check_model(onnx.load(model), full_check=True)
    X = np.fromfile(work / f'{facts["name"]}.rows', dtype=np.float32).reshape(-1, facts['width'])
    ours = np.fromfile(work / f'{facts["name"]}.answers').reshape(len(X), facts['outputs'])
    theirs, labels = answers_of(model, X)
    difference = np.abs(ours - theirs) / np.maximum(1, np.abs(ours))
    other = sum(a != b for a, b in zip(facts.get('labels') or [], labels))
    exported.append({'name': facts['name'], 'rows': len(X), 'difference': float(difference.max()), 'otherLabels': other})
(work / 'exported.json').write_text(json.dumps(exported))

peers = []


def keep(name, of, model, X):
    (work / f'{name}.onnx').write_bytes(model.SerializeToString())
    answers, labels = answers_of(work / f'{name}.onnx', X)
    answers.tofile(work / f'{name}.answers')
    (work / f'{name}.labels').write_text(json.dumps(labels))
    peers.append({'name': name, 'set': of['name'], 'width': of['width']})


for file in sorted(work.glob('*.peers.json')):
    of = json.loads(file.read_text())
    X = np.fromfile(work / f'{of["name"]}.train', dtype=np.float32).reshape(-1, of['width'])
    T = np.fromfile(work / f'{of["name"]}.test', dtype=np.float32).reshape(-1, of['width'])
    y = np.fromfile(work / f'{of["name"]}.target')
    kind = 'Classifier' if of['task'] == 'classification' else 'Regressor'
    y = y.astype(np.int64) if kind == 'Classifier' else y
    # scikit-learn's forests and boosting take no missing values into ONNX: a number that no row has stands for them.
    full, full_test = np.nan_to_num(X, nan=-1), np.nan_to_num(T, nan=-1)
    types = [('input', FloatTensorType([None, of['width']]))]
    small = {'n_estimators': 30, 'random_state': 0}
    plain = {'options': {'zipmap': False}} if kind == 'Classifier' else {}
    for name, more in (('RandomForest', {'n_jobs': 2}), ('ExtraTrees', {'n_jobs': 2}), ('GradientBoosting', {'max_depth': 3})):
        model = getattr(ensemble, name + kind)(**small, **more).fit(full, y)
        converted = to_onnx(model, full[:1], **plain)
        file = work / f'{of["name"]}.test'
        keep(f'{of["name"]} scikit-learn {name}', of, converted, T if not np.isnan(T).any() else full_test)
        if np.isnan(T).any():
            peers[-1]['set'] = f'{of["name"]}-full'
            full_test.tofile(work / f'{of["name"]}-full.test')
    flat = {'zipmap': False} if kind == 'Classifier' else {}
    model = getattr(lgb, 'LGBM' + kind)(**small, verbose=-1, num_threads=2).fit(X, y, categorical_feature=of['categorical'])
    keep(f'{of["name"]} LightGBM with categories', of, convert_lightgbm(model, initial_types=types, **flat), T)
    model = getattr(lgb, 'LGBM' + kind)(**small, verbose=-1, num_threads=2).fit(X, y, categorical_feature=[])
    keep(f'{of["name"]} LightGBM', of, convert_lightgbm(model, initial_types=types, **flat), T)
    model = getattr(xgb, 'XGB' + kind)(**small, max_depth=6, nthread=2).fit(X, y)
    keep(f'{of["name"]} XGBoost', of, convert_xgboost(model, initial_types=types), T)
(work / 'peers.json').write_text(json.dumps(peers))
