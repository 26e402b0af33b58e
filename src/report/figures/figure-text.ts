/** What a figure says to those who do not see it. */
export interface FigureText {
  /** A few words, also the tooltip. */
  readonly title: string;
  /** A sentence or two with what the figure shows. */
  readonly description: string;
}
