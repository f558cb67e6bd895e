"""Every kind of input given to predict, evaluate and fit, and the types that come back."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://keras.io/api/models/model_training_apis/", "https://github.com/keras-team/keras/issues/18467"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_x = np.array([[1, 2], [3, 4]], np.float32)
_y = np.array([[1], [2]], np.float32)


def _model(dtype=None):
    dense = tf.keras.layers.Dense(1, kernel_initializer="ones", dtype=dtype)
    model = tf.keras.Sequential([tf.keras.layers.InputLayer(input_shape=(2,), dtype=dtype), dense])
    # Without tracing, what is watched costs a tenth.
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=True)
    return model


_shared = _model()
for _dtype in ["bool", "uint8", "int64", "float16", "float64", "complex64", "object", "<U1"]:
    observe(f"predict {_dtype}", lambda: _shared.predict_on_batch(_x.astype(_dtype)))
    observe(f"call {_dtype}", lambda: _shared(_x.astype(_dtype)))
for _name, _input in {
    "list of lists": [[1.0, 2.0], [3.0, 4.0]], "list of one array": [_x], "empty": _x[:0], "dict": {"unknown": _x},
    "dataset": tf.data.Dataset.from_tensor_slices(_x).batch(1),
}.items():
    observe(f"predict {_name}", lambda: _shared.predict(_input, verbose=0))
observe("predict float64 model", lambda: _model("float64").predict(_x, verbose=0))
observe("test_on_batch", lambda: _shared.test_on_batch(_x, _y))
observe("train_on_batch", lambda: _model().train_on_batch(_x, _y))
observe("metrics_names", lambda: _shared.metrics_names)


def _fit(x, y, **arguments):
    model = _model()
    history = model.fit(x, y, verbose=0, shuffle=False, **arguments).history
    return history["loss"], model.get_weights()[0]


observe("fit lists", lambda: _fit([[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0]))
observe("fit int arrays", lambda: _fit(_x.astype(int), _y.astype(int)))
