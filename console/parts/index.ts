/** The pieces that pages are put together from. */
export { Badge, DataBadge, Status, type Tone } from './badge.tsx';
export { Button } from './button.tsx';
export { type BarItem, Bars } from './charts/bars.tsx';
export { Heatmap } from './charts/heatmap.tsx';
export { type Bin, Histogram } from './charts/histogram.tsx';
export { LineChart } from './charts/line-chart.tsx';
export type { Series } from './charts/series.ts';
export { Confirm, Dialog } from './dialog.tsx';
export { Field } from './field.tsx';
export { Graph, type GraphNode } from './graph.tsx';
export { Link } from './link.tsx';
export type { Order } from './order.ts';
export { Progress } from './progress.tsx';
export { Empty, ErrorBox, Load, NoPermission, Skeleton } from './states.tsx';
export { type Column, Table } from './table.tsx';
export { type Tab, Tabs } from './tabs.tsx';
export { Time } from './time.tsx';
export { toast, toastError } from './toast.tsx';
