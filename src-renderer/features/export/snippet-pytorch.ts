/** The Python lines that load an exported state dict where its names come from. */
import type { NetworkDescription } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { WrittenLayout } from '@core/weights/export-names';

export interface PyTorchFacts {
  readonly fileName: string;
  readonly names: WrittenLayout;
  readonly network: NetworkDescription;
  readonly defaultBoxes: DefaultBoxConfiguration;
}

export function pytorchSnippet(facts: PyTorchFacts): string {
  const { fileName, names, network } = facts;
  const { imports, model, boxes = [] } = SOURCES[names](facts);
  return [
    `# pip install torch${names === 'torchvision' ? ' torchvision' : ''}`,
    'import torch',
    ...imports,
    '',
    `weights = torch.load(${JSON.stringify(fileName)}, weights_only=True)`,
    ...(model === null
      ? ['for name, weight in weights.items():', '    print(name, tuple(weight.shape))']
      : [
          `model = ${model}  # ${network.classes - 1} classes and background, which is class 0`,
          ...boxes,
          'model.load_state_dict(weights)  # strict: every name must match',
          'model.eval()',
        ]),
    '',
  ].join('\n');
}

interface Source {
  readonly imports: readonly string[];
  /** The expression that builds it; null where there is nobody's code to build it with. */
  readonly model: string | null;
  readonly boxes?: readonly string[];
}

const SOURCES: Readonly<Record<WrittenLayout, (facts: PyTorchFacts) => Source>> = {
  studio: () => ({ imports: [], model: null }),
  torchvision: (facts) => {
    const build = facts.network.architecture === 'ssd300' ? 'ssd300_vgg16' : 'ssdlite320_mobilenet_v3_large';
    return {
      imports: [
        `from torchvision.models.detection import ${build}`,
        'from torchvision.models.detection.anchor_utils import DefaultBoxGenerator',
      ],
      model: `${build}(weights=None, weights_backbone=None, num_classes=${facts.network.classes})`,
      boxes: torchvisionBoxes(facts),
    };
  },
  amdegroot: ({ network: { input, classes } }) => ({
    imports: ['from ssd import build_ssd  # amdegroot/ssd.pytorch'],
    model: `build_ssd("train", ${input.width}, ${classes})`,
  }),
  lufficc: () => ({
    imports: ['from ssd.config import cfg  # lufficc/SSD', 'from ssd.modeling.detector import build_detection_model'],
    model: 'build_detection_model(cfg)',
  }),
  rfbnet: ({ network: { architecture, input, classes } }) => {
    const kind = architecture === 'rfbnet-mobile' ? 'mobile' : architecture.endsWith('-e') ? 'E_vgg' : 'vgg';
    return {
      imports: [`from models.RFB_Net_${kind} import build_net  # ruinmessi/RFBNet`],
      model: `build_net("train", ${input.width}, ${classes})`,
    };
  },
  ultralight: ({ network: { architecture, input, classes } }) => {
    const [file, build] = architecture.startsWith('rfb')
      ? ['mb_tiny_RFB_fd', 'create_Mb_Tiny_RFB_fd']
      : ['mb_tiny_fd', 'create_mb_tiny_fd'];
    return {
      imports: [
        'from vision.ssd.config.fd_config import define_img_size  # Ultra-Light-Fast-Generic-Face-Detector-1MB',
        `define_img_size(${input.width})`,
        `from vision.ssd.${file} import ${build}`,
      ],
      model: `${build}(${classes})`,
    };
  },
};

/**
 * torchvision gives each source one scale, and the next source's for the box between: that says what min and max say only where
 * each max is the next min.
 */
function torchvisionBoxes({ network: { input }, defaultBoxes }: PyTorchFacts): string[] {
  const { sources, clip, offset, extraBoxLast = false } = defaultBoxes;
  const chained = sources.every(
    ({ minSizes, maxSizes }, i) =>
      minSizes.length === 1 &&
      maxSizes.length === 1 &&
      (i === sources.length - 1 || maxSizes[0] === sources[i + 1].minSizes[0]),
  );
  if (!chained || extraBoxLast || clip === 'all' || offset !== 0.5 || input.width !== input.height) {
    return ["# DefaultBoxGenerator cannot make this run's default boxes: take them from a safetensors export"];
  }
  const last = sources[sources.length - 1];
  const scales = [...sources.map(({ minSizes }) => minSizes[0]), last.maxSizes[0]].map((size) => size / input.width);
  const steps = sources.flatMap(({ step }) => (step && step[0] === step[1] ? [step[0]] : []));
  return [
    `model.anchor_generator = DefaultBoxGenerator([${sources.map(({ aspectRatios }) => `[${aspectRatios.join(', ')}]`).join(', ')}],`,
    `    scales=[${scales.map((scale) => Number(scale.toPrecision(9))).join(', ')}],`,
    `    steps=${steps.length === sources.length ? `[${steps.join(', ')}]` : 'None'}, clip=${clip === 'size' ? 'True' : 'False'})`,
  ];
}
