"""Methods and keywords of ufuncs with tensors: reduce, accumulate, outer, at, out= and where=."""
# /// skew
# links = ["https://numpy.org/doc/stable/reference/ufuncs.html", "https://numpy.org/neps/nep-0013-ufunc-overrides.html"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
_A = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)


def _into(function):
    """What `function` left in the array that it was given."""
    out = np.zeros((2, 2), np.float32)
    function(out)
    return out


_CASES = {
    "add.reduce as tf.float64": lambda: np.add.reduce(_x, dtype=tf.float64),
    "add.reduceat": lambda: np.add.reduceat(_x, [0, 1]),
    "add.at tensor": lambda: np.add.at(_x, 0, 1.0),
    "add.at index tensor": lambda: _into(lambda out: np.add.at(out, tf.constant([0, 0]), 1)),
    "add out variable": lambda: np.add(_A, _A, out=tf.Variable(_A)),
    "exp as float16, same_kind": lambda: np.exp(_x, dtype=np.float16, casting="same_kind"),
    "array @= tensor": lambda: _into(lambda out: out.__imatmul__(_x)),
    "vectorize": lambda: np.vectorize(lambda a: a + 1)(_x),
    "sum method of asarray": lambda: np.asarray(_x).sum(0),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
