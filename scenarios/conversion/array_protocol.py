"""np.array and np.asarray of tensors: dtype, copy, order, and everything else that goes through __array__."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/devdocs/numpy_2_0_migration_guide.html",
#     "https://numpy.org/doc/stable/reference/arrays.interface.html",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_tensor = tf.constant([[1.5, 2.5], [3.5, 4.5]])
_text = tf.constant(["a", "bc"])
_MAKERS = {
    "tensor": lambda: _tensor,
    "text": lambda: _text,
    "0-d tensor": lambda: tf.constant(1.5),
    "variable": lambda: tf.Variable([1.5, 2.5]),
    "list of 0-d tensors": lambda: [tf.constant(1), tf.constant(2)],
    "list of tensors": lambda: [tf.constant([1, 2]), tf.constant([3, 4])],
    "list of uneven tensors": lambda: [tf.constant([1, 2]), tf.constant([3])],
    "list of tensor and number": lambda: [tf.constant(1.5), 2],
    "ragged": lambda: tf.ragged.constant([[1, 2], [3]]),
    "ragged of one length": lambda: tf.ragged.constant([[1, 2], [3, 4]]),
    "sparse": lambda: tf.sparse.from_dense([[0, 1]]),
    "shape": lambda: tf.TensorShape([2, 3]),
    "keras variable": lambda: tf.keras.Variable([1.5, 2.5]),
    "dataset": lambda: tf.data.Dataset.range(2),
}
for _name, _make in _MAKERS.items():
    observe("np.array of " + _name, lambda: np.array(_make()))
for _name in ["tensor", "text", "variable", "ragged of one length"]:
    _make = _MAKERS[_name]
    for _copy in [True, False, None]:
        observe("%s, copy=%s" % (_name, _copy), lambda: np.array(_make(), copy=_copy))
        observe("%s, __array__(copy=%s)" % (_name, _copy), lambda: np.asarray(_make().__array__(copy=_copy)))
    observe(_name + ", as object", lambda: np.array(_make(), dtype=object))
    observe(_name + ", as str", lambda: np.asarray(_make(), dtype="U8"))
    observe(_name + ", __array__(dtype)", lambda: np.asarray(_make().__array__(np.float64)))
_CASES = {
    "as int": lambda: np.array(_tensor, int),
    "as float64 without copy": lambda: np.array(_tensor, np.float64, copy=False),
    "asarray, copy=False": lambda: np.asarray(_tensor, copy=False),
    "asarray, copy=True": lambda: np.asarray(_tensor, copy=True),
    "asarray_chkfinite": lambda: np.asarray_chkfinite(_tensor),
    "assigned as an element": lambda: np.zeros(2).__setitem__(0, tf.constant(1.5)),
    "assigned a vector of one": lambda: np.zeros(2).__setitem__(0, tf.constant([1.5])),
    "assigned to an int element": lambda: np.zeros(2, int).__setitem__(0, tf.constant(1.5)),
    "np.float32 of a tensor": lambda: np.float32(tf.constant(1.5)),
    "np.float32 of a vector": lambda: np.float32(tf.constant([1.5, 2])),
    "np.int64 of a float tensor": lambda: np.int64(tf.constant(1.5)),
    "np.bool_ of a tensor": lambda: np.bool_(tf.constant(1)),
    "np.dtype of a tensor": lambda: np.dtype(_tensor),
    "np.result_type": lambda: np.result_type(_tensor, np.float16),
    "np.add into out": lambda: np.add(_tensor, 1, out=np.zeros((2, 2), np.float32)),
    "np.add with a tensor as out": lambda: np.add(np.ones((2, 2)), 1, out=_tensor),
    "__array_priority__": lambda: _tensor.__array_priority__,
    "__array_interface__": lambda: hasattr(_tensor, "__array_interface__"),
    "__array_ufunc__": lambda: hasattr(_tensor, "__array_ufunc__"),
}
for _name, _case in _CASES.items():
    observe(_name, _case)


class _Old:
    """Speaks the protocol as it was before NumPy 2."""

    def __array__(self, dtype=None):
        return np.array([1.5, 2.5], dtype)


class _New(_Old):
    def __array__(self, dtype=None, copy=None):
        return np.array([1.5, 2.5], dtype)


for _name, _class in [("old protocol", _Old), ("new protocol", _New)]:
    observe("tensor from the " + _name, lambda: tf.convert_to_tensor(_class()))
    observe("tensor from a list of the " + _name, lambda: tf.constant([_class(), _class()]))
    observe("float32 tensor from the " + _name, lambda: tf.constant(_class(), tf.float32))
    observe("tensor plus the " + _name, lambda: tf.constant([1.0, 2.0]) + _class())
