"""Values, names, weights and types of all metrics for fixed arrays, and their keys in a history."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://keras.io/api/metrics/", "https://keras.io/guides/migrating_to_keras_3/"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_metrics = tf.keras.metrics
_true = np.array([[0, 1], [1, 0], [1, 1], [0, 0]], np.float32)
_predicted = np.array([[0.6, 0.4], [0.4, 0.6], [0.8, 0.2], [0.1, 0.5]], np.float32)
_classes = np.array([1, 0, 1, 1])
_pair = (_true, _predicted)
CASES = {
    "Accuracy": ({}, ([1, 2, 3], [1, 2, 4])), "BinaryAccuracy": ({}, _pair), "CategoricalAccuracy": ({}, _pair),
    "SparseCategoricalAccuracy": ({}, (_classes, _predicted)), "TopKCategoricalAccuracy": ({"k": 1}, _pair),
    "SparseTopKCategoricalAccuracy": ({"k": 1}, (_classes, _predicted)), "Precision": ({}, _pair),
    "Recall": ({}, _pair), "AUC": ({"num_thresholds": 5}, _pair), "F1Score": ({}, _pair), "R2Score": ({}, _pair),
    "MeanIoU": ({"num_classes": 2}, ([0, 1, 1], [0, 1, 0])), "BinaryIoU": ({}, _pair), "TruePositives": ({}, _pair),
    "FalseNegatives": ({"thresholds": [0.3, 0.7]}, _pair),
    "PrecisionAtRecall": ({"recall": 0.5, "num_thresholds": 5}, _pair),
    "SensitivityAtSpecificity": ({"specificity": 0.5, "num_thresholds": 5}, _pair), "MeanSquaredError": ({}, _pair),
    "RootMeanSquaredError": ({}, _pair), "MeanRelativeError": ({"normalizer": [1.0, 2.0]}, _pair),
    "CosineSimilarity": ({}, _pair), "BinaryCrossentropy": ({}, _pair), "KLDivergence": ({}, _pair),
    "LogCoshError": ({}, _pair), "Poisson": ({}, _pair), "Mean": ({}, ([1, 2, 6],)), "Sum": ({}, ([1, 2, 6],)),
    "MeanTensor": ({}, ([1.0, 2.0],)), "ConcordanceCorrelation": ({}, _pair), "PearsonCorrelation": ({}, _pair),
}


def _result(name, weight=None):
    arguments, data = CASES[name]
    metric = getattr(_metrics, name)(**arguments)
    metric.update_state(*data, sample_weight=weight)
    return metric.result()


for _name in CASES:
    observe(_name, lambda: _result(_name))

for _name in ["Accuracy", "AUC", "MeanIoU", "Precision", "RootMeanSquaredError", "CosineSimilarity", "Mean"]:
    observe(f"{_name} weighted", lambda: _result(_name, [1.0, 0.5, 2.0, 0.0][:len(CASES[_name][1][0])]))
for _name in ["Accuracy", "F1Score", "Precision", "Mean"]:
    observe(f"{_name} without data", lambda: getattr(_metrics, _name)().result())
observe("update_state returns", lambda: type(_metrics.Mean().update_state([1.0])).__name__)
observe("call returns", lambda: _metrics.Mean()([1.0, 2.0]))
observe("reset_state", lambda: _metrics.Mean().reset_state())
observe("reset_states", lambda: _metrics.Mean().reset_states())
observe("Mean of float64", lambda: _metrics.Mean()(np.array([1e-9, 1.0])))
observe("Mean dtype float64", lambda: _metrics.Mean(dtype="float64")(np.array([1e-9, 1.0])))
observe("Mean of uint8", lambda: _metrics.Mean()(np.array([250, 250], np.uint8)))
observe("Mean of NaN", lambda: _metrics.Mean()([1.0, np.nan]))
observe("Mean of strings", lambda: _metrics.Mean()(["a"]))
observe("MeanIoU beyond its classes", lambda: _metrics.MeanIoU(2)([0, 3], [0, 1]))


def _history(outputs, loss, names):
    model = tf.keras.Sequential([tf.keras.layers.InputLayer(input_shape=(2,)), tf.keras.layers.Dense(outputs)])
    model.compile("sgd", loss, metrics=names, run_eagerly=True)
    return sorted(model.fit(_predicted, _true[:, :outputs], verbose=0).history)


for _names in [["accuracy"], ["MeanSquaredError"]]:
    observe(f"history of {_names[0]}", lambda: _history(1, "mse", _names))
observe("history of an object", lambda: _history(1, "mse", [_metrics.MeanAbsoluteError(name="mine")]))
del CASES
