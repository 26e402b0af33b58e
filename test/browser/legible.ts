import type { Colour, MeasuredPage, MeasuredText } from './measure.js';

/** Texts that are too faint to read, by WCAG 2.2 (1.4.3): a ratio of 4.5, and of 3 for large text. */
export const faint = ({ texts }: MeasuredPage): string[] => [
  ...new Set(
    texts.flatMap((text) => {
      const ratio = contrastOf(text);
      return ratio < (isLarge(text) ? 3 : 4.5)
        ? [`${text.name}: “${text.text}” has a contrast of ${ratio.toFixed(2)}`]
        : [];
    }),
  ),
];

/** Texts that are too small to read. */
export const tiny = ({ texts }: MeasuredPage): string[] =>
  texts.flatMap(({ name, text, fontSize }) =>
    fontSize < smallest ? [`${name}: “${text}” is ${fontSize.toFixed(1)} px high`] : [],
  );

const smallest = 8;

/** 24 pixels, bold 18.66. */
const isLarge = ({ fontSize, bold }: MeasuredText): boolean => fontSize >= (bold ? 18.66 : 24);

/** From 1, the same, to 21, black on white. */
export function contrastOf({ colour, under }: Pick<MeasuredText, 'colour' | 'under'>): number {
  const ground = under.reduce(over, [255, 255, 255, 1]);
  const [light, dark] = [luminance(ground), luminance(over(ground, colour))].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** A colour, as much as it covers, on another that covers all. */
const over = (ground: Colour, [red, green, blue, opacity]: Colour): Colour => {
  const mix = (top: number, below: number) => top * opacity + below * (1 - opacity);
  return [mix(red, ground[0]), mix(green, ground[1]), mix(blue, ground[2]), 1];
};

function luminance([red, green, blue]: Colour): number {
  const linear = (value: number) =>
    value <= 0.04045 * 255 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
