"""Graphs run by sessions, as TensorFlow 1 does: arrays fed, arrays fetched, dtypes on the way."""
# /// skew
# links = [
#     "https://www.tensorflow.org/guide/migrate",
#     "https://www.tensorflow.org/api_docs/python/tf/compat/v1/Session",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_v1 = tf.compat.v1


def _run(build, value=None, dtype=tf.float32, shape=None):
    with tf.Graph().as_default(), _v1.Session() as session:
        place = _v1.placeholder(dtype, shape)
        fetched = build(place)
        session.run(_v1.global_variables_initializer())
        return session.run(fetched, {} if value is None else {place: value})


FED = {
    "float32": np.ones(2, np.float32), "int64": np.array([1, 2]), "scalar": np.float64(1.5), "python int": 3,
    "complex": 1j,
}
for _name, _value in FED.items():
    if _name != "tensor":
        observe(f"feed {_name} as float32", lambda: _run(lambda place: place * 2, _value))
for _name, _value in {
    "300": 300,
}.items():
    observe(f"feed {_name} as uint8", lambda: _run(lambda place: place + 0, _value, tf.uint8))
observe("feed wrong shape", lambda: _run(tf.identity, np.ones(3), shape=[2]))
observe("fetch types", lambda: [type(value).__name__ for value in _run(
    lambda place: [tf.constant(1), tf.constant([1]), tf.constant("a"), tf.constant(True)])])
observe("fetch dict", lambda: _run(lambda place: {"a": tf.constant(1.5), "b": (tf.constant([1]),)}))
observe("get_variable initializer array", lambda: _run(lambda place: _v1.get_variable("v", initializer=np.ones(2))))
observe("np.sum of place", lambda: _run(lambda place: np.sum(place), np.ones(2)))
for _name, _call in {
    "layers.dense": lambda x: _v1.layers.dense(x, 1, kernel_initializer=_v1.ones_initializer()),
    "metrics.mean": lambda x: _v1.metrics.mean(x)[1].dtype.name,
    "nn.dropout": lambda x: _v1.nn.dropout(x, keep_prob=1.0),
    "nn.rnn_cell": lambda x: _v1.nn.rnn_cell.BasicLSTMCell(1).state_size[0],
    "estimator": lambda x: tf.estimator.ModeKeys.TRAIN,
}.items():
    observe(f"v1 {_name}", lambda: _run(lambda place: tf.convert_to_tensor(_call(tf.ones((1, 2))))))
del FED
