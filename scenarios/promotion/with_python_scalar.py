"""What arrays and NumPy scalars give with Python numbers, among them some that do not fit."""
# /// skew
# links = [
#     "https://numpy.org/neps/nep-0050-scalar-promotion.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_NAMES = ["int64", "uint8", "uint64", "float16", "float32"]
_NUMBERS = {"3": 3, "-1": -1, "300": 300, "2**64": 2**64, "1.5": 1.5, "1e300": 1e300, "1j": 1j}
for _name in _NAMES:
    for _text, _number in _NUMBERS.items():
        observe("%s array + %s" % (_name, _text), lambda: np.ones(2, _name) + _number)
        observe("%s scalar + %s" % (_name, _text), lambda: np.ones(1, _name)[0] + _number)
_CASES = {
    "uint8 scalar * 300": lambda: np.uint8(2) * 300,
    "uint8 scalar - 2": lambda: np.uint8(1) - 2,
    "uint8 scalar ** 2": lambda: np.uint8(200) ** 2,
    "uint8 scalar // 0": lambda: np.uint8(200) // 0,
    "2 ** uint8 scalar": lambda: 2 ** np.uint8(8),
    "200 + uint8 scalar": lambda: 200 + np.uint8(100),
    "int8 scalar << 8": lambda: np.int8(1) << 8,
    "int64 scalar ** -1": lambda: np.int64(2) ** -1,
    "int64 scalar + 2**63": lambda: np.int64(1) + 2**63,
    "uint64 scalar + 1": lambda: np.uint64(2**63) + 1,
    "float32 scalar == 0.1": lambda: np.float32(0.1) == 0.1,
    "float32 array == 0.1": lambda: np.array([0.1], "f4") == 0.1,
    "float32 scalar < 0.1": lambda: np.float32(0.1) < 0.1,
    "float16 scalar * 1e5": lambda: np.float16(1) * 1e5,
    "float32 0-d array + 1.5": lambda: np.array(1, "f4") + 1.5,
    "float32 array + float subclass": lambda: np.ones(2, "f4") + type("Real", (float,), {})(0.1),
    "uint8 array + int subclass": lambda: np.ones(2, "u1") + type("Whole", (int,), {})(300),
    "uint8 array + list": lambda: np.ones(1, "u1") + [300],
    "float32 array + list": lambda: np.ones(1, "f4") + [0.1],
    "int64 array + text": lambda: np.ones(1, "i8") + "a",
    "True + uint8 scalar": lambda: True + np.uint8(255),
    "bool_ + bool_": lambda: np.bool_(True) + np.bool_(True),
    "sum([uint8 scalars])": lambda: sum([np.uint8(200), np.uint8(100)]),
    "max of float32 and float": lambda: np.maximum(np.float32(1), 1.5),
    "divmod of uint8 scalar": lambda: divmod(np.uint8(200), 300),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
