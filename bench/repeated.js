/** A tensor so many times, along a first axis. */
export function repeated({ dtype, shape, data }, times) {
  const all = new data.constructor(times * data.length);
  for (let i = 0; i < times; i++) all.set(data, i * data.length);
  return { dtype, shape: [times, ...shape], data: all };
}
