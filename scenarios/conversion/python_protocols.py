"""float(), int(), bool(), index, len, iteration and pickling, of tensors and of the arrays they resemble."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.4.0-notes.html",
#     "https://www.tensorflow.org/guide/tensor",
# ]
# ///
import copy as _copy
import math as _math
import operator as _operator
import pickle as _pickle

import numpy as np
import tensorflow as tf
from skew import observe

_CALLS = {
    "float": float,
    "int": int,
    "bool": bool,
    "complex": complex,
    "index": _operator.index,
    "len": len,
    "list": list,
    "round": round,
    "item": lambda value: value.item(),
    "tolist": lambda value: value.tolist(),
    "format": lambda value: "{:.1f}".format(value),
    "math.floor": _math.floor,
    "list index": lambda value: [10, 20, 30][value],
    "truth of ==": lambda value: bool(value == 1),
}
for _name, _call in _CALLS.items():
    observe("int, 0-d/" + _name, lambda: _call(tf.constant(1)))
    observe("float, one element/" + _name, lambda: _call(tf.constant([1.5])))
# Arrays of one element lost float() and its kin in steps.
for _name in ["float", "int", "bool", "complex", "index", "item", "format", "math.floor", "list index"]:
    observe("int array, one element/" + _name, lambda: _CALLS[_name](np.array([1])))

_text = tf.constant("1.5")
_sample = tf.constant([1.5, 2.5])
_CASES = {
    "float of text": lambda: float(_text),
    "bool of an empty tensor": lambda: bool(tf.constant([])),
    "bool of an empty array": lambda: bool(np.array([])),
    "float of complex": lambda: float(tf.constant(1j)),
    "int of 2**53 + 1": lambda: int(tf.constant(2**53 + 1, tf.int64)),
    "str": lambda: str(_sample),
    "repr": lambda: repr(_sample),
    "repr of a variable": lambda: repr(tf.Variable([1.5], name="v")),
    "slice by tensor": lambda: [10, 20, 30][: tf.constant(2)],
    "array by tensor": lambda: np.arange(5)[tf.constant([1, 2])],
    "array by 0-d tensor": lambda: np.arange(5)[tf.constant(1)],
    "array by bool tensor": lambda: np.arange(2)[tf.constant([True, False])],
    "tensor by array": lambda: _sample[np.array(1)],
    "tensor by vector": lambda: _sample[np.array([0, 1])],
    "tensor by bool array": lambda: _sample[np.array([True, False])],
    "tensor by float": lambda: _sample[1.0],
    "pickled tensor": lambda: _pickle.loads(_pickle.dumps(_sample)),
    "pickled variable": lambda: _pickle.loads(_pickle.dumps(tf.Variable([1.5]))),
    "pickled ragged": lambda: _pickle.loads(_pickle.dumps(tf.ragged.constant([[1], []]))),
    "pickled sparse": lambda: _pickle.loads(_pickle.dumps(tf.sparse.from_dense([0, 1]))),
    "pickled shape": lambda: _pickle.loads(_pickle.dumps(tf.TensorShape([2, None]))),
    "deep copy of a variable": lambda: _copy.deepcopy(tf.Variable([1.5])),
    "ragged numpy()": lambda: tf.ragged.constant([[1, 2], [3]]).numpy(),
    "ragged of one length, numpy()": lambda: tf.ragged.constant([[1, 2], [3, 4]]).numpy(),
    "sparse numpy()": lambda: tf.sparse.from_dense([0, 1]).numpy(),
    "dataset as_numpy_iterator": lambda: list(tf.data.Dataset.range(2).as_numpy_iterator()),
    "ragged dataset as_numpy_iterator": lambda: list(
        tf.data.Dataset.from_tensors(tf.ragged.constant([[1, 2], [3]])).as_numpy_iterator()),
}
for _name, _make in _CASES.items():
    observe(_name, _make)
