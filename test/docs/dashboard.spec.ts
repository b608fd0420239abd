import { readFileSync } from 'node:fs';
import { chapter, codeIn, page, root, tableRows } from './support/pages.js';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(readFileSync(`${root}docs/operations/grafana-dashboard.json`, 'utf8')) as {
  readonly panels: readonly Panel[];
};
const code = readFileSync(`${root}src/enforcement/startup/session-metrics.ts`, 'utf8');
const metrics = [...code.matchAll(/'(session_timeout\.[\w.]+)'/g)].map((match) => match[1] as string);

/** The name that Prometheus knows a metric by: with its unit, and with `total` if it is a counter. */
const prometheusName = (metric: string) =>
  metric.replaceAll('.', '_') + (metric.endsWith('.duration') ? '_seconds' : '_total');

test('the page about operations has all metrics', () => {
  const rows = tableRows(chapter(page('docs/operations.md'), 'Metrics'));
  const listed = rows.map(([name]) => codeIn(name)).filter((name) => name?.startsWith('session_timeout.'));
  expect(listed.toSorted()).toEqual(metrics.toSorted());
});

test('the dashboard shows all metrics, and only those', () => {
  const asked = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join(' ');
  const names = [...asked.matchAll(/session_timeout_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, ''));
  expect([...new Set(names)].toSorted()).toEqual(metrics.map(prometheusName).toSorted());
});

test('each panel of the dashboard has a number of its own', () => {
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});
