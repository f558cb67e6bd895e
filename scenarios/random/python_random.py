"""Python's own random numbers, as a control, and with NumPy values: what comes from the interpreter alone."""
# /// skew
# links = ["https://docs.python.org/3/library/random.html"]
# ///
import random as _random

import numpy as np
from skew import observe

_CASES = {
    "choices": lambda: _random.Random(7).choices([1, 2, 3], [1, 2, 3], k=4),
    "sample of a set": lambda: _random.Random(7).sample({1, 2, 3}, 2),
    "sample of an array": lambda: _random.Random(7).sample(np.arange(5), 2),
    "choice of an empty array": lambda: _random.Random(7).choice(np.array([])),
    "randint of numpy ints": lambda: _random.Random(7).randint(np.int64(0), np.int64(9)),
    "randint of numpy uint8": lambda: _random.Random(7).randint(np.uint8(0), np.uint8(255)),
    "randrange of numpy float": lambda: _random.Random(7).randrange(np.float64(9)),
    "randrange of float": lambda: _random.Random(7).randrange(9.0),
    "uniform of numpy float32": lambda: _random.Random(7).uniform(np.float32(0), np.float32(1)),
    "seed by numpy int": lambda: _random.Random(np.int64(7)).random() == _random.Random(7).random(),
    "seed by tuple": lambda: _random.Random((1, 2)).random(),
    "shuffle with a function": lambda: _random.Random(7).shuffle([1, 2], lambda: 0.5),
    "randbytes": lambda: _random.Random(7).randbytes(3),
    "binomialvariate": lambda: _random.Random(7).binomialvariate(5, 0.5),
}
for _name, _case in _CASES.items():
    observe(_name, _case)


def _shuffled(sequence):
    _random.Random(7).shuffle(sequence)
    return sequence


observe("shuffle", lambda: _shuffled([1, 2, 3, 4]))
observe("shuffle array", lambda: _shuffled(np.arange(4)))
# Rows of a matrix are views: swapping them one after the other loses some, in every version.
observe("shuffle matrix", lambda: _shuffled(np.arange(6).reshape(3, 2)))
