"""NumPy's functions given tensors, and TensorFlow's given arrays."""
import numpy as np
import tensorflow as tf
from skew import observe

_tensor = tf.constant([[3.0, 1.0], [2.0, 4.0]])
_array = np.array([[3.0, 1.0], [2.0, 4.0]], np.float32)
for _name in ["reshape", "transpose", "ravel", "sum", "mean", "max", "argmax", "sort", "unique", "cumsum", "exp", "squeeze",
              "linalg.inv", "linalg.det", "percentile", "histogram", "sign", "round"]:
    _function = np
    for _part in _name.split("."):
        _function = getattr(_function, _part)
    _more = {"reshape": [(4,)], "percentile": [50]}.get(_name, [])
    observe(f"np.{_name}", lambda: _function(_tensor, *_more))
for _name in ["reshape", "transpose", "sort", "argsort", "reduce_sum", "reduce_mean", "argmax", "cumsum", "exp", "matmul", "concat"]:
    _function = getattr(tf, _name)
    _more = {"reshape": [(4,)], "matmul": [_array], "concat": [0]}.get(_name, [])
    observe(f"tf.{_name}", lambda: _function([_array, _array] if _name == "concat" else _array, *_more))
observe("array + tensor", lambda: _array + _tensor)
observe("tensor + array", lambda: _tensor + _array)
observe("array == tensor", lambda: _array == _tensor)
observe("index by array", lambda: _tensor[np.array(1)])
