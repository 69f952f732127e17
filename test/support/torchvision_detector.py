"""One of torchvision's detectors with generated weights: standard input {model, classes, seed, batch}, standard output JSON.

Weights and input come from names as shared/golden/README.md says. Written: offsets and class scores in brief, the default
boxes in pixels, the number of parameters, and the multiply-adds of the convolutions for one picture.
"""

import json
import sys

import numpy as np
import torch
import torchvision
from golden_random import golden
from torchvision.models.detection.image_list import ImageList


def tensor(name, shape, low, high, seed):
    return torch.from_numpy(golden(name, shape, low, high, seed).astype(np.float32))


def limits(name, parameter, batch_norms):
    if parameter.dim() == 4:
        limit = (6 / parameter[0].numel()) ** 0.5
        return -limit, limit
    if name == 'backbone.scale_weight':
        return 19, 21
    if name.endswith('running_mean'):
        return -0.1, 0.1
    if name.endswith('running_var'):
        return 0.8, 1.2
    if name.rsplit('.', 1)[0] in batch_norms and name.endswith('weight'):
        return 0.9, 1.1
    return -0.05, 0.05


def brief(values):
    flat = values.detach().double().flatten()
    picks = np.unique(golden('picks', (64,), 0, flat.numel()).astype(np.int64))
    return {
        'shape': list(values.shape),
        'sum': flat.sum().item(),
        'absSum': flat.abs().sum().item(),
        'samples': [[int(i), flat[i].item()] for i in picks],
    }


def main():
    asked = json.load(sys.stdin)
    seed = asked['seed']
    build = getattr(torchvision.models.detection, asked['model'])
    model = build(weights=None, weights_backbone=None, num_classes=asked['classes']).eval()
    batch_norms = {name for name, module in model.named_modules() if isinstance(module, torch.nn.BatchNorm2d)}
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if not name.endswith('num_batches_tracked'):
                value.copy_(tensor(name, tuple(value.shape), *limits(name, value, batch_norms), seed))

    multiply_adds = 0

    def count(module, _, output):
        nonlocal multiply_adds
        multiply_adds += output[0].numel() * module.weight[0].numel()

    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(count)

    width, height = model.transform.fixed_size
    shape = [asked['batch'], 3, height, width]
    pictures = tensor('input', shape, -1, 1, seed)
    with torch.no_grad():
        features = list(model.backbone(pictures).values())
        heads = model.head(features)
        boxes = model.anchor_generator(ImageList(pictures, [(height, width)] * asked['batch']), features)[0]
    json.dump(
        {
            'seed': seed,
            'model': asked['model'],
            'version': torchvision.__version__,
            'input': {'name': 'input', 'shape': shape, 'range': [-1, 1]},
            'loc': brief(heads['bbox_regression']),
            'conf': brief(heads['cls_logits']),
            'boxesPixelsCorner': brief(boxes),
            'parameters': sum(p.numel() for p in model.parameters()),
            'multiplyAdds': multiply_adds,
        },
        sys.stdout,
    )


main()
