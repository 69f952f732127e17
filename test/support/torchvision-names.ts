/** Our parameter names of SSD300, which are amdegroot's, in torchvision's (SPEC.md 13.2): written apart from src-core/weights. */
export function torchvisionName(name: string): string {
  const [, layer, suffix] = /^(.*)\.(weight|bias)$/.exec(name)!;
  if (layer === 'L2Norm') return 'backbone.scale_weight';
  const [kind, index] = layer.split('.');
  const n = Number(index);
  const late: Record<number, string> = { 24: '0.1', 26: '0.3', 28: '0.5', 31: '0.7.1', 33: '0.7.3' };
  const place =
    kind === 'vgg'
      ? n <= 21
        ? `backbone.features.${n}`
        : `backbone.extra.${late[n]}`
      : kind === 'extras'
        ? `backbone.extra.${Math.floor(n / 2) + 1}.${2 * (n % 2)}`
        : `head.${kind === 'loc' ? 'regression' : 'classification'}_head.module_list.${n}`;
  return `${place}.${suffix}`;
}
