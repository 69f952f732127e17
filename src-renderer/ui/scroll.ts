/** Scrolls a row sideways, and nothing around it, until this child of it is whole in view. */
export function bringIntoRow(row: HTMLElement, child: HTMLElement | undefined): void {
  if (!child) return;
  const [outer, inner] = [row.getBoundingClientRect(), child.getBoundingClientRect()];
  if (inner.left < outer.left) row.scrollLeft -= outer.left - inner.left;
  else if (inner.right > outer.right) row.scrollLeft += inner.right - outer.right;
}
