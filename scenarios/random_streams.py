"""Random numbers from fixed seeds: the streams that reproducibility rests on."""
import numpy as np
import tensorflow as tf
from skew import observe

legacy = np.random.RandomState(7).standard_normal(4)
generator = np.random.default_rng(7).standard_normal(4)
observe("generator integers", lambda: np.random.default_rng(7).integers(0, 100, 4))
observe("generator choice", lambda: np.random.default_rng(7).choice(10, 4, replace=False))
observe("tf stateless", lambda: tf.random.stateless_normal([4], seed=[1, 2]))
observe("tf generator", lambda: tf.random.Generator.from_seed(1).normal([4]))


def _seeded():
    tf.random.set_seed(7)
    return tf.random.normal([4])


observe("tf seeded", _seeded)
