/**
 * Our parameter names in the spellings of other projects (SPEC.md 13). Ours are amdegroot's for SSD, RFBNet's for RFB Net,
 * torchvision's for SSDlite and Ultra-Light's for RFB-320 and its kin, so that those need no map.
 */
import type { TensorTransform } from './transforms';

/** A name in a file, and what its values go through. */
export interface Spelling {
  readonly name: string;
  readonly transform: TensorTransform;
}

const copy = (...names: readonly string[]): Spelling[] => names.map((name) => ({ name, transform: 'copy' }));

export const ownNames = (parameter: string): Spelling[] => copy(parameter);

/** `vgg.24.bias` as its part, number and suffix; null for what is not so named. */
function ssdParameter(parameter: string) {
  if (parameter === 'L2Norm.weight') return { part: 'L2Norm', index: 0, suffix: 'weight' } as const;
  const found = /^(vgg|extras|loc|conf)\.(\d+)\.(weight|bias)$/.exec(parameter);
  if (!found) return null;
  return { part: found[1] as 'vgg' | 'extras' | 'loc' | 'conf', index: Number(found[2]), suffix: found[3] };
}

/** torchvision's places of the layers that follow conv4_3 in one sequence of its own. */
const TORCHVISION_LATE: Readonly<Record<number, string>> = {
  24: '0.1',
  26: '0.3',
  28: '0.5',
  31: '0.7.1',
  33: '0.7.3',
};

export function torchvisionNames(parameter: string): Spelling[] {
  const named = ssdParameter(parameter);
  // SSDlite, whose names are torchvision's already.
  if (!named) return copy(parameter);
  const { part, index, suffix } = named;
  switch (part) {
    case 'L2Norm':
      return copy('backbone.scale_weight');
    case 'vgg':
      return copy(
        index in TORCHVISION_LATE
          ? `backbone.extra.${TORCHVISION_LATE[index]}.${suffix}`
          : `backbone.features.${index}.${suffix}`,
      );
    case 'extras':
      return copy(`backbone.extra.${Math.floor(index / 2) + 1}.${2 * (index % 2)}.${suffix}`);
    case 'loc':
      return copy(`head.regression_head.module_list.${index}.${suffix}`);
    case 'conf':
      return copy(`head.classification_head.module_list.${index}.${suffix}`);
  }
}

export function lufficcNames(parameter: string): Spelling[] {
  const named = ssdParameter(parameter);
  if (!named) return [];
  const { part, index, suffix } = named;
  switch (part) {
    case 'L2Norm':
      return copy('backbone.l2_norm.weight');
    case 'vgg':
    case 'extras':
      return copy(`backbone.${part}.${index}.${suffix}`);
    case 'loc':
      return copy(`box_head.predictor.reg_headers.${index}.${suffix}`);
    case 'conf':
      return copy(`box_head.predictor.cls_headers.${index}.${suffix}`);
  }
}

/** Today's spelling first, then those of version 2's first releases and of version 1. */
export function mmdetectionNames(parameter: string): Spelling[] {
  const named = ssdParameter(parameter);
  if (!named) return [];
  const { part, index, suffix } = named;
  switch (part) {
    case 'L2Norm':
      return copy('neck.l2_norm.weight', 'backbone.l2_norm.weight', 'bbox_head.l2_norm.weight');
    case 'vgg':
      return copy(`backbone.features.${index}.${suffix}`);
    case 'extras':
      return copy(
        `neck.extra_layers.${Math.floor(index / 2)}.${index % 2}.conv.${suffix}`,
        `backbone.extra.${index}.${suffix}`,
      );
    case 'loc':
      return copy(`bbox_head.reg_convs.${index}.0.${suffix}`, `bbox_head.reg_convs.${index}.${suffix}`);
    case 'conf':
      return copy(`bbox_head.cls_convs.${index}.0.${suffix}`, `bbox_head.cls_convs.${index}.${suffix}`);
  }
}

/** Index and suffix of a layer of the VGG base: `vgg.N` in SSD, `base.N` in RFB Net. */
function baseParameter(parameter: string) {
  const found = /^(?:vgg|base)\.(\d+)\.(weight|bias)$/.exec(parameter);
  return found && { index: Number(found[1]), suffix: found[2] };
}

export function vggReducedNames(parameter: string): Spelling[] {
  const named = baseParameter(parameter);
  return named ? copy(`${named.index}.${named.suffix}`) : [];
}

/** Convolutions as they stand; fc6 and fc7 only by decimation of the fully connected layers (SPEC.md 1.5). */
export function vggFeatureNames(parameter: string): Spelling[] {
  const named = baseParameter(parameter);
  if (!named) return [];
  const { index, suffix } = named;
  if (index === 31) {
    return [{ name: `classifier.0.${suffix}`, transform: suffix === 'bias' ? 'decimateBias' : 'decimateFc6' }];
  }
  if (index === 33) {
    return [{ name: `classifier.3.${suffix}`, transform: suffix === 'bias' ? 'decimateBias' : 'decimateFc7' }];
  }
  return copy(`features.${index}.${suffix}`);
}
