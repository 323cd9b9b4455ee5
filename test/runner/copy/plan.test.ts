import fc from 'fast-check';
import { chainOf, sortHistory } from '../../../lib/runner/chain';
import { planCopy } from '../../../lib/runner/copy/plan';
import type { StoredManifest } from '../../../lib/runner/manifest';
import { DAY, START, manifestOf } from '../manifests';

interface Draft {
  readonly retention: number;
  readonly full: boolean;
  readonly back: number;
  readonly where: 'source' | 'published' | 'there' | 'nowhere';
}

const drafts = fc.array(
  fc.record<Draft>({
    retention: fc.integer({ min: 1, max: 20 }),
    full: fc.boolean(),
    back: fc.nat(3),
    where: fc.constantFrom('source', 'source', 'source', 'published', 'there', 'nowhere'),
  }),
  { minLength: 1, maxLength: 25 },
);

test('whatever lies where: parents first, only what sources vouch for, and every point is restorable or said', () => {
  fc.assert(
    fc.property(drafts, fc.integer({ min: 0, max: 25 }), (list, later) => {
      const made: StoredManifest[] = [];
      list.forEach(({ full, back, retention }, day) => {
        const parent = made[made.length - 1 - back];
        made.push(
          full || !parent ? manifestOf(day, 'full', retention) : manifestOf(day, 'incremental', retention, parent),
        );
      });
      const in_ = (...where: Draft['where'][]) => sortHistory(made.filter((_, at) => where.includes(list[at]!.where)));
      const now = new Date(START + (made.length + later) * DAY);
      const isThere = (one: StoredManifest) => in_('there').includes(one);
      const [verified, published] = [in_('source'), in_('published', 'there')];
      const { todo, broken } = planCopy({ verified, published, isThere, now });

      expect(new Set(todo).size).toBe(todo.length);
      for (const [at, one] of todo.entries()) {
        expect(verified).toContain(one);
        expect(isThere(one)).toBe(false);
        const { parent } = one.manifest;
        const before = [...in_('there'), ...todo.slice(0, at)].map(({ sha256 }) => sha256);
        expect(parent === null || before.includes(parent.sha256)).toBe(true);
      }
      const after = sortHistory([...in_('there'), ...todo]);
      for (const point of verified) {
        if (Date.parse(point.manifest.expiresAt) <= now.getTime()) continue;
        expect(chainOf(after, point) !== undefined).toBe(!broken.includes(point));
      }
      // Nothing that is over is copied for its own sake.
      const needed = verified
        .filter((one) => Date.parse(one.manifest.expiresAt) > now.getTime())
        .flatMap((one) => chainOf(after, one)?.members ?? []);
      for (const one of todo) expect(needed).toContain(one);
    }),
    { numRuns: 300 },
  );
});
