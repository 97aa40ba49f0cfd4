"""From a data frame to a confusion matrix: the cultivar of a wine, from thirteen measurements of its chemistry.

python examples/wine.py
"""

from sklearn.datasets import load_wine

from nn import MLP, Adam, confusion_matrix, fit, predict, standardize, train_test_split

wine = load_wine(as_frame=True)
inputs, test_inputs, targets, test_targets = train_test_split(wine.data, wine.target, seed=0, stratify=wine.target)
inputs, test_inputs = standardize(inputs, test_inputs)

model = MLP(13, [16, 3], seed=0)
optimizer = Adam(model.parameters(), lr=0.01)
fit(model, inputs, targets, loss="cross_entropy", optimizer=optimizer, epochs=40, validation=0.2, seed=0)

matrix = confusion_matrix(test_targets, predict(model, test_inputs), names=wine.target_names)
print(matrix)
