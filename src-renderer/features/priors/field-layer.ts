/** The receptive field of a cell on the picture: what it can see, what it mostly uses, and what each branch sees. */
import type { Size } from '@core/geometry/convert';
import { type BranchField, branchFields } from '@core/network/branch-fields';
import { type ReceptiveField, receptiveFields } from '@core/network/cost';
import type { NetworkDescription } from '@core/network/description';
import { type EffectiveField, effectiveFields } from '@core/network/effective-field';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { type Layer, strokeBox, tagsLayer } from '../../canvas/draw';
import { boxToScreen } from '../../canvas/viewport';
import type { Cell } from './grid';

/** Of one source. */
export interface SourceField {
  readonly theoretical: ReceptiveField;
  readonly effective: EffectiveField;
  /** Of its receptive field block; empty without. */
  readonly branches: readonly BranchField[];
}

export function sourceFields(description: NetworkDescription): readonly SourceField[] {
  const effective = effectiveFields(description);
  const branches = branchFields(description);
  return receptiveFields(description).map((theoretical, k) => ({
    theoretical,
    effective: effective[k],
    branches: branches[k],
  }));
}

export const THEORETICAL = '#ffffff';
export const EFFECTIVE = '#7ee7ff';
const BRANCHES = ['#ffd166', '#f79ac0', '#b8e986', '#c3a6ff', '#ffb38a', '#8fd3ff', '#e8e36b'];

export const branchColour = (branch: number): string => BRANCHES[branch % BRANCHES.length];

/** "3×1, 3×3 dilation 5: 188 × 188 px". */
export function branchLabel({ kernels, field }: BranchField): string {
  const parts = kernels.map(
    ({ width, height, dilation }) => `${width}×${height}${dilation > 1 ? ` dilation ${dilation}` : ''}`,
  );
  return `${parts.join(', ')}: ${field.width} × ${field.height} px`;
}

/** The extent of two standard deviations to each side, within which 95 % of an axis' influence lies. */
export const effectiveSide = ({ sigmaX, sigmaY }: EffectiveField): string =>
  `${Math.round(4 * sigmaX)} × ${Math.round(4 * sigmaY)} px`;

/** @param input of the network: the fields are in its pixels */
export function fieldLayer(
  { theoretical, effective, branches }: SourceField,
  { row, column }: Cell,
  input: Size,
  image: Size,
): Layer {
  const centre = {
    x: effective.startX + column * effective.strideX,
    y: effective.startY + row * effective.strideY,
  };
  const around = (width: number, height: number): CornerBox<ImagePx> => ({
    x1: ((centre.x - width / 2) / input.width) * image.width,
    y1: ((centre.y - height / 2) / input.height) * image.height,
    x2: ((centre.x + width / 2) / input.width) * image.width,
    y2: ((centre.y + height / 2) / input.height) * image.height,
  });
  const whole = around(theoretical.width, theoretical.height);
  const used = around(4 * effective.sigmaX, 4 * effective.sigmaY);
  const own = branches.map((branch, b) => ({
    box: around(branch.field.width, branch.field.height),
    colour: branchColour(b),
    label: `Branch ${b + 1}`,
  }));
  const tags = tagsLayer([
    { box: used, colour: EFFECTIVE, label: 'Effective' },
    { box: whole, colour: THEORETICAL, label: 'Sees at most' },
    ...own,
  ]);
  return (context, view, size) => {
    const { x1, y1, x2, y2 } = boxToScreen(view, used);
    const [radiusX, radiusY] = [(x2 - x1) / 2, (y2 - y1) / 2];
    context.save();
    context.translate((x1 + x2) / 2, (y1 + y2) / 2);
    context.scale(radiusX, radiusY);
    // exp(-r^2 / 2 sigma^2), with the radius of two sigmas as 1, drawn to three.
    const shade = context.createRadialGradient(0, 0, 0, 0, 0, 1.5);
    for (let stop = 0; stop <= 1; stop += 0.1) {
      const opacity = 0.5 * Math.exp(-0.5 * (3 * stop) ** 2);
      shade.addColorStop(stop, `rgba(126, 231, 255, ${opacity.toFixed(3)})`);
    }
    context.fillStyle = shade;
    context.fillRect(-1.5, -1.5, 3, 3);
    context.restore();
    context.beginPath();
    context.ellipse((x1 + x2) / 2, (y1 + y2) / 2, radiusX, radiusY, 0, 0, 2 * Math.PI);
    context.strokeStyle = 'rgba(0, 0, 0, 0.6)';
    context.lineWidth = 3.5;
    context.stroke();
    context.strokeStyle = EFFECTIVE;
    context.lineWidth = 1.5;
    context.stroke();
    for (const { box, colour } of own) strokeBox(context, boxToScreen(view, box), colour, { width: 1 });
    strokeBox(context, boxToScreen(view, whole), THEORETICAL, { dashed: true });
    tags(context, view, size);
  };
}
