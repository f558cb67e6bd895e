"""Keras's symbolic inputs given to TensorFlow's operations, to NumPy's functions, and to Python."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://keras.io/guides/migrating_to_keras_3/", "https://github.com/tensorflow/tensorflow/issues/63792"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_x = tf.keras.Input((3,), name="x")
_array = np.ones((1, 3))


def _like(value):
    """The class, dtype and shape of something symbolic, whose text holds generated names."""
    if not hasattr(value, "shape"):
        return value
    return type(value).__name__, str(getattr(value, "dtype", None)), str(getattr(value, "shape", None))


TF = {
    "reduce_mean": lambda: tf.reduce_mean(_x, axis=1), "cast": lambda: tf.cast(_x, tf.int32),
    "shape": lambda: tf.shape(_x), "add array": lambda: tf.add(_x, _array),
    "convert_to_tensor": lambda: tf.convert_to_tensor(_x), "where": lambda: tf.where(_x > 0, _x, 0.0),
    "is_tensor": lambda: tf.is_tensor(_x),
}
NUMPY = {
    "add": lambda: np.add(_x, _array), "exp": lambda: np.exp(_x), "asarray": lambda: np.asarray(_x),
    "array of object": lambda: np.array([_x], object).shape, "shape": lambda: np.shape(_x),
    "where": lambda: np.where(_x > 0, 1, 0),
}
PYTHON = {
    "x + 1": lambda: _x + 1, "x + array": lambda: _x + _array, "array + x": lambda: _array + _x,
    "array @ x": lambda: np.ones((1, 1)) @ _x, "np.float64 * x": lambda: np.float64(2) * _x,
    "x > array": lambda: _x > _array, "x == x": lambda: _x == _x, "x[:, 0]": lambda: _x[:, 0],
    "x[array]": lambda: _x[np.array(0)], "x ** 2": lambda: _x ** 2, "float(x)": lambda: float(_x),
    "int(x)": lambda: int(_x), "hash(x)": lambda: isinstance(hash(_x), int), "array == x": lambda: _array == _x,
    "x.dtype": lambda: _x.dtype, "x.ndim": lambda: _x.ndim, "x.shape.as_list()": lambda: _x.shape.as_list(),
}
for _group, _cases in [("tf", TF), ("np", NUMPY), ("python", PYTHON)]:
    for _name, _case in _cases.items():
        observe(f"{_group}: {_name}", lambda: _like(_case()))


def _model(layer):
    entry = tf.keras.Input((3,))
    return tf.keras.Model(entry, layer(entry))(np.ones((1, 3), np.float32))


observe("model of tf", lambda: _model(lambda v: tf.square(v)))
observe("model of keras.ops", lambda: _model(lambda v: tf.keras.ops.square(v)))
del TF, NUMPY, PYTHON
