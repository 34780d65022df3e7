/** Source lines that a traceback of pytest's short form passes through, innermost first, without the test's own file and installed packages. */
export function sourcePlaces(detail: string, testFile: string): { path: string; line: number }[] {
  const frames = [...detail.matchAll(/^([\w./-]{1,300}\.py):(\d{1,7}): in /gm)].map((match) => ({
    path: match[1] ?? '',
    line: Number(match[2]),
  }));
  return frames
    .filter(({ path }) => path !== testFile && !path.startsWith('/') && !path.startsWith('..') && !path.includes('site-packages/'))
    .reverse();
}
