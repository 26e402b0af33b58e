/** @param {HTMLElement} of @param {string} name of a colour in page.css */
const colour = (of, name) => getComputedStyle(of).getPropertyValue(name).trim();

/**
 * The loss of every step, and the mean of the last fifty.
 * @param {HTMLCanvasElement} canvas
 * @param {readonly number[]} losses
 * @param {number} steps that there will be
 */
export function drawCurve(canvas, losses, steps) {
  const context = canvas.getContext('2d');
  const { width, height } = canvas;
  const [left, bottom, top] = [44, 24, 8];
  const most = Math.max(2.5, ...losses.slice(0, 50));
  // as far as there is something to see, and as much again
  const shown = Math.min(steps, Math.max(500, 2 * losses.length));
  const x = (step) => left + ((width - left - 4) * step) / shown;
  const y = (loss) => height - bottom - ((height - bottom - top) * Math.min(loss, most)) / most;
  context.clearRect(0, 0, width, height);
  context.font = '13px system-ui, sans-serif';
  context.fillStyle = colour(canvas, '--faint');
  context.strokeStyle = colour(canvas, '--faint');
  context.globalAlpha = 0.35;
  context.lineWidth = 1;
  context.beginPath();
  for (let tick = 0; tick <= most; tick += 0.5) {
    context.moveTo(left, y(tick));
    context.lineTo(width, y(tick));
  }
  context.stroke();
  context.globalAlpha = 1;
  for (let tick = 0; tick <= most; tick += 0.5) context.fillText(tick.toFixed(1), 12, y(tick) + 4);
  context.fillText(`${losses.length} of ${steps} steps`, left, height - 6);

  context.strokeStyle = colour(canvas, '--line');
  const every = Math.max(1, Math.floor(losses.length / (2 * width)));
  const line = (values, alpha, thickness) => {
    context.globalAlpha = alpha;
    context.lineWidth = thickness;
    context.beginPath();
    for (let step = 0; step < values.length; step += every) context.lineTo(x(step), y(values[step]));
    context.stroke();
  };
  line(losses, 0.3, 1);
  line(runningMeans(losses, 50), 1, 2);
  context.globalAlpha = 1;
}

function runningMeans(values, window) {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= window ? values[i - window] : 0);
    return sum / Math.min(i + 1, window);
  });
}

/**
 * Filters of one channel side by side, all on one scale.
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} weights [count, 1, side, side]
 * @param {number} side
 */
export function drawFilters(canvas, weights, side) {
  const context = canvas.getContext('2d');
  const count = weights.length / side ** 2;
  const perRow = Math.ceil(count / 2);
  const cell = Math.floor(Math.min(canvas.width / perRow, canvas.height / 2) / (side + 0.5));
  const most = weights.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-9);
  context.clearRect(0, 0, canvas.width, canvas.height);
  weights.forEach((value, i) => {
    const filter = Math.floor(i / side ** 2);
    const [row, column] = [Math.floor((i % side ** 2) / side), i % side];
    const shade = Math.round(255 * (1 - Math.abs(value) / most));
    context.fillStyle = value < 0 ? `rgb(${shade} ${shade} 255)` : `rgb(255 ${shade} ${shade})`;
    const pitch = (side + 0.5) * cell;
    context.fillRect(
      (filter % perRow) * pitch + column * cell,
      Math.floor(filter / perRow) * pitch + row * cell,
      cell,
      cell,
    );
  });
}
