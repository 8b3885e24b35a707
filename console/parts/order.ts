/** What a table is ordered by: a column's id, and which way. */
export interface Order {
  by: string;
  descending: boolean;
}
