import * as z from 'zod';
import { collectedUrl, groupNumber, subsetCount } from '../../pipeline/definition/schema.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf, type Route, routeFor } from '../route.ts';
import { nameParam, timestamp } from '../schemas.ts';

const route = routeFor<ApiDeps>();
const params = z.object({ name: nameParam });
const collectorState = z.enum(['active', 'paused']);
const every = z.int().min(1).max(86_400).meta({ description: 'Seconds between two batches of the source' });

const change = z
  .strictObject({
    url: collectedUrl.optional().meta({ description: 'Asked with `?group_number=` of `group`' }),
    every: every.optional(),
    subsets: subsetCount
      .optional()
      .meta({ description: 'Subsets that make a round, from the next one stored on' }),
    group: groupNumber.optional(),
    state: collectorState.optional(),
    restart: z.boolean().optional().meta({
      description: 'The source begins anew: its batch numbers no longer stand for what was collected',
    }),
  })
  .refine((body) => Object.keys(body).length > 0, 'name at least one setting')
  .meta({ minProperties: 1 });

const subset = z.object({
  round: z.number().int(),
  pass: z.number().int(),
  batch: z.string(),
  key: z.string(),
  sha256: z.string(),
  rows: z.number().int(),
  storedAt: timestamp,
});

const round = z.object({
  round: z.number().int(),
  state: z.enum(['closed', 'incomplete']),
  reason: z.string().optional(),
  subsets: z.number().int(),
  rows: z.number().int(),
  openedAt: timestamp,
  closedAt: timestamp,
  runId: z.string().optional().meta({ description: 'The run that the round started' }),
});

const report = z
  .object({
    pipeline: z.string(),
    settings: z.object({
      url: z.string().optional(),
      every,
      subsets: z.number().int(),
      group: z.number().int(),
      state: collectorState,
    }),
    open: z.object({
      round: z.number().int(),
      stored: z.number().int(),
      rows: z.number().int(),
      openedAt: timestamp.optional(),
      subsets: z.array(subset),
    }),
    exhausted: z.boolean().meta({ description: 'The source had no more data when it was last asked' }),
    pass: z.number().int(),
    counts: z.object({
      polls: z.number().int(),
      outcomes: z.record(z.string(), z.number()),
      last: z.object({ at: timestamp, outcome: z.string(), detail: z.string().optional() }).optional(),
    }),
    nextPoll: timestamp.optional().meta({
      description: 'When the source is asked next; a time that is past: it is due',
    }),
    noNextPoll: z.string().optional().meta({ description: 'Why it is not asked' }),
    rounds: z.array(round).meta({ description: 'Ended rounds, newest first, 20 at most' }),
  })
  .meta({ id: 'Collector' });

const poll = z
  .object({
    pipeline: z.string(),
    outcome: z.string(),
    detail: z.string().optional(),
    batch: z.string().optional(),
    started: z.array(z.string()).meta({ description: 'Runs that this poll started, or made sure of' }),
    state: z.object({
      round: z.number().int(),
      pass: z.number().int(),
      stored: z.number().int(),
      rows: z.number().int(),
      exhausted: z.boolean(),
      openedAt: timestamp.optional(),
      lastClosed: z.number().int().optional(),
    }),
  })
  .meta({ id: 'Poll' });

export const collectorRoutes: Route<ApiDeps>[] = [
  route({
    id: 'getCollector',
    method: 'GET',
    path: '/pipelines/{name}/collector',
    permission: 'read',
    fn: 'api',
    tag: 'collector',
    summary: 'What the collector of a pipeline is set to, and how far it is',
    request: { params },
    responses: { 200: { description: 'The collector', schema: report } },
    handle: async (context) => ({
      body: await context.deps.control.collector(callerOf(context), context.params.name),
    }),
  }),
  route({
    id: 'setCollector',
    method: 'PUT',
    path: '/pipelines/{name}/collector',
    permission: 'operate',
    fn: 'api',
    tag: 'collector',
    summary: 'Change what a collector asks, how often and for how much; what is not named stays',
    request: { params, body: change },
    responses: { 200: { description: 'The collector as it is now', schema: report } },
    handle: async (context) => ({
      body: await context.deps.control.setCollector(callerOf(context), context.params.name, context.body),
    }),
  }),
  route({
    id: 'pollCollector',
    method: 'POST',
    path: '/pipelines/{name}/collector/poll',
    permission: 'operate',
    fn: 'api',
    tag: 'collector',
    summary: 'Ask the source now, once, as the schedule does',
    request: { params },
    responses: { 200: { description: 'What came of it', schema: poll } },
    handle: async (context) => ({
      body: await context.deps.control.pollCollector(callerOf(context), context.params.name),
    }),
  }),
];
