/** How a line of a figure looks in its key. */
export interface LegendEntry {
  readonly label: string;
  readonly stroke: string;
  readonly strokeOpacity: number;
  readonly dash: string;
}
