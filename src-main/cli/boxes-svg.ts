/** Boxes as an SVG layer that a page lays over a picture. */
import { escapeMarkup, type DrawnBox } from '../images/draw-boxes';

/** Boxes as an SVG layer of the picture's size: lines with a dark halo, labels above the boxes. */
export function boxesAsSvg(width: number, height: number, boxes: readonly DrawnBox[]): string {
  const line = Math.max(1.5, Math.max(width, height) / 400);
  const font = Math.max(9, Math.max(width, height) / 36);
  const shapes = boxes.map(({ box, label, color, dashed }) => {
    const at = `x="${box.x1.toFixed(1)}" y="${box.y1.toFixed(1)}" width="${(box.x2 - box.x1).toFixed(1)}" height="${(box.y2 - box.y1).toFixed(1)}"`;
    const dash = dashed ? ` stroke-dasharray="${line * 3} ${line * 2}"` : '';
    const textY = box.y1 > font * 1.3 ? box.y1 - font * 0.3 : box.y1 + font;
    return (
      `<rect ${at} stroke="#000" stroke-opacity=".55" stroke-width="${line * 2}"/><rect ${at} stroke="${color}" stroke-width="${line}"${dash}/>` +
      `<text x="${(box.x1 + line).toFixed(1)}" y="${textY.toFixed(1)}" fill="${color}" stroke="#000" stroke-width="${font / 6}" stroke-opacity=".8" paint-order="stroke">${escapeMarkup(label)}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" fill="none" font-family="sans-serif" font-size="${font}" font-weight="600">${shapes.join('')}</svg>`;
}
