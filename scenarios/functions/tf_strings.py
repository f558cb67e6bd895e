"""tf.strings on arrays of text and bytes, numbers to text and back."""
# /// skew
# links = ["https://www.tensorflow.org/api_docs/python/tf/strings"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_T = np.array(["abc", "Zürich", ""])
_CASES = {
    "join": lambda: tf.strings.join([_T, "x"], "-"),
    "substr out of range": lambda: tf.strings.substr(["abc"], 5, 1),
    "regex_replace": lambda: tf.strings.regex_replace(["a1b2"], "[0-9]", "_"),
    "invalid regex": lambda: tf.strings.regex_full_match(_T, "("),
    "to_number of nothing": lambda: tf.strings.to_number(["x"]),
    "to_number of inf": lambda: tf.strings.to_number(["inf", "nan", "1e-45"]),
    "as_string of float64": lambda: tf.strings.as_string(np.array([0.1, 1e-7])),
    "as_string of uint8": lambda: tf.strings.as_string(np.array([3], np.uint8)),
    "as_string precision": lambda: tf.strings.as_string([1 / 3], precision=2),
    "format": lambda: tf.strings.format("{}", [np.array([1.5, 2.0])]),
    "unicode_decode": lambda: tf.strings.unicode_decode(_T, "UTF-8"),
    "decode_raw": lambda: tf.io.decode_raw([b"\x01\x02"], tf.uint8),
    "text + array": lambda: tf.constant(["a"]) + np.array(["b"]),
    "of StringDType": lambda: tf.constant(np.array(["a"], np.dtypes.StringDType())),
    "of chararray": lambda: tf.constant(np.char.array(["a"])),
    "cast to number": lambda: tf.cast(tf.constant(["1"]), tf.int32),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
