"""Datasets from arrays of every kind: their element_spec, their elements, and what iterators give."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/data/Dataset",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_Dataset = tf.data.Dataset


def _spec(value):
    return [str(part) for part in tf.nest.flatten(_Dataset.from_tensor_slices(value).element_spec)]


def _rows(value):
    return list(_Dataset.from_tensor_slices(value).as_numpy_iterator())


ARRAYS = {name: np.array([0, 1, 2]).astype(name) for name in [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64", "complex128", "S1", "U1", "object", "longdouble", ">i4"]}
ARRAYS.update({
    "ragged tensor": tf.ragged.constant([[1, 2], [3]]), "None": None, "range": range(2),
    "sparse": tf.sparse.from_dense([[0, 1], [2, 0]]),
})
for _name, _value in ARRAYS.items():
    observe(f"{_name}/spec", lambda: _spec(_value))
    observe(f"{_name}/elements", lambda: _rows(_value))
observe("iterator types", lambda: [type(part).__name__ for part in next(iter(
    _Dataset.from_tensor_slices((np.ones(1), [b"a"], [True])).as_numpy_iterator()))])
observe("element writable", lambda: next(iter(_Dataset.from_tensors(np.ones(1)).as_numpy_iterator())).flags.writeable)
observe("get_single_element", lambda: _Dataset.from_tensors(np.ones(1)).get_single_element())
observe("tf.data.experimental.from_list", lambda: list(tf.data.experimental.from_list([(1, "a")]).as_numpy_iterator()))
del ARRAYS
