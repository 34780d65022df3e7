/** Whether a test's id is this one, or this one with parameters. Never a whole class or file: a model names what is superseded or cited. */
export function isCovered(id: string, by: string): boolean {
  return by.includes('::') && (id === by || id.startsWith(`${by}[`));
}

export function isCoveredByAny(id: string, tests: readonly string[]): boolean {
  return tests.some((by) => isCovered(id, by));
}

/** `tests/test_x.py` of `tests/test_x.py::test_y[a::b]`. */
export function fileOfTest(id: string): string {
  const end = id.indexOf('::');
  return end < 0 ? id : id.slice(0, end);
}
