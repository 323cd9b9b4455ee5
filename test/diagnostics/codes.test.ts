import { CODES } from '../../lib/diagnostics';
import { renderDiagnosticsReference } from '../../lib/diagnostics/reference';

const pages = Object.entries(CODES);

describe('the registry of diagnostics', () => {
  test.each(pages)('%s has a stage, a title in lower case, and a page in whole sentences', (code, page) => {
    expect(code).toMatch(/^DR[1-5]\d{3}$/);
    expect(page.title).not.toMatch(/[.]$/);
    expect(page.title.split(' ').length).toBeLessThanOrEqual(9);
    expect(page.explain.trim()).toMatch(/[.]$/);
    expect(['error', 'warning', 'note']).toContain(page.severity);
  });

  test('no two codes have one title', () => {
    expect(new Set(pages.map(([, page]) => page.title)).size).toBe(pages.length);
  });

  test('is the reference page, each code once and in order', () => {
    const headings = [...renderDiagnosticsReference().matchAll(/^### (DR\d{4}): (.*)$/gm)].map((one) => one.slice(1));
    expect(headings).toEqual(pages.map(([code, page]) => [code, page.title]).sort());
  });
});
