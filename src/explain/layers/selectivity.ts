/**
 * How much a channel prefers one class: (μ_max - μ_rest) / (μ_max + μ_rest), where μ_rest is the mean of the other classes'
 * means (Morcos and others, 2018).
 * @param classMeans from 0, by class
 * @returns in [0, 1]: 0 where all classes excite it alike, or none does; 1 where only one does
 */
export function classSelectivity(classMeans: readonly number[]): number {
  if (classMeans.length < 2) return 0;
  const most = Math.max(...classMeans);
  const rest = (classMeans.reduce((sum, mean) => sum + mean, 0) - most) / (classMeans.length - 1);
  return most + rest > 0 ? (most - rest) / (most + rest) : 0;
}
