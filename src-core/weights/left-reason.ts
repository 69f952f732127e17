/** Why a tensor of a file has no place in the network, in words for a person. */
import type { Layout } from './layouts';
import { withoutPrefix, type TensorIndex } from './prefix';
import type { FileTensor } from './weight-file';

export function leftReason({ name }: FileTensor, index: TensorIndex, layout: Layout): string {
  const bare = withoutPrefix(name);
  if (/(^|\.)num_batches_tracked$/.test(bare)) return 'statistics counter';
  if (/optimi[sz]er|momentum_buffer|exp_avg|lr_scheduler/i.test(name)) return 'optimiser state';
  if (/(^|\.)(priors|anchors|default_boxes)$/.test(bare)) return 'default boxes, which the studio makes itself';
  if (layout.id === 'vgg-torchvision' && bare.startsWith('classifier.')) {
    return 'fully connected layer of the picture classifier, NaN in some files';
  }
  if (index.tensors.has(bare) && name !== index.prefix + bare) return 'second copy of a weight';
  return 'not a weight of the network';
}
