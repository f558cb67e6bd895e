"""Public names that were deprecated, removed or given another meaning."""
# /// skew
# links = ["https://numpy.org/doc/stable/release/1.24.0-notes.html", "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

for _name in ["bool", "int", "float", "object", "float_", "unicode_", "NaN", "Inf", "alltrue", "product", "cumproduct", "in1d",
              "row_stack", "trapz", "msort", "cast", "find_common_type", "issubsctype", "obj2sctype", "asfarray", "byte_bounds"]:
    observe(f"np.{_name}", lambda: callable(getattr(np, _name)))
observe("np.core", lambda: np.core.multiarray.__name__)
for _name in ["keras.wrappers", "keras.optimizers.legacy", "keras.preprocessing.text", "keras.experimental", "estimator",
              "compat.v1.layers", "experimental.numpy", "lite", "distribute.experimental", "types.experimental"]:
    def _find():
        place = tf
        for part in _name.split("."):
            place = getattr(place, part)
        return True
    observe(f"tf.{_name}", _find)
