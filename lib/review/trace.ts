import { isUnder } from '../diagnostics';
import type { Diagnostic } from '../diagnostics';
import { positionAt } from '../diagnostics';
import type { Span } from '../diagnostics';
import { nodesOf } from '../plan';
import type { PlanNode, ProtectionPlan } from '../plan';
import { reasonFor } from './reason';
import type { TemplateResource } from './template-node';

/** What a leaf of the spec became. */
export interface Becomes {
  readonly kind: 'resource' | 'task' | 'check' | 'report' | 'document';
  readonly cloud: string;
  readonly stack: string;
  readonly id: string;
}

export interface TracedLeaf {
  readonly path: string;
  readonly file: string;
  readonly line: number;
  readonly value: string | number | boolean;
  readonly becomes: readonly Becomes[];
  /** Why it became nothing; empty where it became something. */
  readonly reason: string;
}

export interface LeafInput {
  readonly path: string;
  readonly span: Span;
  readonly value: string | number | boolean;
}

export interface TraceInput {
  readonly leaves: readonly LeafInput[];
  readonly plan: ProtectionPlan;
  readonly diagnostics: readonly Diagnostic[];
  readonly resources: readonly TemplateResource[];
  /** Paths of blocks that are switched off. */
  readonly disabled: readonly string[];
}

export interface Trace {
  readonly leaves: readonly TracedLeaf[];
  /** Nodes of the plan that no template and no manifest carries: bugs of this program, shown rather than hidden. */
  readonly lost: readonly string[];
}

/**
 * Joins the plan's nodes with what the templates and manifests really hold. Nothing here is written by hand: a leaf
 * became what the nodes with the nearest path to it are found in.
 */
export function traceOf(input: TraceInput): Trace {
  const places = placesOf(input);
  const nodes = nodesOf(input.plan);
  const leaves = input.leaves.map((leaf): TracedLeaf => {
    const off = input.disabled.find((path) => isUnder(leaf.path, path));
    const built = off === undefined ? nearestNodes(nodes, leaf.path).flatMap((node) => places.get(node.id) ?? []) : [];
    const checks = input.diagnostics.filter((one) => one.path === leaf.path).map((one) => checkOf(one));
    const becomes = unique([...built, ...checks]);
    return {
      path: leaf.path,
      file: leaf.span.file.name,
      line: positionAt(leaf.span.file, leaf.span.start).line,
      value: leaf.value,
      becomes,
      reason: becomes.length > 0 ? '' : reasonFor(leaf.path, off),
    };
  });
  return { leaves, lost: nodes.filter((node) => !places.has(node.id)).map((node) => node.id) };
}

function placesOf({ plan, resources }: TraceInput): ReadonlyMap<string, readonly Becomes[]> {
  const places = new Map<string, Becomes[]>();
  const add = (node: string, place: Becomes) => places.set(node, [...(places.get(node) ?? []), place]);
  for (const { nodes, cloud, stack, id } of resources) {
    for (const node of nodes) add(node, { kind: 'resource', cloud, stack, id });
  }
  for (const task of plan.tasks) {
    const place: Becomes = { kind: 'task', cloud: task.cloud, stack: '', id: `tasks/${task.name}.json` };
    for (const node of [
      task,
      task.window,
      task.validation,
      ...(task.local ? [task.local] : []),
      ...task.runs,
      ...task.stores,
      ...task.copies,
    ]) {
      add(node.id, place);
    }
  }
  for (const copy of plan.copies) {
    add(copy.id, {
      kind: 'task',
      cloud: copy.destination.split('.')[0] ?? '',
      stack: '',
      id: `copies.json#${copy.id}`,
    });
  }
  return places;
}

/** The nodes that come from the path itself or from the nearest block around it. */
function nearestNodes(nodes: readonly PlanNode[], path: string): readonly PlanNode[] {
  let longest = -1;
  let nearest: PlanNode[] = [];
  for (const node of nodes) {
    for (const from of node.from) {
      if (!isUnder(path, from) || from.length < longest) continue;
      if (from.length > longest) nearest = [];
      longest = from.length;
      if (nearest[nearest.length - 1] !== node) nearest.push(node);
    }
  }
  return nearest;
}

function checkOf(one: Diagnostic): Becomes {
  return { kind: 'check', cloud: '', stack: '', id: one.code };
}

function unique(places: readonly Becomes[]): readonly Becomes[] {
  return [...new Map(places.map((one) => [JSON.stringify(one), one])).values()];
}
