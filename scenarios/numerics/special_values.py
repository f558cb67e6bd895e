"""NaN, infinities, signed zeros and denormals: what functions make of them in NumPy and TensorFlow."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/constants.html",
#     "https://numpy.org/doc/stable/reference/ufuncs.html",
#     "https://www.tensorflow.org/api_docs/python/tf/math",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 1e-40, 3.4e38, 1.0, -1.0], np.float32)
_UNARY = """exp log log1p expm1 sqrt sin tan tanh abs sign floor round reciprocal square""".split()
_PAIRS = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (1.0, -0.0), (np.inf, np.inf), (np.nan, 1.0), (1.0, np.nan),
    (np.inf, 0.0), (-0.0, 0.0), (0.0, -0.0),
          (-1.0, np.inf), (5.5, -np.inf), (-2.0, 3.0), (0.0, -1.0), (-8.0, 0.5)]
_LEFT, _RIGHT = (np.array(side, np.float32) for side in zip(*_PAIRS))
for _name in _UNARY:
    observe("np." + _name, lambda: getattr(np, _name)(_SPECIAL))
    observe("tf." + _name, lambda: getattr(tf.math, _name)(_SPECIAL))
for _np, _tf in [("add", "add"), ("subtract", "subtract"), ("multiply", "multiply"), ("divide", "divide"),
    ("power", "pow"), ("maximum", "maximum"),
                 ("minimum", "minimum"), ("floor_divide", "floordiv"), ("remainder", "floormod"),
                 ("fmod", "truncatemod"), ("arctan2", "atan2"),
                 ("nextafter", "nextafter"), ("equal", "equal"), ("less", "less"), ("not_equal", "not_equal"),
                 ("hypot", None), ("logaddexp", None), ("fmax", None), ("fmin", None), ("copysign", None),
                 ("heaviside", None),
                 (None, "xlogy"), (None, "divide_no_nan"), (None, "multiply_no_nan"), (None, "squared_difference")]:
    if _np:
        observe(f"np.{_np}", lambda: getattr(np, _np)(_LEFT, _RIGHT))
    if _tf:
        observe(f"tf.{_tf}", lambda: (getattr(tf.compat.v1, _tf, None) or getattr(tf.math, _tf))(_LEFT, _RIGHT))
_NAN = np.array([1.0, np.nan, 3.0], np.float32)
_D = np.array([1e-40, 1e-45], np.float32)
_CASES = {
    "tf.argmin of NaN": lambda: tf.argmin(_NAN),
    "tf.equal of NaN": lambda: tf.equal(_NAN, _NAN),
    "tf.logsumexp of -infinity": lambda: tf.reduce_logsumexp(np.float32([-np.inf, -np.inf])),
    "tf denormal * 2": lambda: tf.constant(_D) * 2.0,
    "tf bfloat16 rounding": lambda: tf.cast(tf.constant([1.00390625, 1.01171875, 3.4e38]), tf.bfloat16),
    "np complex inf * 1j": lambda: np.array([complex(np.inf, 0)]) * 1j,
    "np.frexp": lambda: np.frexp(np.array([-np.inf, -0.0, 5e-324]))[0],
    "np.divmod": lambda: np.divmod(np.array([-0.0, 1.0, np.inf]), np.array([1.0, 0.0, 2.0])),
    "tf.math.rint": lambda: tf.math.rint(np.float32([-0.5, 0.5, 1.5, -1.5])),
    "finfo tiny": lambda: [np.finfo("f4").tiny, np.finfo("f4").smallest_subnormal, np.finfo("f2").eps],
    "finfo of bfloat16": lambda: np.finfo(tf.bfloat16.as_numpy_dtype),
    "tf limits of bfloat16": lambda: [tf.bfloat16.max, tf.bfloat16.min],
}
for _name, _case in _CASES.items():
    observe(_name, _case)
