"""What is looked for in `nn`, as PyTorch has it, and what to write instead."""

from typing import Final

from autograd_lite.basics.elsewhere import NO_DEVICE

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
    "one_hot": "write datasets.one_hot(labels, classes)",
    "DataLoader": "fit(model, inputs, targets, batch_size=32) makes the batches",
    "Dense": "write Layer(nin, nout, activation)",
}

# What is looked for in a model, and in an optimizer.
OF_MODULE: Final = {
    **dict.fromkeys(("to", "cpu", "cuda", "half", "float", "double", "device"), NO_DEVICE),
    **dict.fromkeys(("buffers", "named_buffers", "register_buffer"), "an attribute that is no Value is kept, and not trained"),
    **dict.fromkeys(("add_module", "register_module", "register_parameter"), "write self.w = Parameter(0.5): it is found"),
    **dict.fromkeys(("summary", "count_params"), "write print(model)"),
    **dict.fromkeys(("weights", "get_weights", "trainable_variables"), "write model.state_dict(), or model.parameters()"),
    **dict.fromkeys(("save_weights", "load_weights"), "write save(model, path), and load(path)"),
    **dict.fromkeys(("score", "evaluate"), "write evaluate(model, inputs, targets, loss)"),
    "apply": "write for part in model.modules():",
    "children": "write model.named_children()",
    "compile": "fit compiles its steps by itself, and outputs what it computes",
    "fit": "write fit(model, inputs, targets)",
    "predict": "write predict(model, inputs), or outputs(model, inputs)",
    "save": "write save(model, path)",
}
OF_OPTIMIZER: Final = {
    "add_param_group": 'write SGD([{"params": a, "lr": 0.01}, {"params": b}], lr=0.1), which has all groups at once',
    "apply_gradients": "write optimizer.step()",
    "defaults": "they are its .settings",
    "learning_rate": "it is .lr",
    "minimize": "write loss.backward(), and optimizer.step()",
    "state": "it is in .buffers, and all of it in .state_dict()",
}
