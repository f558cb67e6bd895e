"""tf.random.Generator: algorithms, states, splits and every distribution."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/random/Generator",
#     "https://www.tensorflow.org/guide/random_numbers",
# ]
# when = "tensorflow >= 2.0"
# ///
import numpy as np
import tensorflow as tf
from skew import observe


def _generator(seed=7, **more):
    return tf.random.Generator.from_seed(seed, **more)


def _after(change, generator=None):
    generator = generator or _generator()
    change(generator)
    return generator.uniform([3])


for _algorithm in ["philox", "threefry"]:
    observe(_algorithm + " uniform", lambda: _generator(alg=_algorithm).uniform([4]))
    observe(_algorithm + " normal", lambda: _generator(alg=_algorithm).normal([4]))
    observe(_algorithm + " uniform_full_int", lambda: _generator(alg=_algorithm).uniform_full_int([2]))
    observe(_algorithm + " state", lambda: _generator(alg=_algorithm).state)
_CASES = {
    "uniform int": lambda: _generator().uniform([4], maxval=100, dtype=tf.int32),
    "binomial": lambda: _generator().binomial([4], 10.0, 0.3),
    "two draws": lambda: [draw.normal([2]) for draw in [_generator()] for _ in range(2)],
    "from_state": lambda: tf.random.Generator.from_state([1, 2, 3], alg="philox").uniform([2]),
    "seed of numpy int": lambda: _generator(np.int64(7)).uniform([2]),
    "seed large": lambda: _generator(2**63).uniform([2]),
    "unknown algorithm": lambda: _generator(alg="mersenne"),
    "create_rng_state": lambda: tf.random.create_rng_state(7, "philox"),
    "deepcopy": lambda: __import__("copy").deepcopy(_generator()).normal([2]),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
