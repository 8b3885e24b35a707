"""The same forest for all three: `model DIR` trains it and leaves it as ONNX or as an MLflow model, `fastapi DIR PORT` serves it."""
import sys


def forest():
    import pandas as pd
    from sklearn.ensemble import RandomForestRegressor
    data = pd.read_csv('data/housing/ames_rooms_area_age.csv.gz')
    x = data[['rooms', 'area', 'age']].astype('float32')
    return RandomForestRegressor(100, max_depth=12, random_state=1, n_jobs=1).fit(x.values, data['price']), x


what, folder = sys.argv[1:3]
if what == 'onnx':
    from skl2onnx import to_onnx
    model, x = forest()
    open(f'{folder}/forest.onnx', 'wb').write(to_onnx(model, x.values[:1]).SerializeToString())
elif what == 'mlflow':
    import joblib
    import mlflow
    model, x = forest()
    joblib.dump(model, f'{folder}/forest.joblib')
    mlflow.sklearn.save_model(model, f'{folder}/mlflow', serialization_format='cloudpickle')
else:
    import joblib
    import numpy as np
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel
    model = joblib.load(f'{folder}/forest.joblib')
    app = FastAPI()

    class Row(BaseModel):
        rooms: float
        area: float
        age: float

    @app.post('/predict')
    def predict(row: Row):
        return {'predictions': model.predict(np.array([[row.rooms, row.area, row.age]], dtype='float32')).tolist()}

    uvicorn.run(app, host='127.0.0.1', port=int(sys.argv[3]), log_level='warning')
