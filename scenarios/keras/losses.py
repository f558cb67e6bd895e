"""Values of all losses for fixed arrays: reduction, weights, smoothing, logits, dtypes."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://keras.io/api/losses/", "https://github.com/keras-team/keras/issues/18467"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_losses = tf.keras.losses
_true = np.array([[0, 1], [1, 0], [1, 1]], np.float32)
_predicted = np.array([[0.6, 0.4], [0.4, 0.6], [0.8, 0.2]], np.float32)
_weights = np.array([1, 0.5, 0], np.float32)

for _name in ["BinaryCrossentropy", "CategoricalCrossentropy", "MeanSquaredError", "MeanAbsoluteError",
              "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "CosineSimilarity", "Hinge", "SquaredHinge",
              "CategoricalHinge", "KLDivergence", "LogCosh", "Huber", "Poisson", "BinaryFocalCrossentropy",
              "CategoricalFocalCrossentropy", "Dice", "Tversky"]:
    observe(f"{_name}/mean", lambda: getattr(_losses, _name)()(_true, _predicted))
for _name in ["BinaryCrossentropy", "MeanSquaredError", "CosineSimilarity", "Huber", "Dice"]:
    observe(f"{_name}/none", lambda: getattr(_losses, _name)(reduction="none")(_true, _predicted))
    observe(f"{_name}/weighted", lambda: getattr(_losses, _name)()(_true, _predicted, sample_weight=_weights))

for _loss in ["BinaryCrossentropy", "CategoricalCrossentropy"]:
    _make = getattr(_losses, _loss)
    observe(f"{_loss}/label_smoothing", lambda: _make(label_smoothing=0.1)(_true, _predicted))
    observe(f"{_loss}/label_smoothing int", lambda: _make(label_smoothing=1)(_true, _predicted))
    observe(f"{_loss}/from_logits", lambda: _make(from_logits=True)(_true, _predicted * 4))
    observe(f"{_loss}/certain and wrong", lambda: _make()([[0.0, 1.0]], [[1.0, 0.0]]))
    observe(f"{_loss}/NaN", lambda: _make()([[0.0, 1.0]], [[np.nan, 0.5]]))
    observe(f"{_loss}/shapes differ", lambda: _make()(_true, _predicted[:, :1]))
    observe(f"{_loss}/axis=0", lambda: _make(axis=0)(_true, _predicted))

for _dtype in ["int32", "int64", "uint8", "bool", "float16", "float64"]:
    observe(f"MeanSquaredError/y_true {_dtype}", lambda: _losses.MeanSquaredError()(_true.astype(_dtype), _predicted))
    observe(f"mean_squared_error/both {_dtype}",
            lambda: _losses.mean_squared_error(_true.astype(_dtype), _predicted.astype(_dtype)))
observe("MeanSquaredError/float64 predicted", lambda: _losses.MeanSquaredError()(_true, _predicted.astype("float64")))
observe("MeanSquaredError/lists", lambda: _losses.MeanSquaredError()([[0, 1]], [[1, 1]]))
observe("MeanSquaredError/ints rounded", lambda: _losses.mean_squared_error([1, 2], [1.4, 2.4]))
observe("MeanSquaredError/column and row", lambda: _losses.MeanSquaredError()(np.ones((3, 1)), np.zeros(3, "float32")))
observe("MeanSquaredError/ragged", lambda: _losses.MeanSquaredError()(
    tf.ragged.constant([[1.0], [2.0, 3.0]]), tf.ragged.constant([[1.0], [1.0, 1.0]])))

_classes = np.array([1, 0, 1])
observe("SparseCategoricalCrossentropy/mean", lambda: _losses.SparseCategoricalCrossentropy()(_classes, _predicted))
observe("SparseCategoricalCrossentropy/column",
        lambda: _losses.SparseCategoricalCrossentropy()(_classes[:, None], _predicted))
observe("SparseCategoricalCrossentropy/float classes",
        lambda: _losses.SparseCategoricalCrossentropy()(_classes.astype("float64"), _predicted))
observe("SparseCategoricalCrossentropy/ignore_class",
        lambda: _losses.SparseCategoricalCrossentropy(ignore_class=0)(_classes, _predicted))
observe("Huber/delta", lambda: _losses.Huber(delta=0.25)(_true, _predicted))
observe("CosineSimilarity/zero vector", lambda: _losses.CosineSimilarity()([[0.0, 0.0]], [[1.0, 0.0]]))
for _reduction in ["auto", "sum", "mean", "sum_over_batch_size", "mean_with_sample_weight", "nonsense"]:
    observe(f"reduction={_reduction}",
            lambda: _losses.MeanSquaredError(reduction=_reduction)(_true, _predicted, sample_weight=_weights))
observe("Reduction.AUTO", lambda: _losses.Reduction.AUTO)
for _alias in ["mse", "MSE", "mae", "bce", "kld", "logcosh", "log_cosh", "cosine_proximity",
               "kullback_leibler_divergence"]:
    observe(f"alias {_alias}", lambda: getattr(_losses, _alias)(_true, _predicted))
    observe(f"get {_alias}", lambda: _losses.get(_alias)(_true, _predicted))
