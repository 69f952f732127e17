/** Selection without sorting. */

/**
 * The k-th largest of the first `count` numbers, k from 1: Hoare's selection in Wirth's form, linear on average. Puts the numbers
 * into another order.
 */
export function kthLargest(values: Float64Array, count: number, k: number): number {
  const wanted = count - k;
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = values[wanted];
    let i = low;
    let j = high;
    do {
      while (values[i] < pivot) i++;
      while (pivot < values[j]) j--;
      if (i <= j) {
        const value = values[i];
        values[i++] = values[j];
        values[j--] = value;
      }
    } while (i <= j);
    if (j < wanted) low = i;
    if (wanted < i) high = j;
  }
  return values[wanted];
}
