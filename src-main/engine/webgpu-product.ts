/**
 * A matrix product C[row, column] = sum over k of A[row, k] · B[k, column] whose operands are read through given code: with the
 * right code a convolution or one of its gradients (implicit GEMM). Workgroups of 256 threads make a tile of C each, four rows
 * by four columns a thread, from tiles of A and B in workgroup memory. Where C alone gives a GPU too little to do, k is cut
 * into slices whose products are added afterwards.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type ProgramInputs, runInGroups, runPerNumber, type Uniforms } from './webgpu-program';

/** How an operand is read. */
export interface Operand {
  /** Which of its two axes has neighbours in memory: loads go along it, four numbers at once. */
  readonly along: 'k' | 'outer';
  /** 4 where four neighbours are always an aligned vec4, which its input must then be. */
  readonly width: 1 | 4;
  /** WGSL: `fn prepareX(outer: i32) -> vec4<i32>`, done once for a row of A or a column of B, and `fn loadX(prepared, outer: i32, k: i32)`, X being A or B. */
  readonly code: string;
}

export interface Product {
  readonly key: string;
  readonly inputs: ProgramInputs;
  readonly uniforms: Uniforms;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly a: Operand;
  readonly b: Operand;
}

interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Of k. */
  readonly depth: number;
}

const THREADS = 256;
/** Workgroups that keep a large GPU busy. */
const ENOUGH_GROUPS = 512;
const MOST_GROUPS_PER_AXIS = 32768;

/** Of shape [rows, columns]. */
export function runProduct<T extends Tensor>(product: Product): T {
  const { rows, columns, depth } = product;
  const tile = tileFor(columns);
  const [down, across] = [Math.ceil(rows / tile.rows), Math.ceil(columns / tile.columns)];
  const wanted = Math.max(1, Math.min(Math.ceil(ENOUGH_GROUPS / (down * across)), Math.ceil(depth / 256)));
  const slice = Math.ceil(depth / wanted / tile.depth) * tile.depth;
  const slices = Math.ceil(depth / slice);
  const folds = Math.ceil(down / MOST_GROUPS_PER_AXIS);
  const parts = runInGroups({
    key: `product ${product.key} ${tile.rows}x${tile.columns} ${product.a.width}${product.b.width}`,
    inputs: product.inputs,
    output: [slices, rows, columns],
    uniforms: {
      ...product.uniforms,
      extent: { vec4: [rows, columns, depth, slice] },
      folding: { vec4: [folds, slice / tile.depth, 0, 0] },
    },
    groups: [across, Math.ceil(down / folds), folds * slices],
    code: codeOf(product, tile),
  });
  const result = slices === 1 ? tf.reshape(parts, [rows, columns]) : sumOverFirst(parts, [rows, columns]);
  parts.dispose();
  return result as T;
}

/** [parts, ...shape] summed over the parts. */
export function sumOverFirst<T extends Tensor>(x: Tensor, shape: readonly number[]): T {
  return runPerNumber<T>({
    key: 'sum over first',
    inputs: { x },
    output: shape,
    uniforms: { parts: { i32: x.shape[0] } },
    prepare: `var total = 0.0;
      for (var part = 0; part < uniforms.parts; part++) { total += x[part * uniforms.size + index]; }`,
    value: 'total',
  });
}

/** Few columns: the threads that they leave take more rows. */
function tileFor(columns: number): Tile {
  if (columns <= 16) return { rows: 256, columns: 16, depth: 8 };
  if (columns <= 32) return { rows: 128, columns: 32, depth: 16 };
  return { rows: 64, columns: 64, depth: 16 };
}

function codeOf({ a, b }: Product, tile: Tile): string {
  const across = tile.columns / 4;
  const loadA = loadCode('A', a, tile.rows, tile.depth);
  const loadB = loadCode('B', b, tile.columns, tile.depth);
  const four = [0, 1, 2, 3];
  return `
    var<private> last: i32;
    var<workgroup> tileA: array<f32, ${tile.rows * tile.depth}>;
    var<workgroup> tileB: array<f32, ${tile.columns * tile.depth}>;
    ${a.code}
    ${b.code}
    fn main() {
      let thread = i32(localIndex);
      let group = vec3<i32>(workgroupId);
      let folds = uniforms.folding.x;
      let firstA = (group.y + (group.z % folds) * i32(numWorkgroups.y)) * ${tile.rows};
      let firstB = group.x * ${tile.columns};
      let slice = group.z / folds;
      let start = slice * uniforms.extent.w;
      last = min(uniforms.extent.z, start + uniforms.extent.w);
      let row = (thread / ${across}) * 4;
      let column = (thread % ${across}) * 4;
      ${loadA.prepare}
      ${loadB.prepare}
      ${four.map((i) => `var sum${i} = vec4<f32>(0.0);`).join('\n')}
      for (var step = 0; step < uniforms.folding.y; step++) {
        let k0 = start + step * ${tile.depth};
        ${loadA.load}
        ${loadB.load}
        workgroupBarrier();
        for (var k = 0; k < ${tile.depth}; k++) {
          let atB = k * ${tile.columns} + column;
          let right = vec4<f32>(${four.map((i) => `tileB[atB + ${i}]`).join(', ')});
          let atA = k * ${tile.rows} + row;
          ${four.map((i) => `sum${i} += tileA[atA + ${i}] * right;`).join('\n')}
        }
        workgroupBarrier();
      }
      let outputRow = firstA + row;
      let outputColumn = firstB + column;
      ${four
        .map(
          (i) => `if (outputRow + ${i} < uniforms.extent.x) {
            let at = (slice * uniforms.extent.x + outputRow + ${i}) * uniforms.extent.y + outputColumn;
            ${four
              .map((j) => `if (outputColumn + ${j} < uniforms.extent.y) { result[at + ${j}] = sum${i}[${j}]; }`)
              .join('\n')}
          }`,
        )
        .join('\n')}
    }`;
}

/** Groups of four neighbours are dealt to the threads in turn; a thread's place along the outer axis stays the same all the way. */
function loadCode(name: 'A' | 'B', { along, width }: Operand, outer: number, depth: number) {
  const groups = (outer * depth) / 4;
  const limit = name === 'A' ? 'uniforms.extent.x' : 'uniforms.extent.y';
  const prepare: string[] = [];
  const load: string[] = [];
  for (let round = 0; round * THREADS < groups; round++) {
    const id = `${name}${round}`;
    const perLine = (along === 'k' ? depth : outer) / 4;
    prepare.push(`
      let group${id} = thread + ${round * THREADS};
      let line${id} = group${id} / ${perLine};
      let place${id} = (group${id} % ${perLine}) * 4;`);
    const active = groups >= (round + 1) * THREADS ? '' : `if (group${id} < ${groups}) `;
    const statements: string[] = [];
    if (along === 'k') {
      prepare.push(`let outer${id} = first${name} + line${id};`, prepared(id, 'p', `outer${id}`));
      const target = (e: number) => `tile${name}[(place${id} + ${e}) * ${outer} + line${id}]`;
      const call = (k: string) => `load${name}(p${id}, outer${id}, ${k})`;
      if (width === 4) {
        statements.push(`var values = vec4<f32>(0.0);
          if (outer${id} < ${limit} && k0 + place${id} < last) { values = ${call(`k0 + place${id}`)}; }`);
        for (let e = 0; e < 4; e++) statements.push(`${target(e)} = values[${e}];`);
      } else {
        for (let e = 0; e < 4; e++) {
          statements.push(`{ var value = 0.0;
            if (outer${id} < ${limit} && k0 + place${id} + ${e} < last) { value = ${call(`k0 + place${id} + ${e}`)}; }
            ${target(e)} = value; }`);
        }
      }
    } else {
      prepare.push(`let outer${id} = first${name} + place${id};`);
      const target = (e: number) => `tile${name}[line${id} * ${outer} + place${id} + ${e}]`;
      const k = `k0 + line${id}`;
      if (width === 4) {
        prepare.push(prepared(id, 'p', `outer${id}`));
        statements.push(`var values = vec4<f32>(0.0);
          if (outer${id} < ${limit} && ${k} < last) { values = load${name}(p${id}, outer${id}, ${k}); }`);
        for (let e = 0; e < 4; e++) statements.push(`${target(e)} = values[${e}];`);
      } else {
        for (let e = 0; e < 4; e++) {
          prepare.push(prepared(id, `p${e}`, `outer${id} + ${e}`));
          statements.push(`{ var value = 0.0;
            if (outer${id} + ${e} < ${limit} && ${k} < last) { value = load${name}(p${e}${id}, outer${id} + ${e}, ${k}); }
            ${target(e)} = value; }`);
        }
      }
    }
    load.push(`${active}{ ${statements.join('\n')} }`);
  }
  return { prepare: prepare.join('\n'), load: load.join('\n') };

  function prepared(id: string, variable: string, place: string): string {
    return `let ${variable}${id} = prepare${name}(${place});`;
  }
}
