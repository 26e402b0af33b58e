/** Whether a path that came from outside stays below the folder that it is joined to, on any system. */
export const staysBelow = (path: string): boolean =>
  path !== '' && !path.includes('\0') && !/^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)/iu.test(path);
