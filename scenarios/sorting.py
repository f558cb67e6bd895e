"""Order of equal elements, and what counts as unique."""
import numpy as np
import tensorflow as tf
from skew import observe

_ties = np.array([3, 1, 2, 1, 3, 2, 1, 3] * 5)
observe("argsort with ties", lambda: np.argsort(_ties))
observe("stable argsort", lambda: np.argsort(_ties, kind="stable"))
observe("tf argsort with ties", lambda: tf.argsort(_ties, stable=True))
observe("unique of NaN", lambda: np.unique(np.array([1.0, np.nan, np.nan])))
observe("unique inverse shape", lambda: np.unique(np.array([[1, 2], [2, 1]]), return_inverse=True)[1].shape)
observe("tf unique", lambda: tf.unique([1, 2, 2, 1])[1])
