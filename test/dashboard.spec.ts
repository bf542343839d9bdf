import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { configSchema, ownParts } from '../src/app.module.ts';
import { commandLine } from '../src/cli/gatehouse.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { codes } from '../src/contract/errors.ts';
import { run } from '../src/main.ts';
import { PracticeServiceNow } from '../src/practice/servicenow/servicenow.server.ts';
import { asked } from './support/promql.ts';

const read = (name: string): string => readFileSync(resolve(import.meta.dirname, '../docker', name), 'utf8');

describe('dashboard and alerts', () => {
  interface Panel {
    title: string;
    targets: { expr: string; legendFormat: string }[];
  }
  const dashboard = JSON.parse(read('grafana/dashboard.json')) as { panels: Panel[]; templating: { list: { definition?: string }[] } };
  const { groups } = parse(read('prometheus/alerts.yaml')) as {
    groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  /** By metric: its labels with the values that are there. Prometheus adds instance and job. */
  const metrics = new Map<string, Map<string, Set<string>>>([['up', new Map()]]);

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-metrics-'));
    const practising = await PracticeServiceNow.start();
    const running = await run(
      loadConfig(configSchema(ownParts), {
        file: null,
        env: {
          GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
          GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
          GATEHOUSE_JOURNAL__RESERVEBYTES: '0',
          GATEHOUSE_HTTP__PORT: '0',
          GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL: practising.url,
        },
      }),
    );
    try {
      const event = {
        specversion: '1.0',
        id: '1',
        source: '/portal',
        type: 'com.acme.service.requested.v1',
        data: { requestId: 'R1', callerId: 'ann' },
      };
      const posted = await fetch(`${running.url}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents+json' },
        body: JSON.stringify(event),
      });
      expect(posted.status).toBe(202);
      const text = await vi.waitFor(async () => {
        const scraped = await (await fetch(`${running.url}/metrics`)).text();
        expect(scraped).toContain('gatehouse_parked{system="servicenow",operation="open-incident",code="EVENT_INVALID"} 1');
        return scraped;
      }, 15_000);
      for (const line of text.split('\n')) {
        const [, metric, labels] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
        if (metric === undefined) continue;
        const known = metrics.get(metric) ?? new Map<string, Set<string>>();
        metrics.set(metric, known);
        for (const [, label, value] of (labels ?? '').matchAll(/(\w+)="([^"]*)"/g))
          known.set(label ?? '', (known.get(label ?? '') ?? new Set()).add(value ?? ''));
      }
    } finally {
      await running.stop();
      await practising.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const added = ['instance', 'job'];

  /** What an expression asks for that no scrape ever brings. */
  function missing(expression: string, shown: string): string[] {
    const { selectors, kept, grouped } = asked(expression);
    const found: string[] = selectors.length === 0 ? ['it asks for no metric'] : [];
    for (const { metric, matchers } of selectors) {
      const labels = metrics.get(metric);
      if (labels === undefined) found.push(`there is no metric ${metric}`);
      if (labels === undefined) continue;
      for (const { label, values } of matchers) {
        if (!labels.has(label) && !added.includes(label)) found.push(`${metric} has no label ${label}`);
        const known = label === 'code' ? new Set(Object.keys(codes)) : labels.get(label);
        for (const value of values) if (known !== undefined && !known.has(value)) found.push(`${metric} has no ${label} '${value}'`);
      }
      for (const label of grouped) if (!labels.has(label) && !added.includes(label)) found.push(`${metric} has no label ${label}`);
    }
    const left = kept ?? [...added, ...selectors.flatMap(({ metric }) => [...(metrics.get(metric)?.keys() ?? [])])];
    for (const [, label] of shown.matchAll(/\{\{\s*(?:\$labels\.)?([a-z]\w*)\s*\}\}/g))
      if (!left.includes(label ?? '')) found.push(`the label ${label} is not left`);
    return found;
  }

  it('every panel asks for metrics, labels and values that exist', () => {
    const targets = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })));
    expect(targets.length).toBeGreaterThan(12);
    expect(targets.flatMap(({ title, expr, legendFormat }) => missing(expr, legendFormat).map((what) => `${title}: ${what}`))).toEqual([]);
    const variables = dashboard.templating.list.flatMap(({ definition }) => [...(definition ?? '').matchAll(/^label_values\((\w+), (\w+)\)$/g)]);
    expect(variables.map(([, metric, label]) => metrics.get(metric ?? '')?.has(label ?? ''))).toEqual([true]);
  });

  it('every alert asks for metrics, labels and values that exist', () => {
    expect(rules.length).toBeGreaterThan(8);
    expect(rules.flatMap(({ alert, expr, annotations }) => missing(expr, annotations.summary).map((what) => `${alert}: ${what}`))).toEqual([]);
  });

  it.each([
    ['gatehouse_sytem_open', 'there is no metric gatehouse_sytem_open'],
    ['sum(rate(translations_total[5m]))', 'there is no metric translations_total'],
    ['gatehouse_system_open{queue="x"} == 0', 'gatehouse_system_open has no label queue'],
    ['gatehouse_system_availability{availability="broken"}', "gatehouse_system_availability has no availability 'broken'"],
    ['gatehouse_parked{code="IN_DOUPT"} > 0', "gatehouse_parked has no code 'IN_DOUPT'"],
    ['sum by (operation) (gatehouse_system_backlog)', 'gatehouse_system_backlog has no label operation'],
    ['vector(0)', 'it asks for no metric'],
  ])('a mistake in an expression is found: %s', (expression, expected) => {
    expect(missing(expression, '')).toEqual([expected]);
  });

  it('a label that is summed away is not shown', () => {
    expect(missing('sum by (system) (gatehouse_parked)', '{{ $labels.code }}')).toEqual(['the label code is not left']);
  });

  it('every alert says what to do, in commands that exist', () => {
    const { commands } = commandLine();
    const typed = rules.flatMap(({ annotations }) => [...annotations.summary.matchAll(/`gatehouse ([a-z]+)([^`]*)`/g)]);
    expect(typed.length).toBeGreaterThan(8);
    for (const [whole, name, rest] of typed) {
      const command = commands.find((each) => each.name() === name);
      expect(command, whole).toBeDefined();
      for (const [flag] of (rest ?? '').matchAll(/--[a-z-]+/g))
        expect(
          command?.options.map(({ long }) => long),
          whole,
        ).toContain(flag);
    }
    for (const { alert, annotations } of rules) expect(annotations.summary.length, alert).toBeGreaterThan(60);
  });
});
