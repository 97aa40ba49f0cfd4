"""What is looked for in `nn`, as PyTorch has it, and what to write instead."""

from typing import Final

OF_NN: Final = {
    "Linear": 'write Layer(nin, nout, "identity"), whose activation is that of the layer',
    **dict.fromkeys(
        ("ReLU", "Tanh", "Sigmoid", "ELU", "GELU", "SiLU", "Softplus", "LeakyReLU", "Identity"),
        'an activation belongs to its layer: Layer(2, 3, "relu")',
    ),
    **dict.fromkeys(
        ("Softmax", "LogSoftmax"), 'leave it out, and train with loss="cross_entropy", which has the softmax in it'
    ),
    "CrossEntropyLoss": "write cross_entropy(output, target), of one sample",
    "MSELoss": "write mse(output, target), of one sample",
    "L1Loss": "write mae(output, target), of one sample",
    **dict.fromkeys(("HuberLoss", "SmoothL1Loss"), "write huber(output, target), of one sample"),
    "BCELoss": "write binary_cross_entropy(output, target), of one sample",
    "BCEWithLogitsLoss": "write binary_cross_entropy_with_logits(output, target), of one sample",
    **dict.fromkeys(("ModuleList", "ModuleDict", "ParameterList", "ParameterDict"), "write a list, or a dictionary"),
    "functional": "losses are here, as cross_entropy, and the functions of numbers in autograd_lite",
    "init": 'the weights begin as MLP(2, [3, 1], init="he_normal") says',
    "utils": "its functions are here: clip_grad_norm, clip_grad_value",
    "optim": "the optimizers are here: SGD, Adam, AdamW, RMSprop",
    "clip_grad_norm_": "write clip_grad_norm(parameters, max_norm)",
    "clip_grad_value_": "write clip_grad_value(parameters, max_value)",
    **dict.fromkeys(("BatchNorm1d", "RMSNorm"), "there is LayerNorm(size), and for inputs Standardizer(inputs)"),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), "write its step, and autograd_lite.scan(step, state, xs)"),
    **dict.fromkeys(("Conv1d", "Conv2d", "MaxPool2d", "Flatten"), "written out of autograd_lite.dot, max and lists"),
    "DataLoader": "fit(model, inputs, targets, batch_size=32) makes the batches",
    "Dense": "write Layer(nin, nout, activation)",
}
