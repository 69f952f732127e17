/**
 * The receptive field blocks of RFBNet (SPEC.md 9.1 to 9.4): branches of convolutions that end in a dilated 3x3, joined by a
 * 1x1 (`ConvLinear`) and added to a shortcut. Layers carry RFBNet's names (`branchB.K.conv`, `.bn`).
 */
import type { Pair } from './description';
import type { LayerList } from './layers';
import type { Width } from './vgg';

/** RFBNet's BasicConv: convolution without bias, batch norm, and a ReLU unless it is the linear end of something. */
export interface Unit {
  readonly filters: number;
  /** 1 when absent. The padding keeps the size, dilation included, unless given. */
  readonly kernel?: number | Pair;
  readonly stride?: number;
  readonly dilation?: number;
  readonly padding?: number;
  readonly linear?: boolean;
  readonly depthwise?: boolean;
}

const MOMENTUM = 0.01;

/** Appends a unit called `name` (`name.conv`, `name.bn`); returns its output. */
export function unit(list: LayerList, name: string, input: string, spec: Unit): string {
  const kernel: Pair = typeof spec.kernel === 'object' ? spec.kernel : [spec.kernel ?? 1, spec.kernel ?? 1];
  const dilation = spec.dilation ?? 1;
  const same: Pair = [((kernel[0] - 1) / 2) * dilation, ((kernel[1] - 1) / 2) * dilation];
  const add = spec.depthwise ? list.depthwise.bind(list) : list.convolution.bind(list);
  let x = add(`${name}.conv`, input, spec.filters, {
    kernel,
    dilation,
    stride: spec.stride ?? 1,
    padding: spec.padding ?? same,
    bias: false,
    initializer: 'kaimingNormal',
  });
  x = list.batchNorm(`${name}.bn`, x, MOMENTUM);
  return spec.linear ? x : list.activation(`${name}.relu`, x);
}

/** One branch: units in order, of which the last is linear. */
export type Branch = readonly Unit[];

export interface Block {
  readonly branches: readonly Branch[];
  /** Number of the first branch in the names: 1 in RFBNet-mobile's extra block. */
  readonly firstBranch?: number;
  readonly out: number;
  readonly stride?: number;
  /** The input itself is the shortcut. */
  readonly identity?: boolean;
}

/** out = ReLU(scale · ConvLinear(branches) + shortcut); every published block has scale 1 (SPEC.md 9.1). */
export function rfbBlock(list: LayerList, name: string, input: string, block: Block): string {
  const first = block.firstBranch ?? 0;
  const ends = block.branches.map((branch, b) =>
    branch.reduce((x, spec, i) => {
      const linear = i === branch.length - 1;
      return unit(list, `${name}.branch${b + first}.${i}`, x, linear ? { ...spec, linear } : spec);
    }, input),
  );
  const joined = list.concat(`${name}.concat`, ends);
  const linear = unit(list, `${name}.ConvLinear`, joined, { filters: block.out, linear: true });
  const shortcut = block.identity
    ? input
    : unit(list, `${name}.shortcut`, input, { filters: block.out, stride: block.stride ?? 1, linear: true });
  return list.activation(`${name}.relu`, list.scaledAdd(`${name}.add`, linear, shortcut, 1));
}

const dilated = (filters: number, dilation: number, depthwise = false): Unit => ({
  filters,
  kernel: 3,
  dilation,
  depthwise,
});

/** Sizes of a block in published channels: `inputs` to `out`. */
export interface BlockSize {
  readonly inputs: number;
  readonly out: number;
  readonly stride: 1 | 2;
}

/**
 * BasicRFB on VGG (SPEC.md 9.2). `visual` is v: dilations v, v+1, 2v+1.
 * With two branches, as before 2018-08-05, the first is missing (SPEC.md 13.2).
 */
export function basicRfb({ inputs, out, stride }: BlockSize, width: Width, visual: 1 | 2, branches: 2 | 3): Block {
  const i = inputs / 8;
  const [one, half, two] = [width(i), width(1.5 * i), width(2 * i)];
  const all: Branch[] = [
    [{ filters: two, stride }, dilated(two, visual)],
    [{ filters: one }, { filters: two, kernel: 3, stride }, dilated(two, visual + 1)],
    [{ filters: one }, { filters: half, kernel: 3 }, { filters: two, kernel: 3, stride }, dilated(two, 2 * visual + 1)],
  ];
  return { branches: all.slice(3 - branches), out: width(out), stride };
}

/** BasicRFB of RFBNet-E (SPEC.md 9.4): four branches up to dilation 7; the smaller RFB_c, of 256 inputs, lacks the third. */
export function basicRfbE({ inputs, out, stride }: BlockSize, width: Width): Block {
  const i = inputs / 8;
  const [one, half, two] = [width(i), width(1.5 * i), width(2 * i)];
  const branches: Branch[] = [
    [{ filters: two, stride }, dilated(two, 1)],
    [{ filters: one }, { filters: two, kernel: 3, stride }, dilated(two, 3)],
    [{ filters: one }, { filters: half, kernel: 3 }, { filters: two, kernel: 3, stride }, dilated(two, 5)],
    [{ filters: one }, { filters: half, kernel: [1, 7] }, { filters: two, kernel: [7, 1], stride }, dilated(two, 7)],
  ];
  return { branches: inputs === 256 ? branches.filter((_, b) => b !== 2) : branches, out: width(out), stride };
}

/** RFB-s, `Norm` (SPEC.md 9.3), 512 to 512; RFBNet-mobile's has depthwise dilated convolutions and no shortcut layer. */
export function rfbSmall(width: Width, light = false): Block {
  const [quarter, half, most] = [width(64), width(96), width(128)];
  const end = (dilation: number) => dilated(most, dilation, light);
  return {
    branches: [
      [{ filters: most }, end(1)],
      [{ filters: most }, { filters: most, kernel: [3, 1] }, end(3)],
      [{ filters: most }, { filters: most, kernel: [1, 3] }, end(3)],
      [{ filters: quarter }, { filters: half, kernel: [1, 3] }, { filters: most, kernel: [3, 1] }, end(5)],
    ],
    out: width(512),
    identity: light,
  };
}

/** RFB-s of RFBNet-E: seven branches of a concatenation of conv4_3 and fc7 (SPEC.md 9.4). */
export function rfbSmallE(width: Width): Block {
  const [few, some, many] = [width(32), width(48), width(64)];
  const first = { filters: many };
  const across = { filters: many, kernel: [1, 3] } as const;
  const down = { filters: many, kernel: [3, 1] } as const;
  return {
    branches: [
      [first, dilated(many, 1)],
      [first, down, dilated(many, 3)],
      [first, across, dilated(many, 3)],
      [first, down, dilated(many, 5)],
      [first, across, dilated(many, 5)],
      [{ filters: few }, { ...across, filters: some }, down, dilated(many, 7)],
      [{ filters: few }, { ...down, filters: some }, across, dilated(many, 7)],
    ],
    out: width(512),
  };
}

/** RFBNet-mobile's extra block, 1024 to 512 with stride 2: branches 1 and 2, each with a depthwise dilated end. */
export function rfbMobile(): Block {
  return {
    branches: [
      [
        { filters: 128 },
        { filters: 192, kernel: [1, 3] },
        { filters: 192, kernel: [3, 1], stride: 2 },
        dilated(192, 3, true),
      ],
      [{ filters: 128 }, { filters: 192, kernel: 3 }, { filters: 192, kernel: 3, stride: 2 }, dilated(192, 5, true)],
    ],
    firstBranch: 1,
    out: 512,
    stride: 2,
  };
}
